import OpenAI from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ACME, governAcme } from '../support/catalog.ts';
import { type Client, eventually, registerSomebody, setBalance } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';

/** Moderations by OpenAI's official SDK, unchanged. */

const stack = inject('stack');
const MODEL = 'omni-moderation-latest';
const IMAGE = { type: 'image_url' as const, image_url: { url: 'https://images.example.com/cat.png' } };

let user: Client;
let openai: OpenAI;
beforeAll(async () => {
  user = await registerSomebody(stack.port, ACME);
  const { admin } = await governAcme(stack);
  await setBalance(admin, user, 100_000);
  const made = await user.post('/api/api-keys', { name: 'moderations', scopes: ['executions:write'] });
  const baseURL = `http://${ACME}:${stack.port}/v1`;
  openai = new OpenAI({ apiKey: made.body.secret, baseURL, fetch: hostFetch });
});

describe('the SDK gets judgements', () => {
  it('of a text, by the default model, charged by our own count', async () => {
    const { data: answer, response } = await openai.moderations
      .create({ input: 'Some violence, for a test. '.repeat(30) })
      .withResponse();
    expect(answer).toMatchObject({
      model: MODEL,
      results: [{ flagged: true, categories: { violence: true, hate: false } }],
    });
    expect(answer.id).toMatch(/^modr-/);
    const id = response.headers.get('x-execution-id');
    const receipt = await eventually(
      async () => (await user.get(`/api/ai/executions/${id}`)).body,
      ({ status, ledger }) => status !== 'running' && ledger?.length >= 2,
    );
    expect(receipt).toMatchObject({
      ...{ task: 'moderation', status: 'succeeded', model: MODEL, usage_source: 'estimated' },
      usage: { output_tokens: 0 },
    });
    expect(receipt.tokens_charged).toBe(Math.ceil((receipt.usage.input_tokens * 10) / 1_000));
  });

  it('of several texts one by one, and of parts together', async () => {
    const each = await openai.moderations.create({ model: MODEL, input: ['hate', 'love'] });
    expect(each.results.map(({ flagged }) => flagged)).toEqual([true, false]);
    const together = await openai.moderations.create({
      ...{ model: MODEL, input: [{ type: 'text', text: 'love' }, IMAGE] },
    });
    expect(together.results.map(({ flagged }) => flagged)).toEqual([false]);
  });

  it('twice for one Idempotency-Key, paid once', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const ask = () => openai.moderations.create({ input: 'hate' }, { headers });
    const first = await ask();
    const { seq } = (await user.get('/api/wallet')).body;
    expect(await ask()).toEqual(first);
    expect((await user.get('/api/wallet')).body.seq).toBe(seq);
  });
});

it.each([
  ['without input', { input: undefined }],
  ['with an empty text', { input: '' }],
  ['with texts and parts', { input: ['a', { type: 'text', text: 'b' }] }],
  ['with an image that is none', { input: [{ type: 'image_url', image_url: { url: 'ftp://x' } }] }],
  ['with 101 texts', { input: new Array(101).fill('a') }],
])('a request %s is refused by name', async (_name, body) => {
  const refused = await user.post('/v1/moderations', body);
  expect(refused).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } });
  expect(refused.body.error.param).toMatch(/^input/);
});

it('a model of another kind is refused by name', async () => {
  const refused = await user.post('/v1/moderations', { model: 'auto', input: 'a' });
  expect(refused).toMatchObject({
    status: 400,
    body: { error: { param: 'model', message: 'model: This is a chat model: call /v1/chat/completions' } },
  });
});
