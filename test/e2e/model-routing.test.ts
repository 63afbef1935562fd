import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { named } from '../support/catalog.ts';
import { type Client, registerSomebody } from '../support/demo.ts';
import { plainAnswers } from '../support/gateway-cases/case.ts';
import { openGateway, type ScriptedGateway, type Served } from '../support/gateway-cases/gateway.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { request } from '../support/http.ts';

/** Aliases of models, the choice among their providers, and models to fall back to. */

const { port } = inject('stack');
const ACME = 'acme.localhost';
const NAMES = '/api/admin/model-names';
let gateway: ScriptedGateway;
let user: Client;

beforeAll(async () => {
  gateway = await openGateway({ port });
  user = await gateway.user(10_000_000);
});
afterAll(() => gateway.stop());

const answers = plainAnswers.openai;
const hello = [{ role: 'user', content: 'Hello' }];
const serve = (public_name = named('model'), more: object = {}, script: object = { answers }) =>
  gateway.serve(script as never, { more: { public_name, ...more } });
/** A provider that refuses each request with this status. */
const failing = (status: number, public_name = named('model'), more: object = {}) =>
  serve(public_name, more, { answers: [{ status, body: { error: { message: 'No', type: 'error' } } }] });

const set = (name: string, fields: object = {}) =>
  gateway.admin.put(`${NAMES}/${encodeURIComponent(name)}`, {
    ...{ aliases: [], strategy: 'priority', keeps_provider: false },
    ...fields,
  });
const chat = (model: string, fields: object = {}) => gateway.chat(user.token, model, { ...fields });
const askedOf = ({ script_id }: Served) => gateway.upstream.requests(script_id).length;

async function receiptOf({ headers }: { headers: Record<string, unknown> }) {
  return gateway.receiptOf(user, headers['x-execution-id']);
}

describe('an alias', () => {
  it('means its model on every surface; answers name the model, and the receipt both', async () => {
    const { public_name } = await serve(`acme/${named('model')}`);
    const alias = `${public_name}-latest`;
    expect(await set(public_name, { aliases: [alias] })).toMatchObject({
      status: 200,
      body: { name: public_name, aliases: [alias], strategy: 'priority' },
    });
    const completion = await chat(alias);
    expect([completion.status, JSON.parse(completion.text).model]).toEqual([200, public_name]);
    expect(await receiptOf(completion)).toMatchObject({
      model: public_name,
      routing: { asked_models: [alias], strategy: 'priority', kept: false },
    });
    const openai = new OpenAI({ apiKey: user.token, baseURL: `http://${ACME}:${port}/v1`, fetch: hostFetch });
    const response = await openai.responses.create({ model: alias, input: 'Hello' });
    expect([response.model, response.output_text]).toEqual([public_name, 'ok']);
    expect((await openai.models.retrieve(alias)).id).toBe(public_name);
    const stream = await openai.chat.completions.create({
      ...{ model: alias, stream: true as const },
      messages: [{ role: 'user', content: 'Hello' }],
    });
    for await (const chunk of stream) expect(chunk.model).toBe(public_name);
    const headers = { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hello' }] }] });
    const content = await request(port, ACME, `/v1beta/models/${encodeURIComponent(alias)}:generateContent`, {
      method: 'POST',
      headers,
      body,
    });
    expect(JSON.parse(content.text)).toMatchObject({ modelVersion: public_name });
    const listed = (await user.get('/api/ai/models')).body.items;
    expect(listed.find(({ name }: { name: string }) => name === public_name)).toMatchObject({
      aliases: [alias],
    });
  });

  it('is refused if it is the name of a model or an alias of another one, and nothing is changed', async () => {
    const [one, other] = [await serve(), await serve()];
    const alias = named('alias');
    expect((await set(one.public_name, { aliases: [alias], strategy: 'weighted' })).status).toBe(200);
    for (const taken of [alias, one.public_name, other.public_name])
      expect(
        await set(other.public_name, { aliases: [named('free'), taken], strategy: 'weighted' }),
      ).toMatchObject({
        status: 409,
        body: { error: { code: 'name_taken', details: { field: 'aliases', rule: 'taken' } } },
      });
    const { items } = (await gateway.admin.get(NAMES)).body;
    const settings = new Map(items.map((item: { name: string }) => [item.name, item]));
    expect(settings.get(other.public_name)).toMatchObject({ aliases: [], strategy: 'priority' });
    expect(settings.get(one.public_name)).toMatchObject({ aliases: [alias], strategy: 'weighted' });
  });

  it('is one of its tenant, and is set by admins alone', async () => {
    const { public_name } = await serve();
    const alias = named('alias');
    await set(public_name, { aliases: [alias] });
    const stranger = await registerSomebody(port, 'globex.localhost');
    const body = { model: alias, prompt: 'Hello' };
    expect((await stranger.post('/api/ai/executions', body)).status).toBe(404);
    const fields = { aliases: [], strategy: 'priority', keeps_provider: false };
    expect((await user.put(`${NAMES}/${encodeURIComponent(public_name)}`, fields)).status).toBe(403);
    expect((await user.get(NAMES)).status).toBe(403);
    expect((await set('no such model')).status).toBe(404);
    expect((await set(public_name, { aliases: [alias, alias] })).status).toBe(400);
  });
});

describe('models to fall back to', () => {
  it('are asked when the first fails, and the one that answers is charged and named', async () => {
    const [bad, good] = [await failing(500), await serve()];
    const answer = await chat(bad.public_name, { models: [good.public_name] });
    expect([answer.status, JSON.parse(answer.text).model]).toEqual([200, good.public_name]);
    const receipt = await receiptOf(answer);
    expect(receipt).toMatchObject({
      ...{ model: good.public_name, price: { model_id: good.model_id } },
      routing: { asked_models: [bad.public_name, good.public_name] },
    });
    expect(receipt.attempts).toHaveLength(2);
  });

  it('are asked when the first refuses the request', async () => {
    const [bad, good] = [await failing(400), await serve()];
    expect((await chat(bad.public_name, { models: [good.public_name] })).status).toBe(200);
    expect((await chat(bad.public_name)).status).toBe(400);
  });

  it('are held at the dearest of all', async () => {
    const cheap = await serve();
    const dear = await serve();
    const rates = { input: 100_000, cache_read: 100_000, cache_write: 100_000, output: 400_000 };
    const prices = { wallet_tokens_per_1000: rates, micro_usd_per_million: rates };
    await gateway.admin.post(`/api/admin/models/${dear.model_id}/prices`, prices);
    const heldFor = async (fields: object) =>
      Number((await chat(cheap.public_name, fields)).headers['x-wallet-tokens-reserved']);
    const alone = await heldFor({});
    expect(await heldFor({ models: [dear.public_name] })).toBeGreaterThan(50 * alone);
    const poor = await gateway.user(alone * 2);
    const refused = await gateway.chat(
      poor.token,
      cheap.public_name,
      { models: [dear.public_name] },
      { 'x-fit-to-balance': 'false' },
    );
    expect(refused.status).toBe(402);
    expect(askedOf(dear)).toBe(0);
  });

  it('are refused by their place if the caller cannot use them', async () => {
    const { public_name } = await serve();
    const answer = await chat(public_name, { models: [public_name, 'no-such-model'] });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.text).error).toMatchObject({ code: 'model_not_found', param: 'models.1' });
    const many = await chat(public_name, { models: ['a', 'b', 'c', 'd'] });
    expect(JSON.parse(many.text).error).toMatchObject({ param: 'models' });
  });

  /** A request of each surface beside chat completions: its path, and its body without `models`. */
  const content = () => ({ contents: [{ parts: [{ text: 'Hello' }] }] });
  const surfaces: [string, (model: string) => object, object[]][] = [
    [
      '/v1/messages',
      (model) => ({ model, max_tokens: 50, messages: hello }),
      [{ stream: false }, { stream: true }],
    ],
    ['/v1/responses', (model) => ({ model, input: 'Hello' }), [{ stream: false }, { stream: true }]],
    ['/v1beta/models/{model}:generateContent', content, [{}]],
    ['/v1beta/models/{model}:streamGenerateContent?alt=sse', content, [{}]],
  ];

  it.each(surfaces)('work at %s, and the receipt shows them', async (path, body, forms) => {
    const [bad, good] = [await failing(500), await serve()];
    const ask = (more: object) =>
      request(port, ACME, path.replace('{model}', encodeURIComponent(bad.public_name)), {
        method: 'POST',
        headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...body(bad.public_name), ...more }),
      });
    for (const form of forms) {
      const answer = await ask({ models: [good.public_name], ...form });
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining(`"${good.public_name}"`)]);
      expect(await receiptOf(answer)).toMatchObject({
        ...{ model: good.public_name, price: { model_id: good.model_id } },
        routing: { asked_models: [bad.public_name, good.public_name] },
      });
    }
    const unknown = await ask({ models: ['no-such-model'] });
    expect([unknown.status, unknown.text]).toEqual([404, expect.stringContaining('models.0')]);
    const many = await ask({ models: ['a', 'b', 'c', 'd'] });
    expect([many.status, many.text]).toEqual([400, expect.stringContaining('models')]);
  });

  it('work for our own API, in one piece and in the background', async () => {
    const [bad, good] = [await failing(500), await serve()];
    const body = {
      model: bad.public_name,
      models: [good.public_name],
      prompt: 'Hello',
      max_output_tokens: 50,
    };
    expect(await user.post('/api/ai/executions', body)).toMatchObject({
      status: 201,
      body: { model: good.public_name, output_text: 'ok' },
    });
    const begun = await user.post('/api/ai/executions', { ...body, background: true });
    expect(await gateway.receiptOf(user, begun.body.id)).toMatchObject({
      status: 'succeeded',
      model: good.public_name,
    });
  });
});

describe('the choice among the providers of a model', () => {
  it('is by weight if the admin says so, and the receipt tells it', async () => {
    const name = named('model');
    const never = await serve(name, { priority: 0, weight: 0 });
    const always = await serve(name, { priority: 1, weight: 10 });
    expect((await chat(name)).status).toBe(200);
    expect([askedOf(never), askedOf(always)]).toEqual([1, 0]);
    await set(name, { strategy: 'weighted' });
    for (let call = 0; call < 5; call++) await chat(name);
    expect([askedOf(never), askedOf(always)]).toEqual([1, 5]);
    expect(await receiptOf(await chat(name))).toMatchObject({
      routing: { strategy: 'weighted', kept: false },
    });
  });

  it('is by latency if the admin says so: both are measured, then the faster is asked', async () => {
    const name = named('model');
    const slow = await serve(name, { priority: 0 }, { answers: [{ ...answers[0], delay_ms: 400 }] });
    const fast = await serve(name, { priority: 1 });
    await set(name, { strategy: 'least_latency' });
    for (let call = 0; call < 6; call++) await chat(name);
    expect(askedOf(slow)).toBeLessThanOrEqual(2);
    expect(askedOf(fast)).toBeGreaterThanOrEqual(4);
  });

  it('keeps a conversation where it was answered, if the admin says so', async () => {
    const name = named('model');
    const first = await serve(name, { priority: 0, weight: 1 });
    const second = await serve(name, { priority: 1, weight: 1 });
    await set(name, { strategy: 'weighted', keeps_provider: true });
    const turn = (beginning: string, ...more: string[]) =>
      chat(name, {
        messages: [
          { role: 'user', content: beginning },
          ...more.map((content) => ({ role: 'user', content })),
        ],
      });
    for (const beginning of ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']) {
      const before = [askedOf(first), askedOf(second)];
      await turn(beginning);
      await turn(beginning, 'And?');
      const answer = await turn(beginning, 'And?', 'And then?');
      const asked = [askedOf(first) - (before[0] ?? 0), askedOf(second) - (before[1] ?? 0)];
      expect(asked.sort()).toEqual([0, 3]);
      expect(await receiptOf(answer)).toMatchObject({ routing: { strategy: 'weighted', kept: true } });
    }
    expect(Math.min(askedOf(first), askedOf(second))).toBeGreaterThan(0);
  });
});

describe('what is left of the limits of a key', () => {
  const shown = (headers: Record<string, unknown>) => [
    headers['x-ratelimit-limit-requests'],
    headers['x-ratelimit-remaining-requests'],
  ];

  it.each([
    ['/v1/chat/completions', (model: string) => ({ model, messages: [{ role: 'user', content: 'Hello' }] })],
    [
      '/v1/messages',
      (model: string) => ({ model, max_tokens: 20, messages: [{ role: 'user', content: 'Hello' }] }),
    ],
    ['/v1/responses', (model: string) => ({ model, input: 'Hello' })],
    ['/api/ai/executions', (model: string) => ({ model, prompt: 'Hello' })],
  ])('is told by %s, in one piece, in streams, and in errors', async (path, bodyOf) => {
    const { public_name } = await serve();
    const bad = await failing(500);
    const limits = { requests_per_minute: 4, scopes: ['executions:write'] };
    const { secret } = (await user.post('/api/api-keys', { name: named('limited'), ...limits })).body;
    const ask = (model: string, more: object = {}) =>
      request(port, ACME, path, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...bodyOf(model), ...more }),
      });
    expect(shown((await ask(public_name)).headers)).toEqual(['4', '3']);
    expect(shown((await ask(public_name, { stream: true })).headers)).toEqual(['4', '2']);
    expect(shown((await ask(bad.public_name)).headers)).toEqual(['4', '1']);
    expect(shown((await ask(bad.public_name, { stream: true })).headers)).toEqual(['4', '0']);
    const refused = await ask(public_name);
    expect([refused.status, ...shown(refused.headers)]).toEqual([429, '4', '0']);
  });
});

describe('a client whose base URL is off', () => {
  it('is told so with its key, where a browser gets the page', async () => {
    const asked = await request(port, ACME, '/models', {
      headers: { authorization: `Bearer ${user.token}` },
    });
    expect([asked.status, JSON.parse(asked.text).error.message]).toEqual([
      404,
      expect.stringContaining('/v1/models'),
    ]);
    const page = await request(port, ACME, '/models');
    expect([page.status, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
  });

  it('with a key that is not valid is told that it is the key', async () => {
    const answer = await request(port, ACME, '/v1/models', { headers: { authorization: 'Bearer sk-wrong' } });
    expect([answer.status, JSON.parse(answer.text).error.message]).toEqual([
      401,
      expect.stringContaining('is not valid'),
    ]);
  });
});
