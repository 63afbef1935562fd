import Anthropic, { toFile } from '@anthropic-ai/sdk';
import {
  apiKey,
  expect,
  expectText,
  expectWeather,
  model,
  origin,
  report,
  WEATHER,
  WEATHER_QUESTION,
  weatherSchema,
} from './report.mjs';

const client = new Anthropic({ apiKey, baseURL: origin, maxRetries: 0 });
const common = { model, max_tokens: 1_000 };
const messages = [{ role: 'user', content: 'Say hello.' }];
const textOf = ({ content }) => content.map((block) => (block.type === 'text' ? block.text : '')).join('');

await report({
  async text() {
    const answer = await client.messages.create({ ...common, messages });
    expectText(textOf(answer));
    expect(answer.usage.input_tokens > 0, 'no usage');
  },
  async stream() {
    const answer = await client.messages.stream({ ...common, messages }).finalMessage();
    expectText(textOf(answer));
    expect(answer.usage.input_tokens > 0, 'no usage');
  },
  async tools() {
    const tools = [{ name: 'get_weather', description: 'Tells the weather', input_schema: weatherSchema }];
    const question = { role: 'user', content: WEATHER_QUESTION };
    const called = await client.messages.create({ ...common, messages: [question], tools });
    const { id } = called.content.find(({ type }) => type === 'tool_use');
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: WEATHER }] };
    const turns = [question, { role: 'assistant', content: called.content }, result];
    expectWeather(textOf(await client.messages.create({ ...common, messages: turns, tools })));
  },
  async 'count tokens'() {
    const { input_tokens } = await client.messages.countTokens({ model, messages });
    expect(input_tokens > 0, 'no count');
  },
  async files() {
    const file = await toFile(Buffer.from('The word is giraffe.'), 'word.txt');
    const { id } = await client.beta.files.upload({ file });
    const content = [
      { type: 'text', text: 'What is the word?' },
      { type: 'document', source: { type: 'file', file_id: id } },
    ];
    const answer = await client.beta.messages.create({ ...common, messages: [{ role: 'user', content }] });
    expect(textOf(answer).includes('giraffe'), 'the file was not read');
    expect((await client.beta.files.delete(id)).id === id, 'not deleted');
  },
  async models() {
    const names = [];
    for await (const { id } of client.models.list()) names.push(id);
    expect(names.includes(model), `the model is not listed: ${names}`);
  },
});
