import OpenAI, { toFile } from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ACME, add, governAcme, MODELS, modelOf, PROVIDERS } from '../support/catalog.ts';
import { type Client, eventually, registerSomebody, setBalance } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { setFault } from '../support/simulators.ts';

/** Transcriptions by OpenAI's official SDK, unchanged. */

const stack = inject('stack');
const MODEL = 'gpt-4o-transcribe';
const TEXT = 'A simulated transcription of 8000 bytes.';
/** Two seconds for the simulated models. */
const audio = (bytes = 8_000) => toFile(Buffer.alloc(bytes, 1), 'speech.mp3', { type: 'audio/mpeg' });

let user: Client;
let openai: OpenAI;
let acme: Awaited<ReturnType<typeof governAcme>>;
beforeAll(async () => {
  user = await registerSomebody(stack.port, ACME);
  acme = await governAcme(stack);
  await setBalance(acme.admin, user, 5_000_000);
  const made = await user.post('/api/api-keys', { name: 'transcriptions', scopes: ['executions:write'] });
  const baseURL = `http://${ACME}:${stack.port}/v1`;
  openai = new OpenAI({ apiKey: made.body.secret, baseURL, fetch: hostFetch });
});

const receiptOf = (id: unknown) =>
  eventually(
    async () => (await user.get(`/api/ai/executions/${id}`)).body,
    ({ status, ledger }) => status !== 'running' && ledger?.length >= 2,
  );

/** Adds a transcription model that costs 1 wallet token for each token or second of audio, and 4 for each token of text. */
async function addModel(provider_model: string, key = `sk-${crypto.randomUUID()}`) {
  const provider = await add(acme.admin, PROVIDERS, { ...acme.good(), api_key: key });
  const fields = {
    kind: 'transcription',
    context_window_tokens: 3_600,
    max_output_tokens: 100,
    provider_model,
  };
  const model = await add(acme.admin, MODELS, modelOf(provider.id, fields));
  const rates = { input: 1_000, cache_read: 0, cache_write: 0, output: 4_000 };
  const price = { micro_usd_per_million: rates, wallet_tokens_per_1000: rates };
  await add(acme.admin, `${MODELS}/${model.id}/prices`, price);
  return { name: model.public_name as string, key };
}

describe('the SDK gets a transcription', () => {
  it('as JSON, charged by the tokens that the provider reports', async () => {
    const { data: answer, response } = await openai.audio.transcriptions
      .create({ model: MODEL, file: await audio(), language: 'en', temperature: 0.5 })
      .withResponse();
    expect(answer.text).toBe(TEXT);
    const receipt = await receiptOf(response.headers.get('x-execution-id'));
    expect(receipt).toMatchObject({
      ...{ task: 'transcription', status: 'succeeded', usage_source: 'reported' },
      usage: { input_tokens: 0, input_audio_tokens: 34, output_tokens: 10 },
    });
    expect(receipt.tokens_reserved).toBeGreaterThan(receipt.tokens_charged);
    expect(receipt.tokens_charged).toBeGreaterThan(0);
  });

  it('as text, and with segments', async () => {
    const asText = await openai.audio.transcriptions.create({
      ...{ model: MODEL, file: await audio() },
      response_format: 'text',
    });
    expect(String(asText)).toBe(TEXT);
    const verbose = await openai.audio.transcriptions.create({
      ...{ model: MODEL, file: await audio() },
      response_format: 'verbose_json',
      timestamp_granularities: ['segment'],
    });
    expect(verbose).toMatchObject({ text: TEXT, duration: 2, segments: [{ text: TEXT }] });
  });

  it('once for an Idempotency-Key and the same file, and is refused with another file', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const ask = async (bytes: number) =>
      openai.audio.transcriptions.create({ model: MODEL, file: await audio(bytes) }, { headers });
    const first = await ask(8_000);
    const { seq } = (await user.get('/api/wallet')).body;
    expect(await ask(8_000)).toEqual(first);
    expect((await user.get('/api/wallet')).body.seq).toBe(seq);
    await expect(ask(9_000)).rejects.toMatchObject({ status: 422 });
  });
});

describe('a transcription', () => {
  it('of a model that reports seconds is charged by the second', async () => {
    const { name } = await addModel('whisper-1');
    const { response } = await openai.audio.transcriptions
      .create({ model: name, file: await audio(10_000) })
      .withResponse();
    const receipt = await receiptOf(response.headers.get('x-execution-id'));
    expect(receipt).toMatchObject({
      ...{ usage_source: 'reported', tokens_charged: 3, tokens_reserved: 4_000 },
      usage: { input_audio_tokens: 3, output_tokens: 0 },
    });
  });

  it('that nobody counted is charged an estimate, never more than was held', async () => {
    const { name, key } = await addModel('other');
    for (const mode of ['missing_usage', 'hostile_usage']) {
      await setFault(stack.simulatorOrigin, 'openai', mode, { key });
      const { response } = await openai.audio.transcriptions
        .create({ model: name, file: await audio() })
        .withResponse();
      const receipt = await receiptOf(response.headers.get('x-execution-id'));
      expect(receipt).toMatchObject({ usage_source: 'estimated', usage: { input_tokens: 34 } });
      expect(receipt.tokens_charged).toBeLessThanOrEqual(receipt.tokens_reserved);
    }
  });

  it.each(['server_error', 'reset_mid_stream', 'malformed_sse', 'empty_body'])(
    'of a provider with the fault %s costs nothing',
    async (mode) => {
      const { name, key } = await addModel('other');
      await setFault(stack.simulatorOrigin, 'openai', mode, { key });
      const before = (await user.get('/api/wallet')).body.available;
      const failing = openai.audio.transcriptions.create(
        { model: name, file: await audio() },
        { maxRetries: 0 },
      );
      await expect(failing).rejects.toMatchObject({ status: 503 });
      expect((await user.get('/api/wallet')).body).toMatchObject({ available: before, reserved: 0 });
    },
  );

  it('is refused by name in formats that tell no usage, and as a stream', async () => {
    const file = await audio();
    const srt = openai.audio.transcriptions.create({ model: MODEL, file, response_format: 'srt' });
    await expect(srt).rejects.toMatchObject({ status: 400, param: 'response_format' });
    const streamed = openai.audio.transcriptions.create({ model: MODEL, file, stream: true });
    await expect(streamed).rejects.toMatchObject({ status: 400, param: 'stream' });
    const mistaken = openai.audio.transcriptions.create({ model: 'auto', file });
    await expect(mistaken).rejects.toMatchObject({ status: 400, param: 'model' });
  });
});
