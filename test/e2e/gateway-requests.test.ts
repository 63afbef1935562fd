import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ACME, MODELS, modelOf, PROVIDERS, priceOf } from '../support/catalog.ts';
import type { Client } from '../support/demo.ts';
import { plainAnswers } from '../support/gateway-cases/case.ts';
import { openGateway, type ScriptedGateway, type Served } from '../support/gateway-cases/gateway.ts';
import { type RequestOptions, request } from '../support/http.ts';

/** Requests in the forms in which clients of other gateways send them: paths, methods, keys, bodies, base URLs. */

const { port } = inject('stack');
let gateway: ScriptedGateway;
let user: Client;
let key: string;
let served: Served;
beforeAll(async () => {
  gateway = await openGateway({ port });
  user = await gateway.user(1_000_000);
  const made = await user.post('/api/api-keys', {
    name: 'of a program',
    scopes: ['executions:write', 'executions:read', 'models:read', 'wallet:read'],
  });
  key = made.body.secret;
  served = await gateway.serve({ answers: plainAnswers.openai });
});
afterAll(() => gateway.stop());

const send = (path: string, { headers = {}, ...options }: RequestOptions = {}) =>
  request(port, ACME, path, { ...options, headers: { authorization: `Bearer ${key}`, ...headers } });
const chatBody = () =>
  JSON.stringify({ model: served.public_name, messages: [{ role: 'user', content: 'Hello' }] });
const JSON_TYPE = { 'content-type': 'application/json' };

/** Expects an error in the form of OpenAI's SDK. */
function expectError({ text }: { text: string }): { message: string } {
  const { error } = JSON.parse(text);
  expect(error.message).toMatch(/\w/);
  return error;
}

describe.concurrent('a client', () => {
  it.each([
    '/v1/chat/completions',
    '/v1/chat/completions/',
    '/v1//chat/completions',
    '//v1/chat/completions',
    '/v1/v1/chat/completions',
    '/chat/completions',
    '/api/v1/chat/completions',
    '/openai/v1/chat/completions',
    '/v1/openai/chat/completions',
    '/v1/chat/completions?api-version=2024-10-21',
    '/V1/chat/completions',
  ])('that asks at %s is answered, or told where the API is', async (path) => {
    const answer = await send(path, { method: 'POST', headers: JSON_TYPE, body: chatBody() });
    if (answer.status === 200) expect(JSON.parse(answer.text).choices[0].message.content).toBe('ok');
    else {
      expect(answer.status).toBe(404);
      expect(expectError(answer).message).toContain('/v1/');
    }
  });

  it.each([
    ['HEAD', '/v1/models'],
    ['HEAD', '/v1/chat/completions'],
    ['OPTIONS', '/v1/chat/completions'],
    ['OPTIONS', '/v1/models'],
    ['GET', '/v1/chat/completions'],
    ['GET', '/v1/messages'],
    ['PUT', '/v1/chat/completions'],
    ['DELETE', '/v1/models'],
    ['GET', '/v1'],
  ])('is told by %s %s what is there', async (method, path) => {
    const answer = await send(path, { method });
    expect(answer.status).toBeLessThan(500);
    if (method === 'HEAD' && path === '/v1/models') expect(answer.status).toBe(200);
    if (!['HEAD', 'OPTIONS'].includes(method) && path !== '/v1') {
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toMatch(/GET|POST/);
    }
  });

  it.each([
    [200, 'Bearer in other letters', () => ({ authorization: `bearer ${key}` })],
    [200, 'BEARER in capitals', () => ({ authorization: `BEARER ${key}` })],
    [200, 'x-api-key', () => ({ authorization: '', 'x-api-key': key })],
    [200, 'api-key', () => ({ authorization: '', 'api-key': key })],
    [200, 'x-goog-api-key', () => ({ authorization: '', 'x-goog-api-key': key })],
    [401, 'no key', () => ({ authorization: '' })],
    [401, 'the key alone', () => ({ authorization: key })],
    [401, 'Basic', () => ({ authorization: `Basic ${btoa(`user:${key}`)}` })],
    [401, 'an empty Bearer', () => ({ authorization: 'Bearer ' })],
    [401, 'a key with a letter more', () => ({ authorization: `Bearer ${key}x` })],
    [401, 'a key in quotes', () => ({ authorization: `Bearer "${key}"` })],
  ] as const)('gets %i for %s', async (status, _, headers) => {
    const asked = Object.entries(headers()).filter(([, value]) => value !== '');
    const answer = await request(port, ACME, '/v1/models', { headers: Object.fromEntries(asked) });
    expect(answer.status).toBe(status);
    if (status === 401) expectError(answer);
  });

  it.each([
    ['no content type', {}, chatBody, [200, 415]],
    ['text/plain', { 'content-type': 'text/plain' }, chatBody, [200, 415]],
    ['a charset', { 'content-type': 'application/json; charset=utf-8' }, chatBody, [200]],
    ['a content type in capitals', { 'content-type': 'Application/JSON' }, chatBody, [200]],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, chatBody, [200, 415]],
    ['a byte order mark', JSON_TYPE, () => `\ufeff${chatBody()}`, [200, 400]],
    ['spaces around', JSON_TYPE, () => `\n ${chatBody()}\r\n `, [200]],
    ['nothing', JSON_TYPE, () => '', [400]],
    ['null', JSON_TYPE, () => 'null', [400]],
    ['a list', JSON_TYPE, () => `[${chatBody()}]`, [400]],
    ['text', JSON_TYPE, () => JSON.stringify(chatBody()), [400]],
    ['half of it', JSON_TYPE, () => chatBody().slice(0, 30), [400]],
    ['a field twice', JSON_TYPE, () => chatBody().replace('{', '{"model":"x",'), [200]],
    ['a comment', JSON_TYPE, () => chatBody().replace('{', '{/* */'), [400]],
    ['a prototype', JSON_TYPE, () => chatBody().replace('{', '{"__proto__":{"n":2},'), [200, 400]],
    ['NaN', JSON_TYPE, () => chatBody().replace('{', '{"temperature":NaN,'), [400]],
    ['10,000 lists', JSON_TYPE, () => `${'['.repeat(10_000)}${']'.repeat(10_000)}`, [400]],
  ] as [string, Record<string, string>, () => string, number[]][])(
    'that sends %s is answered or told what is wrong',
    async (_, headers, body, right) => {
      const answer = await send('/v1/chat/completions', { method: 'POST', headers, body: body() });
      expect(right).toContain(answer.status);
      if (answer.status !== 200) expectError(answer);
    },
  );

  it.each([
    ...['completions', 'responses', 'embeddings', 'moderations', 'images/generations', 'audio/speech'],
    ...['audio/transcriptions', 'batches', 'files', 'fine_tuning/jobs', 'assistants', 'threads', 'rerank'],
    ...['messages/count_tokens', 'messages/batches', 'complete', 'vector_stores', 'realtime/sessions'],
    ...['videos', 'uploads', 'conversations', 'chat/completions/x', 'engines', 'organization/usage', 'score'],
  ])('that asks for /v1/%s is answered, or told so in the form of its SDK', async (path) => {
    const answer = await send(`/v1/${path}`, { method: 'POST', headers: JSON_TYPE, body: '{}' });
    // Transcriptions are asked for by a form.
    expect([200, 400, 404, 405, 415]).toContain(answer.status);
    if (answer.status !== 200) expectError(answer);
  });

  it('gets a model with a slash in its name by both forms of its path', async () => {
    const public_name = `acme/${crypto.randomUUID()}`;
    await gateway.serve({ answers: plainAnswers.openai }, { more: { public_name } });
    for (const path of [public_name, encodeURIComponent(public_name)]) {
      const answer = await send(`/v1/models/${path}`);
      expect([answer.status, JSON.parse(answer.text).id], path).toEqual([200, public_name]);
    }
  });

  it("of Anthropic's SDK gets models in its form", async () => {
    const { text } = await send('/v1/models', { headers: { 'anthropic-version': '2023-06-01' } });
    const list = JSON.parse(text);
    expect(list).toMatchObject({ has_more: expect.any(Boolean), first_id: expect.any(String) });
    expect(list.data[0]).toMatchObject({
      ...{ type: 'model', id: expect.any(String), display_name: expect.any(String) },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('sees what is left of its limit with each answer, and how long to wait when nothing is', async () => {
    const limits = { requests_per_minute: 2, scopes: ['executions:write'] };
    const { secret } = (await user.post('/api/api-keys', { name: 'limited', ...limits })).body;
    const answers = [];
    for (let call = 0; call < 3; call++) answers.push(await gateway.chat(secret, served.public_name));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers.map(({ headers }) => headers['x-ratelimit-limit-requests'])).toEqual(['2', '2', '2']);
    expect(answers.map(({ headers }) => headers['x-ratelimit-remaining-requests'])).toEqual(['1', '0', '0']);
    for (const { headers } of answers) expect(headers['x-ratelimit-reset-requests']).toMatch(/\d/);
    expect(Number(answers[2]?.headers['retry-after'])).toBeGreaterThan(0);
  });

  it.each([
    ...['/v1/models', '/api/wallet', '/api/ai/models', '/api/ai/executions', '/api/wallet/ledger'],
    '/v1/models/unknown',
  ])('gets %s with headers that keep it out of shared caches', async (path) => {
    const { headers } = await send(path);
    expect(headers['cache-control']).toMatch(/no-store|private/);
    expect(headers.vary?.toLowerCase()).toContain('authorization');
  });
});

describe.concurrent('a base URL', () => {
  const paths = {
    openai: ['/v1/models', '/v1/chat/completions'],
    anthropic: ['/v1/models', '/v1/messages'],
  };
  it.each([
    ['openai', '/v1'],
    ['openai', '/v1/'],
    ['openai', ''],
    ['openai', '/v1/chat/completions'],
    ['openai', '/v1?api-version=2024-10-21'],
    ['anthropic', ''],
    ['anthropic', '/'],
    ['anthropic', '/v1'],
    ['anthropic', '/v1/messages'],
  ] as const)('of %s that ends in "%s" works, or is refused when it is saved', async (kind, end) => {
    const script = { answers: plainAnswers[kind], only_paths: paths[kind] };
    const refused = await gateway.admin.post(PROVIDERS, {
      ...{ name: crypto.randomUUID(), kind, api_key: 'sk-1' },
      base_url: `${gateway.upstream.add(script).base_url}${end}`,
    });
    if (refused.status !== 201) {
      expect(refused.status).toBeLessThan(500);
      expect(refused.body.error.message).toMatch(/base_url|URL|404|path/);
      return;
    }
    const { public_name } = await gateway.serve(script, { kind, base_url: (origin) => `${origin}${end}` });
    const answer = await gateway.chat(user.token, public_name);
    expect([answer.status, JSON.parse(answer.text).choices?.[0].message.content]).toEqual([200, 'ok']);
  });
});

describe.concurrent('an admin', () => {
  const places = {
    'a key': (text: string) => user.post('/api/api-keys', { name: text }),
    'a provider': (text: string) =>
      gateway.admin.post(PROVIDERS, {
        ...{ name: text, kind: 'openai', api_key: 'sk-1' },
        base_url: `${gateway.upstream.add({ answers: [] }).base_url}/v1`,
      }),
    'a model': (text: string) =>
      gateway.admin.post(MODELS, modelOf(served.provider_id, { public_name: text })),
    'a reason': (text: string) => credit('credits', 1, text),
  };
  const credit = (kind: 'credits' | 'adjustments', amount: unknown, reason = 'a test needs it so') =>
    gateway.admin.post(
      `/api/users/${user.userId}/wallet/${kind}`,
      { amount, reason },
      { 'idempotency-key': crypto.randomUUID() },
    );

  it.each(Object.entries(places))('can give %s any text that can be stored', async (_, write) => {
    const tail = crypto.randomUUID().slice(0, 8);
    expect((await write(`a\u0000b ${tail}`)).status).toBe(400);
    expect((await write(`a\ud83d ${tail}`)).status).toBe(400);
    expect((await write(`🚀 \u202etfel ${tail}`)).status).toBe(201);
  });

  it.each([-5, 0, 1.5, '5', 2 ** 53, 1e30, null])('cannot credit %o tokens', async (amount) => {
    expect((await credit('credits', amount)).status).toBe(400);
  });

  it('cannot take a balance below zero', async () => {
    const answer = await credit('adjustments', -(2 ** 49));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect((await user.get('/api/wallet')).body.available).toBeGreaterThanOrEqual(0);
  });

  it.each([-1, 0.5, '4', 2 ** 53, 1e30])('cannot set a price of %o', async (rate) => {
    const prices = `${MODELS}/${served.model_id}/prices`;
    const answer = await gateway.admin.post(prices, priceOf(rate as number));
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request']);
  });
});
