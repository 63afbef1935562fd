import { ChatAnthropic } from '@langchain/anthropic';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
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

const configuration = { baseURL: `${origin}/v1` };
const surfaces = {
  chat: new ChatOpenAI({ model, apiKey, configuration, maxRetries: 0 }),
  responses: new ChatOpenAI({ model, apiKey, configuration, maxRetries: 0, useResponsesApi: true }),
  messages: new ChatAnthropic({ model, apiKey, anthropicApiUrl: origin, maxRetries: 0, maxTokens: 1_000 }),
};
const weather = tool(() => WEATHER, {
  name: 'get_weather',
  description: 'Tells the weather',
  schema: weatherSchema,
});

const features = Object.entries(surfaces).flatMap(([name, chat]) => [
  [`${name} text`, async () => expectText((await chat.invoke('Say hello.')).text)],
  [
    `${name} stream`,
    async () => {
      let whole;
      for await (const piece of await chat.stream('Say hello.'))
        whole = whole === undefined ? piece : whole.concat(piece);
      expectText(whole.text);
      expect(whole.usage_metadata.input_tokens > 0, 'no input tokens');
    },
  ],
  [
    `${name} tools`,
    async () => {
      const bound = chat.bindTools([weather]);
      const turns = [new HumanMessage(WEATHER_QUESTION)];
      const called = await bound.invoke(turns);
      const [call] = called.tool_calls;
      turns.push(called, new ToolMessage({ content: WEATHER, tool_call_id: call.id, name: call.name }));
      expectWeather((await bound.invoke(turns)).text);
    },
  ],
  [
    `${name} structured`,
    async () => {
      const place = await chat.withStructuredOutput({ title: 'place', ...weatherSchema }).invoke('A city.');
      expect('city' in place, 'not of the schema');
    },
  ],
]);
features.push([
  'embeddings',
  async () => {
    const embeddings = new OpenAIEmbeddings({ model: embeddingModel, apiKey, configuration, maxRetries: 0 });
    for (const vector of await embeddings.embedDocuments(['one', 'two'])) expectVector(vector);
  },
]);
await report(Object.fromEntries(features));
