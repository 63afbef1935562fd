import OpenAI, { toFile } from 'openai';
import {
  apiKey,
  embeddingModel,
  expect,
  expectText,
  expectVector,
  expectWeather,
  model,
  origin,
  report,
  WEATHER,
  WEATHER_QUESTION,
  weatherSchema,
} from './report.mjs';

const client = new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 });
const messages = [{ role: 'user', content: 'Say hello.' }];
const weather = {
  name: 'get_weather',
  description: 'Tells the weather',
  parameters: weatherSchema,
  strict: true,
};

await report({
  async text() {
    const answer = await client.chat.completions.create({ model, messages });
    expectText(answer.choices[0].message.content);
    expect(answer.usage.total_tokens > 0, 'no usage');
  },
  async stream() {
    const stream = client.chat.completions.stream({
      model,
      messages,
      stream_options: { include_usage: true },
    });
    expectText((await stream.finalMessage()).content);
    expect((await stream.totalUsage()).total_tokens > 0, 'no usage');
  },
  async tools() {
    const runner = client.chat.completions.runTools({
      model,
      messages: [{ role: 'user', content: WEATHER_QUESTION }],
      tools: [{ type: 'function', function: { ...weather, parse: JSON.parse, function: () => WEATHER } }],
    });
    expectWeather(await runner.finalContent());
  },
  async structured() {
    const schema = { ...weatherSchema, properties: { city: { type: 'string' } } };
    const answer = await client.chat.completions.create({
      model,
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
    });
    expect('city' in JSON.parse(answer.choices[0].message.content), 'not of the schema');
  },
  async responses() {
    const answer = await client.responses.create({ model, input: 'Say hello.' });
    expectText(answer.output_text);
  },
  async 'responses stream'() {
    const stream = client.responses.stream({ model, input: 'Say hello.' });
    expectText((await stream.finalResponse()).output_text);
  },
  async embeddings() {
    const { data } = await client.embeddings.create({ model: embeddingModel, input: ['one', 'two'] });
    expect(data.length === 2, 'not two vectors');
    for (const { embedding } of data) expectVector(embedding);
  },
  async files() {
    const file = await toFile(Buffer.from('The word is giraffe.'), 'word.txt');
    const { id } = await client.files.create({ file, purpose: 'user_data' });
    const content = [
      { type: 'text', text: 'What is the word?' },
      { type: 'file', file: { file_id: id } },
    ];
    const answer = await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    expect(answer.choices[0].message.content.includes('giraffe'), 'the file was not read');
    expect((await client.files.delete(id)).deleted, 'not deleted');
  },
  async models() {
    const names = [];
    for await (const { id } of client.models.list()) names.push(id);
    expect(names.includes(model), `the model is not listed: ${names}`);
  },
});
