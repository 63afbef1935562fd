import OpenAI, { toFile } from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ACME, add, governAcme, MODELS, modelOf, PROVIDERS } from '../support/catalog.ts';
import { type Client, eventually, registerSomebody, setBalance } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { setFault } from '../support/simulators.ts';

/** Images by OpenAI's official SDK, unchanged. */

const stack = inject('stack');
const MODEL = 'gpt-image-2.6-flare';
const PATH = '/v1/images/generations';

let user: Client;
let openai: OpenAI;
let acme: Awaited<ReturnType<typeof governAcme>>;
beforeAll(async () => {
  user = await registerSomebody(stack.port, ACME);
  acme = await governAcme(stack);
  await setBalance(acme.admin, user, 5_000_000);
  const made = await user.post('/api/api-keys', { name: 'images', scopes: ['executions:write'] });
  const baseURL = `http://${ACME}:${stack.port}/v1`;
  openai = new OpenAI({ apiKey: made.body.secret, baseURL, fetch: hostFetch });
});

const receiptOf = (id: unknown) =>
  eventually(
    async () => (await user.get(`/api/ai/executions/${id}`)).body,
    ({ status, ledger }) => status !== 'running' && ledger?.length >= 2,
  );

/** Adds an image model whose images cost 1 wallet token for each token, with at most 2,000 tokens, and returns its name. */
async function addModel(key: string) {
  const provider = await add(acme.admin, PROVIDERS, { ...acme.good(), api_key: key });
  const fields = { kind: 'image', max_output_tokens: 2_000 };
  const model = await add(acme.admin, MODELS, modelOf(provider.id, fields));
  const rates = { input: 1_000, cache_read: 0, cache_write: 0, output: 0, output_image: 1_000 };
  const price = { micro_usd_per_million: rates, wallet_tokens_per_1000: rates };
  await add(acme.admin, `${MODELS}/${model.id}/prices`, price);
  return model.public_name as string;
}

describe('the SDK gets images', () => {
  it('in base64, charged by the tokens that the provider reports, with all of them held before', async () => {
    const { data: answer, response } = await openai.images
      .generate({ model: MODEL, prompt: 'A red kite', n: 2, size: '1024x1024', quality: 'low' })
      .withResponse();
    expect(answer.data?.map(({ b64_json }) => b64_json?.slice(0, 8))).toEqual(['iVBORw0K', 'iVBORw0K']);
    expect(answer.usage).toMatchObject({ input_tokens: 3, output_tokens: 544, total_tokens: 547 });
    const receipt = await receiptOf(response.headers.get('x-execution-id'));
    expect(receipt).toMatchObject({
      ...{ task: 'image', status: 'succeeded', usage_source: 'reported' },
      usage: { input_tokens: 3, output_tokens: 0, output_image_tokens: 544 },
    });
    expect(receipt.tokens_charged).toBeGreaterThan(0);
    expect(receipt.tokens_reserved).toBeGreaterThan(receipt.tokens_charged);
  });

  it('once for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const ask = () => openai.images.generate({ model: MODEL, prompt: 'A kite' }, { headers });
    const first = await ask();
    const { seq } = (await user.get('/api/wallet')).body;
    expect((await ask()).data).toEqual(first.data);
    expect((await user.get('/api/wallet')).body.seq).toBe(seq);
  });
});

describe('an edit by the SDK', () => {
  const PNG = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const png = (name: string) => toFile(PNG, name, { type: 'image/png' });

  it('starts from one image, or from several with a mask, and pays for them by their own class', async () => {
    const one = await openai.images.edit({ model: MODEL, prompt: 'A kite', image: await png('a.png') });
    expect(one.data).toHaveLength(1);
    const { data: answer, response } = await openai.images
      .edit({
        ...{ model: MODEL, prompt: 'A kite', image: [await png('a.png'), await png('b.png')] },
        ...{ mask: await png('m.png'), n: 2, quality: 'low', input_fidelity: 'high' },
      })
      .withResponse();
    expect(answer.data).toHaveLength(2);
    const receipt = await receiptOf(response.headers.get('x-execution-id'));
    expect(receipt).toMatchObject({
      ...{ task: 'image', status: 'succeeded', usage_source: 'reported' },
      usage: { input_tokens: 2, input_image_tokens: 646, output_image_tokens: 544 },
    });
  });

  it('is one for an Idempotency-Key and the same files, and refused with other files', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const ask = async (bytes: Uint8Array) =>
      openai.images.edit(
        { model: MODEL, prompt: 'A kite', image: await toFile(bytes, 'a.png', { type: 'image/png' }) },
        { headers },
      );
    const first = await ask(PNG);
    const { seq } = (await user.get('/api/wallet')).body;
    expect((await ask(PNG)).data).toEqual(first.data);
    expect((await user.get('/api/wallet')).body.seq).toBe(seq);
    await expect(ask(Buffer.concat([PNG, PNG]))).rejects.toMatchObject({ status: 422 });
  });

  it('is refused by name without an image, and for five images', async () => {
    const send = (fields: Record<string, string>) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      return hostFetch(`http://${ACME}:${stack.port}/v1/images/edits`, {
        ...{ method: 'POST', body: form },
        headers: { authorization: `Bearer ${user.token}` },
      });
    };
    const without = await send({ model: MODEL, prompt: 'A kite' });
    expect([without.status, await without.json()]).toMatchObject([400, { error: { param: 'image' } }]);
    const five = openai.images.edit({ model: MODEL, prompt: 'A kite', n: 5, image: await png('a.png') });
    await expect(five).rejects.toMatchObject({ status: 400, param: 'n' });
  });
});

describe('an image', () => {
  it('that nobody counted is charged as the output limit of its model', async () => {
    const key = `sk-${crypto.randomUUID()}`;
    const name = await addModel(key);
    await setFault(stack.simulatorOrigin, 'openai', 'missing_usage', { key });
    const answer = await user.post(PATH, { model: name, prompt: 'A kite', n: 2 });
    const receipt = await receiptOf(answer.headers['x-execution-id']);
    expect(receipt).toMatchObject({ usage_source: 'estimated', usage: { output_tokens: 4_000 } });
    expect(receipt.tokens_charged).toBeLessThanOrEqual(receipt.tokens_reserved);
  });

  it('costs nothing when its provider fails, and is refused with 402 when the balance does not cover it', async () => {
    const key = `sk-${crypto.randomUUID()}`;
    const name = await addModel(key);
    const poor = await registerSomebody(stack.port, ACME);
    await setBalance(acme.admin, poor, 3_000);
    expect(await poor.post(PATH, { model: name, prompt: 'A kite', n: 2 })).toMatchObject({
      status: 402,
      body: { error: { type: 'insufficient_quota', details: { available: 3_000 } } },
    });
    await setFault(stack.simulatorOrigin, 'openai', 'server_error', { key });
    expect((await poor.post(PATH, { model: name, prompt: 'A kite' })).status).toBe(503);
    expect((await poor.get('/api/wallet')).body).toMatchObject({ available: 3_000, reserved: 0 });
  });
});

it.each([
  ['without a prompt', {}, 'prompt'],
  ['for five images', { prompt: 'a', n: 5 }, 'n'],
  ['for a URL', { prompt: 'a', response_format: 'url' }, 'response_format'],
  ['as a stream', { prompt: 'a', stream: true }, 'stream'],
  ['of a size that is none', { prompt: 'a', size: 'large' }, 'size'],
])('a request %s is refused by name', async (_name, fields, param) => {
  const refused = await user.post(PATH, { model: MODEL, ...fields });
  expect(refused).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error', param } } });
});
