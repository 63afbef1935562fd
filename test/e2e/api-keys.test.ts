import { beforeAll, describe, expect, inject, it } from 'vitest';
import { newApiKey } from '../../worker/api-keys/secret.ts';
import { asOwner, type Client, eventually, registerSomebody, signIn } from '../support/demo.ts';
import { type JsonAnswer, requestJson } from '../support/http.ts';
import { resetRoundTrips, roundTrips } from '../support/stack.ts';

const ACME = 'acme.localhost';
const GLOBEX = 'globex.localhost';
const KEYS = '/api/api-keys';
const EXECUTIONS = '/api/ai/executions';
const UNKNOWN = '01900000-0000-7000-8000-ffffffffffff';
const prompt = { model: 'gpt-5.4-mini', prompt: 'Hello', max_output_tokens: 50 };
const everything = ['executions:write', 'executions:read', 'models:read', 'wallet:read'];
const stack = inject('stack');

let admin: Client;
let user: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  user = await registerSomebody(stack.port, ACME);
});

let made = 0;
/** Creates a key and returns the answer, the only one that shows its secret. */
async function make(by: Client, more: Record<string, unknown> = {}): Promise<JsonAnswer['body']> {
  const answer = await by.post(KEYS, { name: `key ${++made}`, scopes: everything, ...more });
  expect(answer).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^vsk_\w{49}$/) } });
  return answer.body;
}

const as = (secret: string, path: string, body?: unknown, host = ACME) =>
  requestJson(stack.port, host, path, {
    headers: { authorization: `Bearer ${secret}` },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
const run = (secret: string, more: Record<string, unknown> = {}) =>
  as(secret, EXECUTIONS, { ...prompt, ...more });
const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });

async function slowDown(delay_ms: number): Promise<void> {
  const fault = delay_ms === 0 ? { mode: 'none' } : { mode: 'slow_start', delay_ms };
  const answer = await fetch(`${stack.simulatorOrigin}/_control/faults`, {
    method: 'PUT',
    body: JSON.stringify({ provider: 'openai', ...fault }),
  });
  expect(answer.ok).toBe(true);
}

describe('a program with an API key', () => {
  it('can do what its scopes allow, by either header, and its user sees its last use', async () => {
    const { id, secret } = await make(user);
    const { status, body } = await run(secret);
    expect(status).toBe(201);
    for (const path of ['/api/ai/models', EXECUTIONS, '/api/wallet', '/api/wallet/ledger']) {
      expect((await as(secret, path)).status, path).toBe(200);
      const other = await requestJson(stack.port, ACME, path, { headers: { 'x-api-key': secret } });
      expect(other.status, path).toBe(200);
    }
    const stored = await eventually(
      () => as(secret, `${EXECUTIONS}/${body.id}`),
      (answer) => answer.status === 200,
    );
    expect(stored.body.id).toBe(body.id);
    const [row] = await asOwner(stack.ownerUrl, 'select api_key_id from ai_executions where id = $1', [
      body.id,
    ]);
    expect(row).toEqual({ api_key_id: id });
    const shown = await eventually(
      () => user.get(`${KEYS}/${id}`),
      (answer) => answer.body.last_used_at !== null,
    );
    expect(Math.abs(Date.parse(shown.body.last_used_at) - Date.now())).toBeLessThan(60_000);
    expect(JSON.stringify(shown.body)).not.toContain(secret);
  });

  it('costs no database round trip once warm, and a mistyped key never costs one', async () => {
    const { secret } = await make(user);
    await run(secret);
    await resetRoundTrips(stack.gatewayOrigin);
    expect((await run(secret)).status).toBe(201);
    const typo = `${secret.slice(0, -1)}${secret.endsWith('x') ? 'y' : 'x'}`;
    expect(await run(typo)).toMatchObject(refusal(401, 'unauthenticated'));
    expect(await roundTrips(stack.gatewayOrigin, 'vanilla-request')).toBe(0);
  });

  it('that does not exist is looked up once, however often it is sent', async () => {
    const nobodys = newApiKey();
    expect(await run(nobodys)).toMatchObject(refusal(401, 'unauthenticated'));
    await resetRoundTrips(stack.gatewayOrigin);
    const flood = await Promise.all(Array.from({ length: 50 }, () => run(nobodys)));
    for (const answer of flood) expect(answer).toMatchObject(refusal(401, 'unauthenticated'));
    expect(await roundTrips(stack.gatewayOrigin, 'vanilla-request')).toBe(0);
  });

  it('is refused on every route outside of its scopes, with the required scope', async () => {
    const { secret } = await make(user, { scopes: ['models:read'] });
    expect((await as(secret, '/api/ai/models')).status).toBe(200);
    const lacking: [string, unknown, string][] = [
      [EXECUTIONS, prompt, 'executions:write'],
      [EXECUTIONS, undefined, 'executions:read'],
      ['/api/wallet', undefined, 'wallet:read'],
      ['/api/wallet/ledger', undefined, 'wallet:read'],
    ];
    for (const [path, body, scope] of lacking) {
      const answer = await as(secret, path, body);
      expect(answer).toMatchObject(refusal(403, 'forbidden'));
      expect(answer.body.error.details).toMatchObject({ scope, scopes: ['models:read'] });
    }
  });

  it('is refused on every route that requires a session, even with all scopes', async () => {
    const { id, secret } = await make(admin);
    for (const path of [
      '/api/auth/me',
      '/api/users',
      '/api/levels',
      KEYS,
      `${KEYS}/${id}`,
      '/api/wallet/live',
    ])
      expect(await as(secret, path), path).toMatchObject({
        status: 403,
        body: { error: { code: 'forbidden', details: { scope: null } } },
      });
    for (const path of [
      KEYS,
      `${KEYS}/${id}/rotate`,
      '/api/auth/logout',
      `/api/users/${user.userId}/sign-out`,
    ])
      expect(await as(secret, path, { name: 'more' }), path).toMatchObject(refusal(403, 'forbidden'));
  });

  it('is refused at another tenant’s hostname, even if it is cached at its own', async () => {
    const { secret } = await make(user);
    expect((await run(secret)).status).toBe(201);
    expect(await as(secret, EXECUTIONS, prompt, GLOBEX)).toMatchObject(refusal(401, 'unauthenticated'));
    expect(await as(secret, '/api/wallet', undefined, GLOBEX)).toMatchObject(refusal(401, 'unauthenticated'));
  });

  it('can call and list only the models that its key names and its level allows', async () => {
    const { secret } = await make(user, { allowed_models: ['gpt-5.4-mini'] });
    expect((await run(secret)).status).toBe(201);
    expect(await run(secret, { model: 'auto' })).toMatchObject(refusal(404, 'unknown_model'));
    const { body } = await as(secret, '/api/ai/models');
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['gpt-5.4-mini']);
  });

  it('continues after its user signs out, and stops when its user is disabled', async () => {
    const somebody = await registerSomebody(stack.port, ACME);
    const { secret } = await make(somebody);
    expect((await somebody.post('/api/auth/logout')).status).toBe(204);
    expect((await run(secret)).status).toBe(201);
    expect((await admin.patch(`/api/users/${somebody.userId}`, { status: 'disabled' })).status).toBe(200);
    expect(await run(secret)).toMatchObject(refusal(403, 'user_disabled'));
    expect(await as(secret, '/api/wallet')).toMatchObject(refusal(403, 'user_disabled'));
  });
});

describe('a key that is revoked', () => {
  it('is refused from the next request on, even if every cache is warm, and can be revoked again', async () => {
    const { id, secret } = await make(user);
    expect((await run(secret)).status).toBe(201);
    expect((await user.delete(`${KEYS}/${id}`)).status).toBe(204);
    for (const answer of [
      await run(secret),
      await as(secret, '/api/wallet'),
      await as(secret, EXECUTIONS),
      await as(secret, '/api/ai/models'),
    ])
      expect(answer).toMatchObject(refusal(401, 'api_key_revoked'));
    expect((await user.delete(`${KEYS}/${id}`)).status).toBe(204);
    expect(await user.patch(`${KEYS}/${id}`, { name: 'back' })).toMatchObject(refusal(409, 'api_key_ended'));
    expect(await user.post(`${KEYS}/${id}/rotate`, {})).toMatchObject(refusal(409, 'api_key_ended'));
  });

  it('can also be revoked by an admin of its tenant, who sees it, but not from another tenant', async () => {
    const { id, secret } = await make(user);
    expect((await run(secret)).status).toBe(201);
    const foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
    const colleague = await registerSomebody(stack.port, ACME);
    for (const other of [foreignAdmin, colleague]) {
      for (const answer of [
        await other.get(`${KEYS}/${id}`),
        await other.delete(`${KEYS}/${id}`),
        await other.patch(`${KEYS}/${id}`, { name: 'mine' }),
        await other.post(`${KEYS}/${id}/rotate`, {}),
        await other.get(`${KEYS}/${UNKNOWN}`),
      ])
        expect(answer).toMatchObject(refusal(404, 'not_found'));
    }
    expect((await run(secret)).status).toBe(201);
    const { body } = await admin.get(`${KEYS}?user_id=${user.userId}&limit=100`);
    expect(body.items.map((key: { id: string }) => key.id)).toContain(id);
    expect((await admin.delete(`${KEYS}/${id}`)).status).toBe(204);
    expect(await run(secret)).toMatchObject(refusal(401, 'api_key_revoked'));
  });
});

describe('limits of a key', () => {
  it('hold exactly under thirty concurrent calls: the month is not overspent, and each refusal names its limit', async () => {
    const { id, secret } = await make(user);
    const worstCase = (await run(secret)).body.tokens_reserved;
    const before = (await run(secret)).body;
    const spentSoFar = await eventually(
      () =>
        asOwner<{ charged: string; runs: string }>(
          stack.ownerUrl,
          'select sum(tokens_charged) as charged, count(*) as runs from ai_executions where api_key_id = $1',
          [id],
        ),
      ([row]) => row?.runs === '2',
    );
    expect(before.status).toBe('succeeded');
    const budget = Number(spentSoFar[0]?.charged) + worstCase * 5 + (worstCase - 1);
    expect((await user.patch(`${KEYS}/${id}`, { monthly_budget_tokens: budget })).status).toBe(200);
    await slowDown(1_500);
    const answers = await Promise.all(Array.from({ length: 30 }, () => run(secret)));
    await slowDown(0);
    const served = answers.filter(({ status }) => status === 201);
    // With five held, the sixth lacks one token, unless its input is counted and holds less.
    expect(served.length).toBeGreaterThanOrEqual(5);
    const reserved = served.reduce((sum, { body }) => sum + body.tokens_reserved, 0);
    expect(Number(spentSoFar[0]?.charged) + reserved).toBeLessThanOrEqual(budget);
    for (const { status, body } of answers.filter((answer) => !served.includes(answer))) {
      expect(status).toBe(429);
      expect(body.error).toMatchObject({
        code: 'tokens_held',
        details: { scope: 'api_key_month', limit: budget },
      });
      const { required, available } = body.error.details;
      expect(required).toBeGreaterThan(available);
      expect(required).toBeLessThanOrEqual(worstCase);
      expect(Date.parse(body.error.details.resets_at)).toBeGreaterThan(Date.now());
    }
  });

  it('and the balance both lower the output limit if both are less than the request', async () => {
    const somebody = await registerSomebody(stack.port, ACME);
    const { available } = (await somebody.get('/api/wallet')).body;
    const { secret } = await make(somebody, { monthly_budget_tokens: available + 10_000 });
    const asked = { max_output_tokens: 60_000 };
    const unfitted = await run(secret, { ...asked, fit_to_balance: false });
    expect(unfitted).toMatchObject(refusal(402, 'insufficient_balance'));
    const fitted = await run(secret, asked);
    expect(fitted.status).toBe(201);
    expect(fitted.body.tokens_reserved).toBeLessThanOrEqual(available);
    expect(fitted.body.fitted_max_output_tokens).toBeGreaterThan(1_000);
    expect(fitted.body.fitted_max_output_tokens).toBeLessThan(60_000);
  });

  it('that change while every cache is warm apply to the next request: fewer requests in a minute', async () => {
    const { id, secret } = await make(user);
    expect((await run(secret)).status).toBe(201);
    expect((await user.patch(`${KEYS}/${id}`, { requests_per_minute: 1 })).status).toBe(200);
    const answers = [await run(secret), await run(secret), await run(secret)];
    const refused = answers.filter(({ status }) => status === 429);
    // A new minute may begin in between, once.
    expect(refused.length).toBeGreaterThanOrEqual(1);
    for (const { body, headers } of refused) {
      expect(body.error).toMatchObject({
        code: 'rate_limited',
        details: { scope: 'api_key', limit: 'requests_per_minute', limit_max: 1 },
      });
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    }
    await user.patch(`${KEYS}/${id}`, { requests_per_minute: null });
    expect((await run(secret)).status).toBe(201);
  });
});

describe('rotating a key', () => {
  it('gives a new secret of the same key, and the old one is valid until its stated end', async () => {
    const { id, secret } = await make(user);
    expect((await run(secret)).status).toBe(201);
    const rotated = await user.post(`${KEYS}/${id}/rotate`, { grace_s: 0 });
    expect(rotated).toMatchObject({ status: 200, body: { id } });
    expect(rotated.body.secret).not.toBe(secret);
    expect(Date.parse(rotated.body.previous_valid_until) - Date.now()).toBeGreaterThan(50_000);
    expect((await run(secret)).status).toBe(201);
    expect((await run(rotated.body.secret)).status).toBe(201);
    const again = await user.post(`${KEYS}/${id}/rotate`, { grace_s: 3_600 });
    expect((await as(secret, '/api/wallet')).status).toBe(401);
    expect((await user.delete(`${KEYS}/${id}`)).status).toBe(204);
    for (const ended of [rotated.body.secret, again.body.secret])
      expect(await run(ended)).toMatchObject(refusal(401, 'api_key_revoked'));
  });
});

describe('a key that has expired', () => {
  it('is refused as expired, warm or not', async () => {
    const { id, secret } = await make(user);
    await asOwner(stack.ownerUrl, 'update api_keys set expires_at = now() where id = $1', [id]);
    expect(await run(secret)).toMatchObject(refusal(401, 'api_key_expired'));
    const warm = await make(user);
    await asOwner(
      stack.ownerUrl,
      `update api_keys set expires_at = now() + interval '2 seconds' where id = $1`,
      [warm.id],
    );
    expect((await run(warm.secret)).status).toBe(201);
    const late = await eventually(
      () => run(warm.secret),
      ({ status }) => status !== 201,
    );
    expect(late).toMatchObject(refusal(401, 'api_key_expired'));
  });
});
