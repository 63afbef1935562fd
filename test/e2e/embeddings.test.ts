import OpenAI from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import {
  ACME,
  add,
  GLOBEX,
  governAcme,
  MODELS,
  modelOf,
  named,
  PROVIDERS,
  priceOf,
  refusal,
} from '../support/catalog.ts';
import { type Client, eventually, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';

/** Embeddings by OpenAI's official SDK, unchanged, and by requests of our own where the SDK hides something. */

const stack = inject('stack');
const PATH = '/v1/embeddings';
const TEXTS = ['How do I bake bread?', 'A recipe for sourdough'];

let user: Client;
let openai: OpenAI;
let acme: Awaited<ReturnType<typeof governAcme>>;

const sdk = (apiKey: string, host = ACME) =>
  new OpenAI({ apiKey, baseURL: `http://${host}:${stack.port}/v1`, fetch: hostFetch });
const keyOf = async (by: Client, scopes = ['executions:write', 'models:read']) =>
  (await by.post('/api/api-keys', { name: named('key'), scopes })).body.secret as string;

beforeAll(async () => {
  user = await registerSomebody(stack.port, ACME);
  await setBalance(await signIn(stack.port, ACME, 'admin@acme.test'), user, 5_000_000);
  openai = sdk(await keyOf(user));
  acme = await governAcme(stack);
});

const receiptOf = (id: unknown) =>
  eventually(
    async () => (await user.get(`/api/ai/executions/${id}`)).body,
    ({ status, ledger }) => status !== 'running' && ledger?.length >= 2,
  );

/** Adds an embedding model of a provider and returns its name. A price of 1 wallet token for each token of the input. */
async function addModel(provider: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  const made = await add(acme.admin, PROVIDERS, { ...acme.good(), ...provider });
  const fields = { kind: 'embedding', max_output_tokens: 0, ...more };
  const model = await add(acme.admin, MODELS, modelOf(made.id, fields));
  await add(acme.admin, `${MODELS}/${model.id}/prices`, priceOf(0));
  return model.public_name as string;
}

describe.each([
  ['text-embedding-3-small', 1_536],
  ['gemini-embedding-001', 3_072],
])('the SDK gets vectors of %s', (model, size) => {
  it('as numbers, although it asks for base64, and the call is charged', async () => {
    const { data: answer, response } = await openai.embeddings.create({ model, input: TEXTS }).withResponse();
    expect(answer.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, size],
      [1, size],
    ]);
    expect(Math.hypot(...(answer.data[0]?.embedding ?? []))).toBeCloseTo(1, 4);
    expect(answer).toMatchObject({ object: 'list', model, usage: { prompt_tokens: 11, total_tokens: 11 } });
    expect(response.headers.get('x-request-id')).toBeTruthy();
    const receipt = await receiptOf(response.headers.get('x-execution-id'));
    expect(receipt).toMatchObject({
      ...{ task: 'embedding', status: 'succeeded', model, usage: { input_tokens: 11, output_tokens: 0 } },
      ...{ output_text: null, usage_source: 'reported' },
    });
    expect(receipt.tokens_charged).toBeGreaterThan(0);
    expect(receipt.ledger.map(({ kind }: { kind: string }) => kind)).toEqual(['reserve', 'debit']);
    expect(Number(response.headers.get('x-wallet-tokens-charged'))).toBe(receipt.tokens_charged);
    expect(Number(response.headers.get('x-wallet-balance-after'))).toBe(receipt.balance_after);
  });

  it('shortened, as floats and as base64, which are the same numbers', async () => {
    const ask = (encoding_format: 'float' | 'base64') =>
      openai.embeddings.create({ model, input: 'Hello', dimensions: 8, encoding_format });
    const [floats, base64] = [await ask('float'), await ask('base64')];
    const bytes = Buffer.from(String(base64.data[0]?.embedding), 'base64');
    const decoded = Array.from({ length: 8 }, (_, at) => bytes.readFloatLE(4 * at));
    expect(floats.data[0]?.embedding).toEqual(decoded);
  });
});

it('tokens may take the place of texts, also as many as LangChain sends at once', async () => {
  const few = await openai.embeddings.create({ model: 'text-embedding-3-small', input: [[1, 2], [3]] });
  expect([few.data.length, few.usage.prompt_tokens]).toEqual([2, 3]);
  const many = Array.from({ length: 100 }, () => new Array(700).fill(11));
  const answer = await openai.embeddings.create({
    ...{ model: 'text-embedding-3-small', input: many, dimensions: 4 },
  });
  expect([answer.data.length, answer.usage.prompt_tokens]).toEqual([100, 70_000]);
});

it('the largest number of texts is embedded in one request', async () => {
  const input = Array.from({ length: 2_048 }, (_, at) => `text ${at}`);
  const answer = await openai.embeddings.create({ model: 'text-embedding-3-small', input });
  expect(answer.data.map(({ index }) => index)).toEqual(input.map((_, at) => at));
  expect(answer.data.every(({ embedding }) => embedding.length === 1_536)).toBe(true);
});

describe('a request is refused by name', () => {
  it.each([
    ['without input', { input: undefined }, 'input'],
    ['with an empty text', { input: ['a', ''] }, 'input'],
    ['with too many texts', { input: new Array(2_049).fill('a') }, 'input'],
    ['with a format that does not exist', { input: 'a', encoding_format: 'hex' }, 'encoding_format'],
    ['with dimensions of none', { input: 'a', dimensions: 0 }, 'dimensions'],
  ])('%s', async (_name, fields, param) => {
    const before = (await user.get('/api/wallet')).body;
    const answer = await user.post(PATH, { model: 'text-embedding-3-small', ...fields });
    expect(answer).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error', param } } });
    expect((await user.get('/api/wallet')).body.seq).toBe(before.seq);
  });

  it('at the endpoint of another kind of model', async () => {
    const atEmbeddings = await user.post(PATH, { model: 'auto', input: 'a' });
    expect(atEmbeddings).toMatchObject({
      status: 400,
      body: { error: { param: 'model', message: 'model: This is a chat model: call /v1/chat/completions' } },
    });
    const model = 'text-embedding-3-small';
    const messages = [{ role: 'user', content: 'a' }];
    const message = 'model: This is an embedding model: call /v1/embeddings';
    expect(await user.post('/v1/chat/completions', { model, messages })).toMatchObject({
      status: 400,
      body: { error: { param: 'model', message } },
    });
    expect(await user.post('/api/ai/executions', { model, prompt: 'a' })).toMatchObject(
      refusal(400, 'invalid_request'),
    );
  });

  it('for tokens at Google, and for a model that does not exist', async () => {
    expect(await user.post(PATH, { model: 'gemini-embedding-001', input: [1, 2] })).toMatchObject({
      status: 400,
      body: { error: { param: 'model', message: 'model: This model takes texts, not tokens' } },
    });
    const unknown = openai.embeddings.create({ model: 'none', input: 'a' });
    await expect(unknown).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('for a text that is longer than any model takes', async () => {
    const long = openai.embeddings.create({ model: 'text-embedding-3-small', input: 'x'.repeat(40_000) });
    await expect(long).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });

  it('for an embedding model of a provider whose protocol has none', async () => {
    const provider = await add(acme.admin, PROVIDERS, {
      ...{ ...acme.good(), kind: 'anthropic' },
      base_url: `${stack.simulatorOrigin}/anthropic`,
    });
    const model = modelOf(provider.id, { kind: 'embedding', max_output_tokens: 0 });
    expect(await acme.admin.post(MODELS, model)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', details: { issues: [{ field: 'kind' }] } } },
    });
    const chat = modelOf(provider.id, { max_output_tokens: 0 });
    expect(await acme.admin.post(MODELS, chat)).toMatchObject({
      status: 400,
      body: { error: { details: { issues: [{ field: 'max_output_tokens' }] } } },
    });
  });
});

describe('an embedding', () => {
  it('fails over to the next provider, and its receipt shows both', async () => {
    const name = await addModel({ api_key: 'invalid-key-2', priority: 1 });
    const provider = await add(acme.admin, PROVIDERS, { ...acme.good(), priority: 2 });
    const fields = { kind: 'embedding', max_output_tokens: 0, public_name: name };
    const second = await add(acme.admin, MODELS, modelOf(provider.id, fields));
    await add(acme.admin, `${MODELS}/${second.id}/prices`, priceOf(0));
    const fault = { provider: 'openai', mode: 'server_error', key: 'invalid-key-2' };
    await fetch(`${stack.simulatorOrigin}/_control/faults`, { method: 'PUT', body: JSON.stringify(fault) });
    const answer = await user.post(PATH, { model: name, input: TEXTS });
    expect(answer).toMatchObject({ status: 200, headers: { 'x-attempts': '2' } });
    expect((await receiptOf(answer.headers['x-execution-id'])).attempts).toMatchObject([
      { failure: { kind: 'overloaded' } },
      { failure: null },
    ]);
  });

  it('with an Idempotency-Key is made and charged once, and its answer is repeated', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const body = { model: 'text-embedding-3-small', input: TEXTS, dimensions: 16 };
    const first = await user.post(PATH, body, headers);
    const { consumed } = (await user.get('/api/wallet')).body;
    const again = await user.post(PATH, body, headers);
    expect(again).toMatchObject({
      status: 200,
      body: first.body,
      headers: { 'idempotency-replayed': 'true' },
    });
    expect(again.headers['x-execution-id']).toBe(first.headers['x-execution-id']);
    expect((await user.get('/api/wallet')).body.consumed).toBe(consumed);
    const other = await user.post(PATH, { ...body, dimensions: 8 }, headers);
    expect(other).toMatchObject({ status: 422, headers: { 'x-should-retry': 'false' } });
  });

  it('that the balance does not cover is refused with 402, and one that it covers when counted is not', async () => {
    const name = await addModel();
    const poor = await registerSomebody(stack.port, ACME);
    await setBalance(acme.admin, poor, 400);
    const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(25);
    expect(await poor.post(PATH, { model: name, input: prose })).toMatchObject({
      status: 200,
      headers: { 'x-wallet-tokens-charged': '282' },
    });
    const refused = await poor.post(PATH, { model: name, input: prose });
    expect(refused).toMatchObject({
      status: 402,
      body: { error: { type: 'insufficient_quota', details: { available: 118 } } },
    });
  });

  it('needs the scope for executions, and a key of this tenant', async () => {
    const reader = sdk(await keyOf(user, ['models:read'])).embeddings;
    const body = { model: 'text-embedding-3-small', input: 'a' };
    await expect(reader.create(body)).rejects.toMatchObject({ status: 403 });
    const foreigner = await registerSomebody(stack.port, GLOBEX);
    const foreign = sdk(await keyOf(foreigner)).embeddings.create(body);
    await expect(foreign).rejects.toMatchObject({ status: 401 });
    const own = await addModel();
    const elsewhere = sdk(await keyOf(foreigner), GLOBEX).embeddings.create({ ...body, model: own });
    await expect(elsewhere).rejects.toMatchObject({ status: 404 });
  });
});

it('embedding models are in the lists of models, and say their kind in our own', async () => {
  const names: string[] = [];
  for await (const { id } of openai.models.list()) names.push(id);
  expect(names).toEqual(expect.arrayContaining(['auto', 'text-embedding-3-small', 'gemini-embedding-001']));
  const { items } = (await user.get('/api/ai/models')).body;
  const kindOf = (name: string) => items.find((model: { name: string }) => model.name === name)?.kind;
  expect([kindOf('auto'), kindOf('text-embedding-3-small')]).toEqual(['chat', 'embedding']);
});
