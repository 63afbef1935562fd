import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { embedMany, generateText, isStepCount, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
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

const openai = createOpenAI({ apiKey, baseURL: `${origin}/v1` });
const anthropic = createAnthropic({ apiKey, baseURL: `${origin}/v1` });
const tools = {
  get_weather: tool({
    description: 'Tells the weather',
    inputSchema: jsonSchema(weatherSchema),
    execute: async () => WEATHER,
  }),
};
const surfaces = { responses: openai(model), chat: openai.chat(model), messages: anthropic(model) };
const stopWhen = (isStepCount ?? stepCountIs)(3);

const features = Object.entries(surfaces).flatMap(([name, language]) => [
  [
    `${name} text`,
    async () =>
      expectText((await generateText({ model: language, prompt: 'Say hello.', maxRetries: 0 })).text),
  ],
  [
    `${name} stream`,
    async () => {
      const streamed = streamText({ model: language, prompt: 'Say hello.', maxRetries: 0 });
      let text = '';
      for await (const piece of streamed.textStream) text += piece;
      expectText(text);
    },
  ],
  [
    `${name} tools`,
    async () => {
      const ran = await generateText({
        model: language,
        prompt: WEATHER_QUESTION,
        tools,
        stopWhen,
        maxRetries: 0,
      });
      expectWeather(ran.text);
    },
  ],
  [
    `${name} structured`,
    async () => {
      const output = Output.object({ schema: jsonSchema(weatherSchema) });
      const ran = await generateText({ model: language, prompt: 'A city.', output, maxRetries: 0 });
      expect('city' in ran.output, 'not of the schema');
    },
  ],
]);
features.push([
  'embeddings',
  async () => {
    const model = openai.embeddingModel?.(embeddingModel) ?? openai.textEmbeddingModel(embeddingModel);
    const { embeddings } = await embedMany({ model, values: ['one', 'two'], maxRetries: 0 });
    expect(embeddings.length === 2, 'not two vectors');
    for (const vector of embeddings) expectVector(vector);
  },
]);
await report(Object.fromEntries(features));
