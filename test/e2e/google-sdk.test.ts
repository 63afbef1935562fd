import {
  FunctionCallingMode,
  type FunctionDeclarationsTool,
  type GenerateContentResponse,
  GoogleGenerativeAI,
  type ModelParams,
  type RequestOptions,
  SchemaType,
} from '@google/generative-ai';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { governAcme } from '../support/catalog.ts';
import { type Client, eventually, registerSomebody, setBalance } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { request } from '../support/http.ts';
import { expectOneEffect } from '../support/one-effect.ts';

/** Google's Gemini API with the official SDK, unchanged, configured by a tenant's address and a key only, and as its REST examples ask. */

const stack = inject('stack');
const HOST = 'acme.localhost';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const MODELS = ['gpt-5.4-mini', 'claude-haiku-4-5', 'gemini-3.5-flash-lite'];

let acme: Awaited<ReturnType<typeof governAcme>>;
let user: Client;
let key: string;

const options: RequestOptions = { baseUrl: `http://${HOST}:${stack.port}` };
const modelOf = (params: ModelParams, apiKey = key) =>
  new GoogleGenerativeAI(apiKey).getGenerativeModel(params, options);

beforeAll(async () => {
  // The SDK takes no `fetch` of its own.
  vi.stubGlobal('fetch', hostFetch);
  acme = await governAcme(stack);
  user = await registerSomebody(stack.port, HOST);
  await setBalance(acme.admin, user, 5_000_000);
  key = (await user.post('/api/api-keys', { name: 'sdk', scopes: ['executions:write', 'models:read'] })).body
    .secret;
});
afterAll(() => vi.unstubAllGlobals());

const weather: FunctionDeclarationsTool = {
  functionDeclarations: [
    {
      name: 'get_weather',
      description: 'Tells the weather of a city',
      parameters: {
        type: SchemaType.OBJECT,
        properties: { city: { type: SchemaType.STRING } },
        required: ['city'],
      },
    },
  ],
};
const toolConfig = { functionCallingConfig: { mode: FunctionCallingMode.ANY } };

const balance = async () => (await user.get('/api/wallet')).body.available;

describe.each(MODELS)('on %s', (name) => {
  const prompt = 'Say hello to the edge.';

  it('an answer has text, an end and usage, and is charged', async () => {
    const before = await balance();
    const model = modelOf({ model: name, systemInstruction: 'Be brief.' });
    const { response } = await model.generateContent(prompt);
    expect(response.text()).toMatch(/\w/);
    expect(response.candidates?.[0]).toMatchObject({ finishReason: 'STOP', content: { role: 'model' } });
    const { promptTokenCount = 0, candidatesTokenCount = 0, totalTokenCount } = response.usageMetadata ?? {};
    expect(promptTokenCount).toBeGreaterThan(0);
    expect(totalTokenCount).toBeGreaterThanOrEqual(promptTokenCount + candidatesTokenCount);
    expect(await balance()).toBeLessThan(before);
  });

  it('a stream is the same answer in pieces, with the usage at its end', async () => {
    const model = modelOf({ model: name });
    const { stream, response } = await model.generateContentStream(prompt);
    const pieces: GenerateContentResponse[] = [];
    let text = '';
    for await (const piece of stream) {
      pieces.push(piece);
      text += piece.text();
    }
    expect(pieces.length).toBeGreaterThan(1);
    expect(text).toBe((await model.generateContent(prompt)).response.text());
    expect((await response).usageMetadata?.totalTokenCount).toBeGreaterThan(0);
  });

  it('a chat calls a function and goes on with its result', async () => {
    const chat = modelOf({ model: name, tools: [weather] }).startChat({ toolConfig });
    const asked = await chat.sendMessage('get_weather in Oslo');
    const [call] = asked.response.functionCalls() ?? [];
    expect(call).toMatchObject({ name: 'get_weather', args: expect.any(Object) });
    const result = [{ functionResponse: { name: 'get_weather', response: { weather: 'Rain' } } }];
    const history = await chat.getHistory();
    const going = modelOf({ model: name, tools: [weather] }).startChat({ history });
    expect((await going.sendMessage(result)).response.text()).toMatch(/\w/);
  });

  it('an image is read, and an input is counted without a charge', async () => {
    const model = modelOf({ model: name });
    const parts = ['What is this?', { inlineData: { mimeType: 'image/png', data: PNG } }];
    expect((await model.generateContent(parts)).response.text()).toMatch(/\w/);
    const before = await balance();
    const { totalTokens } = await model.countTokens('Hello, how are you today?');
    expect(totalTokens).toBeGreaterThan(0);
    expect(totalTokens).toBeLessThan(60);
    expect(await balance()).toBe(before);
  });
});

it('an answer has the form of a schema', async () => {
  const responseSchema = {
    type: SchemaType.OBJECT as const,
    properties: { name: { type: SchemaType.STRING as const }, people: { type: SchemaType.INTEGER as const } },
    required: ['name', 'people'],
  };
  const generationConfig = { responseMimeType: 'application/json', responseSchema };
  const model = modelOf({ model: 'gpt-5.4-mini', generationConfig });
  const { name, people } = JSON.parse((await model.generateContent('Tell me of a city.')).response.text());
  expect([typeof name, typeof people]).toEqual(['string', 'number']);
});

const post = (path: string, body: object, headers: Record<string, string> = { 'x-goog-api-key': key }) =>
  request(stack.port, HOST, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const hello = { contents: [{ parts: [{ text: 'Hello' }] }] };

describe('without an SDK', () => {
  it('a stream without `alt=sse` is one JSON array', async () => {
    const answer = await post('/v1beta/models/auto:streamGenerateContent', hello);
    expect([answer.status, answer.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('application/json'),
    ]);
    const pieces: GenerateContentResponse[] = JSON.parse(answer.text);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
  });

  it('the key can be in the query, as in the examples of the API', async () => {
    const path = '/v1beta/models/auto:generateContent';
    expect((await post(`${path}?key=${key}`, hello, {})).status).toBe(200);
    expect((await post(`${path}?key=${key}x`, hello, {})).status).toBe(401);
    expect((await post(path, hello, {})).status).toBe(401);
    const elsewhere = await request(stack.port, HOST, `/v1/models?key=${key}`);
    expect(elsewhere.status).toBe(401);
  });

  it('models are listed and found by their name, with slashes and as an alias', async () => {
    const get = async (path: string) => {
      const answer = await request(stack.port, HOST, path, { headers: { 'x-goog-api-key': key } });
      return { status: answer.status, body: JSON.parse(answer.text) };
    };
    const { body } = await get('/v1beta/models?pageSize=50');
    expect(body.models.map(({ name }: { name: string }) => name)).toContain('models/auto');
    expect(await get('/v1beta/models/auto')).toMatchObject({
      status: 200,
      body: { name: 'models/auto', supportedGenerationMethods: ['generateContent', 'countTokens'] },
    });
    expect(await get('/v1beta/models/no-such-model')).toMatchObject({
      status: 404,
      body: { error: { code: 404, status: 'NOT_FOUND' } },
    });
  });

  it.each(['text-embedding-3-small', 'gemini-embedding-001'])(
    'embeds texts by %s, and charges the input',
    async (model) => {
      const before = await balance();
      const embedder = modelOf({ model });
      const { embedding } = await embedder.embedContent('One text');
      const { embeddings } = await embedder.batchEmbedContents({
        requests: ['One text', 'Another one'].map((text) => ({
          content: { role: 'user', parts: [{ text }] },
        })),
      });
      expect(embeddings).toHaveLength(2);
      expect(embeddings[0]?.values).toEqual(embedding.values);
      expect(embedding.values.length).toBeGreaterThan(100);
      expect(await balance()).toBeLessThan(before);
    },
  );

  it('refuses texts with different options in one batch, and models that do not embed, by name', async () => {
    const before = await balance();
    const content = { parts: [{ text: 'One text' }] };
    const requests = [{ content }, { content, outputDimensionality: 100 }];
    const mixed = await post('/v1beta/models/gemini-embedding-001:batchEmbedContents', { requests });
    expect([mixed.status, mixed.text]).toEqual([
      400,
      expect.stringContaining('requests.1.outputDimensionality'),
    ]);
    const chat = await post('/v1beta/models/gemini-3.5-flash-lite:embedContent', { content });
    expect([chat.status, JSON.parse(chat.text).error.status]).toEqual([400, 'INVALID_ARGUMENT']);
    expect(await balance()).toBe(before);
  });

  it.each([
    ['tools.0.googleSearch', { ...hello, tools: [{ google_search: {} }] }],
    ['contents', { contents: [] }],
    ['contents.0.parts.0.functionResponse', { contents: [{ parts: [{ functionResponse: { name: 'f' } }] }] }],
    ['generationConfig.maxOutputTokens', { ...hello, generationConfig: { maxOutputTokens: 900_000 } }],
  ])('what is not here is refused by the name of its field: %s', async (field, body) => {
    const before = await balance();
    const answer = await post('/v1beta/models/auto:generateContent', body);
    const { error } = JSON.parse(answer.text);
    expect([answer.status, error.code, error.status]).toEqual([400, 400, 'INVALID_ARGUMENT']);
    expect(JSON.stringify(error.details)).toContain(`"field":"${field}"`);
    expect(await balance()).toBe(before);
  });

  it.each([
    [404, '/v1beta/models/auto:embedText'],
    [404, '/v1beta/v1beta/models/auto:generateContent'],
    [404, '/models/auto:generateContent'],
  ])('a wrong path gets %i and the endpoint that was meant: %s', async (status, path) => {
    const answer = await post(path, hello);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text).error.message).toContain('/v1');
  });

  it('a wrong method gets 405 with the right one', async () => {
    const answer = await request(stack.port, HOST, '/v1beta/models/auto:generateContent', {
      headers: { 'x-goog-api-key': key },
    });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    expect(JSON.parse(answer.text).error.status).toBe('UNIMPLEMENTED');
  });
});

describe('one Idempotency-Key', () => {
  it('gives concurrent requests one effect, and later ones the same answer', async () => {
    const model = await acme.addFailing({ mode: 'slow_start', delay_ms: 800 });
    const somebody = await registerSomebody(stack.port, HOST);
    const maxOutputTokens = 611;
    const headers = { authorization: `Bearer ${somebody.token}`, 'idempotency-key': crypto.randomUUID() };
    const ask = () =>
      post(
        `/v1beta/models/${encodeURIComponent(model)}:generateContent`,
        { ...hello, generationConfig: { maxOutputTokens } },
        headers,
      );
    const answers = await Promise.all(Array.from({ length: 10 }, ask));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    await expectOneEffect(stack, somebody, maxOutputTokens);
    const again = await ask();
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.text).toBe(answers.find(({ status }) => status === 200)?.text);
    await expectOneEffect(stack, somebody, maxOutputTokens);
  });
});

it('what is left of the limits of a key is told with each answer', async () => {
  const limits = { requests_per_minute: 3, scopes: ['executions:write'] };
  const { secret } = (await user.post('/api/api-keys', { name: 'limited', ...limits })).body;
  const left = async (method: string) => {
    const answer = await post(`/v1beta/models/auto:${method}`, hello, { 'x-goog-api-key': secret });
    return [answer.status, answer.headers['x-ratelimit-remaining-requests']];
  };
  expect(await left('generateContent')).toEqual([200, '2']);
  expect(await left('streamGenerateContent?alt=sse')).toEqual([200, '1']);
  expect(await left('streamGenerateContent')).toEqual([200, '0']);
  expect(await left('generateContent')).toEqual([429, '0']);
});

it('a request that the balance does not cover is refused before any provider is asked', async () => {
  const poor = await registerSomebody(stack.port, HOST);
  await setBalance(acme.admin, poor, 1);
  const answer = await post('/v1beta/models/auto:generateContent', hello, {
    authorization: `Bearer ${poor.token}`,
  });
  const { error } = JSON.parse(answer.text);
  expect([answer.status, error.code, error.status]).toEqual([402, 402, 'FAILED_PRECONDITION']);
  expect(error.details[0].reason).toBe('INSUFFICIENT_BALANCE');
});

it('a client that leaves a stream is charged once, and nothing stays held', async () => {
  const model = await acme.addFailing({ mode: 'slow', delay_ms: 40 });
  const somebody = await registerSomebody(stack.port, HOST);
  await setBalance(acme.admin, somebody, 1_000_000);
  const leaving = new AbortController();
  const response = await hostFetch(
    `http://${HOST}:${stack.port}/v1beta/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${somebody.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(hello),
      signal: leaving.signal,
    },
  );
  await response.body?.getReader().read();
  leaving.abort();
  const wallet = await eventually(
    async () => (await somebody.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
    60_000,
  );
  expect(wallet).toMatchObject({ reserved: 0 });
  expect(wallet.consumed).toBeGreaterThan(0);
});
