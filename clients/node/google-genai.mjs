import { GoogleGenAI } from '@google/genai';
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
} from './report.mjs';

const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: origin } });
const declaration = {
  name: 'get_weather',
  description: 'Tells the weather',
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

await report({
  async text() {
    const answer = await client.models.generateContent({ model, contents: 'Say hello.' });
    expectText(answer.text);
    expect(answer.usageMetadata.totalTokenCount > 0, 'no usage');
  },
  async stream() {
    let text = '';
    for await (const piece of await client.models.generateContentStream({ model, contents: 'Say hello.' }))
      text += piece.text ?? '';
    expectText(text);
  },
  async tools() {
    const config = { tools: [{ functionDeclarations: [declaration] }] };
    const contents = [{ role: 'user', parts: [{ text: WEATHER_QUESTION }] }];
    const called = await client.models.generateContent({ model, contents, config });
    const [{ id, name }] = called.functionCalls;
    const result = { functionResponse: { id, name, response: { output: WEATHER } } };
    contents.push(called.candidates[0].content, { role: 'user', parts: [result] });
    expectWeather((await client.models.generateContent({ model, contents, config })).text);
  },
  async embeddings() {
    const answer = await client.models.embedContent({ model: embeddingModel, contents: ['one', 'two'] });
    expect(answer.embeddings.length === 2, 'not two vectors');
    for (const { values } of answer.embeddings) expectVector(values);
  },
  async 'count tokens'() {
    expect((await client.models.countTokens({ model, contents: 'Say hello.' })).totalTokens > 0, 'no count');
  },
});
