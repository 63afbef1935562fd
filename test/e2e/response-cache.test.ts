import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { add, MODELS, modelOf, named, PROVIDERS, priceOf } from '../support/catalog.ts';
import {
  type Client,
  DEMO_PASSWORD,
  eventually,
  faultsOf,
  ledgerOf,
  registerSomebody,
  setBalance,
} from '../support/demo.ts';
import { plainAnswers, says } from '../support/gateway-cases/case.ts';
import { openGateway, type ScriptedGateway } from '../support/gateway-cases/gateway.ts';
import { request } from '../support/http.ts';
import { type Surface, saidIn, surfaces } from '../support/surfaces.ts';
import { manageTenants } from '../support/tenants.ts';

/** The response cache of a tenant over HTTP. The tenant is made for these tests, since the setting affects every request in it. */

const stack = inject('stack');
const { port } = stack;
let host: string;
let gateway: ScriptedGateway;
let user: Client;

const google: Surface = {
  path: '/v1beta/models/:generateContent',
  bodyOf: (_model, text, maxOutputTokens) => ({
    contents: [{ role: 'user', parts: [{ text }] }],
    generationConfig: { maxOutputTokens },
  }),
  wordsOf: ({ candidates: [said] = [] }) =>
    said?.content?.parts?.map(({ text = '' }: { text?: string }) => text).join('') ?? '',
};

/** Lets anybody register, and grants their allocation at once. */
const opened = { registration: 'open', allocation_after: 'registration' };

beforeAll(async () => {
  const tenants = await manageTenants(port);
  const { slug, host: made } = await tenants.open();
  host = made;
  gateway = await openGateway({ port, host, admin_email: `first@${slug}.example` });
  expect((await gateway.admin.patch('/api/tenant', opened)).status).toBe(200);
  user = await gateway.user(10_000_000);
});
afterAll(() => gateway.stop());

const set = async (response_cache: object | null) => {
  const answer = await gateway.admin.patch('/api/tenant', { response_cache });
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200, body: { response_cache } });
};
const own = { ttl_s: 600, scope: 'user', price_percent: 25 };
beforeEach(() => set(own));

const serve = () => gateway.serve({ answers: plainAnswers.openai });
const askedOf = ({ script_id }: { script_id: string }) => gateway.upstream.requests(script_id).length;
/** Asks for a completion of 10 tokens of input and 5 of output: 30 wallet tokens. */
const chat = (by: Client, model: string, fields: object = {}, headers: Record<string, string> = {}) =>
  gateway.chat(by.token, model, { ...fields }, headers);
const cacheOf = ({ headers }: { headers: Record<string, unknown> }) => headers['x-response-cache'];

/** Asks until the answer is kept: that happens after the first one was sent. */
const untilKept = <Answer extends { headers: Record<string, unknown> }>(ask: () => Promise<Answer>) =>
  eventually(ask, (answer) => cacheOf(answer) === 'hit');
const receiptOf = (by: Client, { headers }: { headers: Record<string, unknown> }) =>
  gateway.receiptOf(by, headers['x-execution-id']);

describe('an equal request', () => {
  it.each([...surfaces, google])('gets the kept answer by $path, whole and streamed', async (surface) => {
    const { public_name, script_id } = await serve();
    const body = surface.bodyOf(public_name, 'Hello', 100);
    const send = (streams: boolean) => {
      const isGoogle = surface === google;
      const method = streams ? 'streamGenerateContent?alt=sse' : 'generateContent';
      const path = isGoogle ? `/v1beta/models/${encodeURIComponent(public_name)}:${method}` : surface.path;
      return request(port, host, path, {
        ...{ method: 'POST', body: JSON.stringify(isGoogle ? body : { ...body, stream: streams }) },
        headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' },
      });
    };
    const wordsIn = ({ text }: { text: string }) =>
      saidIn(text.replaceAll('\r\n', '\n')).map(surface.wordsOf).join('');
    const first = await send(true);
    expect([first.status, cacheOf(first), wordsIn(first)]).toEqual([200, 'miss', 'ok']);
    await untilKept(() => send(false));
    const before = askedOf({ script_id });
    for (const streams of [false, true]) {
      const hit = await send(streams);
      expect([cacheOf(hit), wordsIn(hit)], `streams: ${streams}`).toEqual(['hit', 'ok']);
      expect(await receiptOf(user, hit)).toMatchObject({
        ...{ status: 'succeeded', tokens_charged: 8, attempts: [] },
        response_cache: { result: 'hit', price_percent: 25 },
      });
    }
    expect(askedOf({ script_id })).toBe(before);
  });

  it('costs a percentage, which receipt, headers and ledger agree on, and costs no provider anything', async () => {
    const payer = await gateway.user(100_000);
    const { public_name } = await serve();
    const miss = await chat(payer, public_name);
    expect([cacheOf(miss), miss.headers['x-wallet-tokens-charged']]).toEqual(['miss', '30']);
    const hit = await untilKept(() => chat(payer, public_name));
    expect(hit.headers).toMatchObject({ 'x-wallet-tokens-charged': '8', 'x-attempts': '0' });
    const [full, part] = [await receiptOf(payer, miss), await receiptOf(payer, hit)];
    expect(part).toMatchObject({
      ...{ usage: full.usage, price: full.price, tokens_charged: 8, finish_reason: 'stop' },
      ...{ provider: full.provider, model: full.model, response_cache: { price_percent: 25 } },
    });
    expect(part.id).not.toBe(full.id);
    expect(full.response_cache).toBeNull();
    expect(JSON.stringify(part)).not.toContain(full.id);
    expect(await receiptOf(gateway.admin, hit)).toMatchObject({ cost_micro_usd: 0, wholesale_micro_usd: 0 });
    const ledger = await ledgerOf(stack.ownerUrl, payer);
    expect(faultsOf(ledger, payer)).toEqual([]);
    const debit = ledger.find(({ kind, operation_id }) => kind === 'debit' && operation_id === part.id);
    expect(debit).toMatchObject({
      amount: 8,
      execution_outcome: { response_cache: { result: 'hit', price_percent: 25 }, attempts: [] },
    });
    const first = ledger.find(({ kind, operation_id }) => kind === 'debit' && operation_id === full.id);
    expect(first?.execution_outcome).not.toHaveProperty('response_cache');
  });

  it('is given away at 0 percent, and the price of the moment applies', async () => {
    const model = await serve();
    await chat(user, model.public_name);
    await untilKept(() => chat(user, model.public_name));
    await set({ ...own, price_percent: 0 });
    expect((await chat(user, model.public_name)).headers).toMatchObject({
      ...{ 'x-response-cache': 'hit', 'x-wallet-tokens-charged': '0' },
    });
    await set({ ...own, price_percent: 100 });
    await add(gateway.admin, `${MODELS}/${model.model_id}/prices`, priceOf(10_000));
    const dearer = await chat(user, model.public_name);
    expect([cacheOf(dearer), dearer.headers['x-wallet-tokens-charged']]).toEqual(['hit', '60']);
  });

  it('fifty times at once gets fifty answers and receipts; once it is kept, no provider is asked', async () => {
    const payer = await gateway.user(1_000_000);
    const { public_name, script_id } = await serve();
    const burst = () => Promise.all(Array.from({ length: 50 }, () => chat(payer, public_name)));
    const cold = await burst();
    expect(new Set(cold.map(({ status }) => status))).toEqual(new Set([200]));
    const missed = cold.filter((answer) => cacheOf(answer) === 'miss').length;
    expect(missed).toBe(askedOf({ script_id }));
    await untilKept(() => chat(payer, public_name));
    const before = askedOf({ script_id });
    const warm = await burst();
    expect(warm.every((answer) => cacheOf(answer) === 'hit')).toBe(true);
    expect(new Set(warm.map(({ headers }) => headers['x-execution-id'])).size).toBe(50);
    expect(askedOf({ script_id })).toBe(before);
    const { available, reserved } = (await payer.get('/api/wallet')).body;
    const runs = [...cold, ...warm];
    const charged = runs.reduce((sum, { headers }) => sum + Number(headers['x-wallet-tokens-charged']), 0);
    const polls = 1_000_000 - charged - available;
    // The requests that waited for the answer to be kept: misses at 30, and a hit at 8.
    expect(reserved).toBe(0);
    expect(polls).toBe((before - missed) * 30 + 8);
  });

  it('of another user is shared only where the tenant says so', async () => {
    const other = await gateway.user(100_000);
    const model = await serve();
    await chat(user, model.public_name);
    await untilKept(() => chat(user, model.public_name));
    const asked = askedOf(model);
    expect(cacheOf(await chat(other, model.public_name))).toBe('miss');
    expect(askedOf(model)).toBe(asked + 1);
    await set({ ...own, scope: 'tenant' });
    expect(cacheOf(await chat(user, model.public_name))).toBe('miss');
    await untilKept(() => chat(user, model.public_name));
    expect(cacheOf(await chat(other, model.public_name))).toBe('hit');
    await set(own);
    expect(cacheOf(await chat(await gateway.user(100_000), model.public_name))).toBe('miss');
  });

  it('is refused as any other once its user may not call the model', async () => {
    const model = await serve();
    const { body: levels } = await gateway.admin.get('/api/levels');
    const level = levels.items.find(({ is_default }: { is_default: boolean }) => is_default);
    const late = await gateway.user(100_000);
    await chat(late, model.public_name);
    await untilKept(() => chat(late, model.public_name));
    const path = `/api/levels/${level.id}`;
    expect((await gateway.admin.patch(path, { allowed_models: ['another'] })).status).toBe(200);
    const refused = await chat(late, model.public_name);
    expect([refused.status, cacheOf(refused)]).toEqual([404, undefined]);
    expect((await gateway.admin.patch(path, { allowed_models: null })).status).toBe(200);
    await eventually(
      () => chat(late, model.public_name),
      ({ status }) => status === 200,
    );
    const disabled = await gateway.admin.patch(`${MODELS}/${model.model_id}`, { enabled: false });
    expect(disabled.status).toBe(200);
    expect((await chat(late, model.public_name)).status).toBe(404);
  });

  it('is refused if the balance does not cover what is held for it', async () => {
    const poor = await gateway.user(100_000);
    const model = await serve();
    await chat(poor, model.public_name);
    await untilKept(() => chat(poor, model.public_name));
    await setBalance(gateway.admin, poor, 5);
    const asked = askedOf(model);
    const refused = await chat(poor, model.public_name);
    expect(refused.status).toBe(402);
    expect(askedOf(model)).toBe(asked);
    expect((await poor.get('/api/wallet')).body).toMatchObject({ available: 5, reserved: 0 });
  });
});

describe('the header X-Response-Cache', () => {
  it('skips the kept answer, or replaces it', async () => {
    const model = await gateway.serve({
      answers: [says('old', undefined, { times: 2 }), says('new')],
    });
    const ask = (choice?: string) =>
      chat(user, model.public_name, {}, choice === undefined ? {} : { 'x-response-cache': choice });
    const wordsIn = ({ text }: { text: string }) => JSON.parse(text).choices[0].message.content;
    expect(cacheOf(await ask('skip'))).toBeUndefined();
    expect([wordsIn(await ask()), askedOf(model)]).toEqual(['old', 2]);
    expect(wordsIn(await untilKept(() => ask()))).toBe('old');
    expect(wordsIn(await ask('skip'))).toBe('new');
    expect(wordsIn(await ask())).toBe('old');
    const refreshed = await ask('refresh');
    expect([cacheOf(refreshed), wordsIn(refreshed)]).toEqual(['miss', 'new']);
    await eventually(
      () => ask(),
      (answer) => wordsIn(answer) === 'new' && cacheOf(answer) === 'hit',
    );
  });

  it('with another value is refused by its name', async () => {
    const { public_name } = await serve();
    const refused = await chat(user, public_name, {}, { 'x-response-cache': 'always' });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('x-response-cache')]);
  });
});

describe('no answer is kept', () => {
  it.each<[string, object, object]>([
    ['that reached its limit', { finish_reason: 'length' }, {}],
    ['that was filtered', { finish_reason: 'content_filter' }, {}],
    ['without usage', {}, { usage: undefined }],
  ])('%s', async (_, choice, more) => {
    const body = says('ok').body as { choices: object[] };
    const changed = { ...body, ...more, choices: [{ ...body.choices[0], ...choice }] };
    const model = await gateway.serve({ answers: [{ body: changed }] });
    for (let times = 1; times <= 3; times++) {
      expect(cacheOf(await chat(user, model.public_name))).toBe('miss');
      expect(askedOf(model)).toBe(times);
    }
  });

  it('of a failure', async () => {
    const answers = [{ times: 3, status: 500, body: 'no' }, says('ok')];
    const model = await gateway.serve({ answers });
    expect((await chat(user, model.public_name)).status).toBeGreaterThanOrEqual(500);
    const later = await eventually(
      () => chat(user, model.public_name),
      ({ status }) => status === 200,
    );
    expect(cacheOf(later)).toBe('miss');
  });

  it('of a request with an image at an address, or in the background', async () => {
    const model = await serve();
    const image = { type: 'image_url', image_url: { url: 'https://images.example/one.png' } };
    const messages = [{ role: 'user', content: [image] }];
    for (let times = 1; times <= 2; times++) {
      expect(cacheOf(await chat(user, model.public_name, { messages }))).toBeUndefined();
      expect(askedOf(model)).toBe(times);
    }
    const body = { model: model.public_name, prompt: 'Hello', background: true };
    for (let times = 3; times <= 4; times++) {
      const begun = await user.post('/api/ai/executions', body);
      expect(await gateway.receiptOf(user, begun.body.id)).toMatchObject({
        ...{ status: 'succeeded', response_cache: null },
      });
      expect(askedOf(model)).toBe(times);
    }
  });

  it('if the tenant keeps none, and those of before are not given', async () => {
    const model = await serve();
    await chat(user, model.public_name);
    await untilKept(() => chat(user, model.public_name));
    await set(null);
    const asked = askedOf(model);
    expect(cacheOf(await chat(user, model.public_name))).toBeUndefined();
    expect(askedOf(model)).toBe(asked + 1);
  });
});

it('an answer whose contents its user deletes is not given again', async () => {
  const model = await serve();
  const first = await chat(user, model.public_name, {}, { 'x-response-cache': 'refresh' });
  await untilKept(() => chat(user, model.public_name));
  const asked = askedOf(model);
  const { id } = await receiptOf(user, first);
  // A poll before the answer was kept is the one whose answer is kept.
  const { items } = (await user.get('/api/ai/executions?limit=50')).body;
  const ids = items
    .filter(({ model: name, response_cache }: { model: string; response_cache: unknown }) => {
      return name === model.public_name && response_cache === null;
    })
    .map(({ id: made }: { id: string }) => made);
  expect(ids).toContain(id);
  for (const made of ids) expect((await user.delete(`/api/ai/executions/${made}/content`)).status).toBe(204);
  expect(cacheOf(await chat(user, model.public_name))).toBe('miss');
  expect(askedOf(model)).toBe(asked + 1);
});

it('an answer is not given to colleagues any more once the account of its user is closed', async () => {
  await set({ ...own, scope: 'tenant' });
  const model = await serve();
  const leaver = await gateway.user(100_000);
  await chat(leaver, model.public_name);
  await untilKept(() => chat(leaver, model.public_name));
  expect(cacheOf(await chat(user, model.public_name))).toBe('hit');
  expect((await leaver.post('/api/auth/close', { password: DEMO_PASSWORD })).status).toBe(204);
  await eventually(
    () => chat(user, model.public_name, {}, { 'x-response-cache': 'skip' }),
    ({ status }) => status === 200,
  );
  const asked = askedOf(model);
  expect(cacheOf(await chat(user, model.public_name))).toBe('miss');
  expect(askedOf(model)).toBe(asked + 1);
});

it('a repeated Idempotency-Key gets its own answer, and neither reads the cache nor pays again', async () => {
  const model = await serve();
  await chat(user, model.public_name);
  await untilKept(() => chat(user, model.public_name));
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const first = await chat(user, model.public_name, {}, headers);
  const again = await chat(user, model.public_name, {}, headers);
  expect([cacheOf(first), cacheOf(again)]).toEqual(['hit', 'hit']);
  expect(again.headers).toMatchObject({
    ...{ 'idempotency-replayed': 'true', 'x-execution-id': first.headers['x-execution-id'] },
  });
  await set(null);
  const later = await chat(user, model.public_name, {}, headers);
  expect(later.headers).toMatchObject({ 'idempotency-replayed': 'true', 'x-response-cache': 'hit' });
});

it('an equal request for embeddings gets the kept vectors', async () => {
  const base_url = `${stack.simulatorOrigin}/openai/v1`;
  const provider = await add(gateway.admin, PROVIDERS, {
    ...{ name: named('provider'), kind: 'openai', base_url, api_key: `sk-${crypto.randomUUID()}` },
  });
  const fields = { kind: 'embedding', max_output_tokens: 0 };
  const { id, public_name: model } = await add(gateway.admin, MODELS, modelOf(provider.id, fields));
  await add(gateway.admin, `${MODELS}/${id}/prices`, priceOf(0));
  const ask = (input: string[]) =>
    request(port, host, '/v1/embeddings', {
      ...{ method: 'POST', body: JSON.stringify({ model, input }) },
      headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' },
    });
  const vectorsIn = ({ text }: { text: string }) => JSON.parse(text).data;
  const first = await ask(['bread', 'salt']);
  expect([first.status, cacheOf(first)]).toEqual([200, 'miss']);
  const hit = await untilKept(() => ask(['bread', 'salt']));
  expect(vectorsIn(hit)).toEqual(vectorsIn(first));
  expect(hit.headers['x-attempts']).toBe('0');
  expect(cacheOf(await ask(['salt', 'bread']))).toBe('miss');
});

it('bad settings are refused by field, and users cannot change them', async () => {
  const change = (response_cache: object) => gateway.admin.patch('/api/tenant', { response_cache });
  for (const [fields, field] of [
    [{ ...own, ttl_s: 59 }, 'response_cache.ttl_s'],
    [{ ...own, ttl_s: 604_801 }, 'response_cache.ttl_s'],
    [{ ...own, scope: 'everybody' }, 'response_cache.scope'],
    [{ ...own, price_percent: 101 }, 'response_cache.price_percent'],
    [{ ttl_s: 60, scope: 'user' }, 'response_cache.price_percent'],
  ] as const) {
    const { status, body } = await change(fields);
    expect([status, body.error.details.issues[0].field]).toEqual([400, field]);
  }
  const stranger = await registerSomebody(port, host);
  expect((await stranger.patch('/api/tenant', { response_cache: own })).status).toBe(403);
});
