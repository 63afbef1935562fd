import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents';
import {
  apiKey,
  expectText,
  expectWeather,
  model,
  origin,
  report,
  WEATHER,
  WEATHER_QUESTION,
  weatherSchema,
} from './report.mjs';

setTracingDisabled(true);
const runners = Object.fromEntries(
  [true, false].map((useResponses) => [
    useResponses ? 'responses' : 'chat',
    new Runner({ modelProvider: new OpenAIProvider({ apiKey, baseURL: `${origin}/v1`, useResponses }) }),
  ]),
);
const weather = tool({
  name: 'get_weather',
  description: 'Tells the weather',
  parameters: weatherSchema,
  strict: true,
  execute: async () => WEATHER,
});
const agent = new Agent({ name: 'Guide', instructions: 'Be brief.', model, tools: [weather] });

const features = Object.entries(runners).flatMap(([name, runner]) => [
  [`${name} text`, async () => expectText((await runner.run(agent, 'Say hello.')).finalOutput)],
  [`${name} tools`, async () => expectWeather((await runner.run(agent, WEATHER_QUESTION)).finalOutput)],
  [
    `${name} stream`,
    async () => {
      const streamed = await runner.run(agent, WEATHER_QUESTION, { stream: true });
      for await (const _ of streamed);
      expectWeather(streamed.finalOutput);
    },
  ],
]);
await report(Object.fromEntries(features));
