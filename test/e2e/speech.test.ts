import OpenAI from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ACME, add, governAcme, MODELS, modelOf, PROVIDERS } from '../support/catalog.ts';
import { type Client, eventually, registerSomebody, setBalance } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { setFault } from '../support/simulators.ts';

/** Speech by OpenAI's official SDK, unchanged. */

const stack = inject('stack');
const MODEL = 'gpt-4o-mini-tts';
const PATH = '/v1/audio/speech';

let user: Client;
let openai: OpenAI;
let acme: Awaited<ReturnType<typeof governAcme>>;
beforeAll(async () => {
  user = await registerSomebody(stack.port, ACME);
  acme = await governAcme(stack);
  await setBalance(acme.admin, user, 5_000_000);
  const made = await user.post('/api/api-keys', { name: 'speech', scopes: ['executions:write'] });
  const baseURL = `http://${ACME}:${stack.port}/v1`;
  openai = new OpenAI({ apiKey: made.body.secret, baseURL, fetch: hostFetch });
});

const receiptOf = (id: unknown) =>
  eventually(
    async () => (await user.get(`/api/ai/executions/${id}`)).body,
    ({ status, ledger }) => status !== 'running' && ledger?.length >= 2,
  );

/** Adds a speech model that costs 1 wallet token for each token of the input, and `output` for 1,000 of the audio. */
async function addModel(provider_model: string, output: number, key = `sk-${crypto.randomUUID()}`) {
  const provider = await add(acme.admin, PROVIDERS, { ...acme.good(), api_key: key });
  const fields = { kind: 'speech', max_output_tokens: 500, provider_model };
  const model = await add(acme.admin, MODELS, modelOf(provider.id, fields));
  const rates = { input: 1_000, cache_read: 0, cache_write: 0, output };
  const price = { micro_usd_per_million: rates, wallet_tokens_per_1000: rates };
  await add(acme.admin, `${MODELS}/${model.id}/prices`, price);
  return { name: model.public_name as string, key };
}

describe('the SDK gets speech', () => {
  it('as audio, charged by the tokens that the provider reports', async () => {
    const input = 'Hello from the edge.';
    const response = await openai.audio.speech.create({ model: MODEL, input, voice: 'alloy' });
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    const audio = Buffer.from(await response.arrayBuffer());
    expect(audio.subarray(0, 9).toString()).toBe('SIMULATED');
    expect(audio.byteLength).toBe(9 + 10 * input.length);
    const receipt = await receiptOf(response.headers.get('x-execution-id'));
    expect(receipt).toMatchObject({
      ...{ task: 'speech', status: 'succeeded', usage_source: 'reported' },
      usage: { input_tokens: 5, output_tokens: 0, output_audio_tokens: 27 },
    });
    expect(receipt.tokens_reserved).toBeGreaterThan(receipt.tokens_charged);
    expect(receipt.tokens_charged).toBeGreaterThan(0);
  });

  it('in another format, and twice for one Idempotency-Key, paid once', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const ask = () =>
      openai.audio.speech.create(
        { model: MODEL, input: 'Hello', voice: 'verse', response_format: 'wav', speed: 1.5 },
        { headers },
      );
    const first = await ask();
    expect(first.headers.get('content-type')).toBe('audio/wav');
    const { seq } = (await user.get('/api/wallet')).body;
    expect(await (await ask()).text()).toBe(await first.text());
    expect((await user.get('/api/wallet')).body.seq).toBe(seq);
  });
});

describe('speech of a model that reports no tokens', () => {
  it('is charged by the character where its output has no price', async () => {
    const { name } = await addModel('tts-1', 0);
    const answer = await openai.audio.speech.create({ model: name, input: 'Grüße 🪁', voice: 'alloy' });
    const receipt = await receiptOf(answer.headers.get('x-execution-id'));
    expect(receipt).toMatchObject({ usage_source: 'estimated', tokens_charged: 7 });
  });

  it('is charged as the output limit where its output has one', async () => {
    const { name, key } = await addModel('other', 1_000);
    await setFault(stack.simulatorOrigin, 'openai', 'missing_usage', { key });
    const answer = await openai.audio.speech.create({ model: name, input: 'Hello', voice: 'alloy' });
    const receipt = await receiptOf(answer.headers.get('x-execution-id'));
    expect(receipt).toMatchObject({ usage_source: 'estimated', tokens_charged: 5 + 500 });
  });
});

it.each(['server_error', 'reset_mid_stream', 'malformed_sse', 'empty_body'])(
  'speech of a provider with the fault %s costs nothing',
  async (mode) => {
    const { name, key } = await addModel('other', 1_000);
    await setFault(stack.simulatorOrigin, 'openai', mode, { key });
    const before = (await user.get('/api/wallet')).body.available;
    const refused = await user.post(PATH, { model: name, input: 'Hello', voice: 'alloy' });
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'provider_failed' } } });
    expect((await user.get('/api/wallet')).body).toMatchObject({ available: before, reserved: 0 });
  },
);

it.each([
  ['without a voice', { input: 'a' }, 'voice'],
  ['with a text that is too long', { input: 'a'.repeat(4_097), voice: 'alloy' }, 'input'],
  ['as events', { input: 'a', voice: 'alloy', stream_format: 'sse' }, 'stream_format'],
  ['that is too fast', { input: 'a', voice: 'alloy', speed: 5 }, 'speed'],
])('a request %s is refused by name', async (_name, fields, param) => {
  const refused = await user.post(PATH, { model: MODEL, ...fields });
  expect(refused).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error', param } } });
});
