import { SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, registerSomebody, signIn } from '../support/demo.ts';
import { request, requestJson } from '../support/http.ts';

const ACME = 'acme.localhost';
const stack = inject('stack');
const EXECUTIONS = '/api/ai/executions';
const good = { model: 'gpt-5.4-mini', prompt: 'Hello' };

let user: Client;
beforeAll(async () => {
  user = await registerSomebody(stack.port, ACME);
  await user.get('/api/wallet');
});

async function expectUntouched(): Promise<void> {
  expect((await user.get('/api/wallet')).body).toMatchObject({
    seq: 1,
    reserved: 0,
    in_flight: 0,
    consumed: 0,
  });
}

const send = (body: string, headers: Record<string, string> = {}) =>
  request(stack.port, ACME, EXECUTIONS, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json', ...headers },
  });

describe('an execution request', () => {
  it.each([
    ['is empty', '', 400, 'invalid_json'],
    ['is not JSON', '{"model":', 400, 'invalid_json'],
    ['is a list', '[]', 400, 'invalid_request'],
    ['is null', 'null', 400, 'invalid_request'],
    [
      'is nested ten thousand deep',
      `{"model":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      400,
      'invalid_json',
    ],
    ['is 10 MB long', JSON.stringify({ ...good, prompt: 'x'.repeat(10_000_000) }), 413, 'body_too_large'],
  ])('that %s is refused and touches no wallet', async (_, body, status, code) => {
    const answer = await send(body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text).error).toMatchObject({ code, request_id: answer.headers['x-request-id'] });
    await expectUntouched();
  });

  it('that is chunked and has no content length is cut off at the limit', async () => {
    const answer = await send(JSON.stringify({ ...good, prompt: 'x'.repeat(9_000_000) }), {
      'transfer-encoding': 'chunked',
    });
    expect(answer.status).toBe(413);
    await expectUntouched();
  });

  it('that is not application/json is refused', async () => {
    expect((await send('model=x', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
  });

  const wrong: [string, unknown, string][] = [
    ['an unknown field', { ...good, temperatur: 1 }, 'temperatur'],
    ['no model', { prompt: 'Hello' }, 'model'],
    ['an empty prompt', { ...good, prompt: '' }, 'prompt'],
    ['neither prompt nor messages', { model: 'gpt-5.4-mini' }, 'prompt'],
    ['both prompt and messages', { ...good, messages: [{ role: 'user', content: 'Hi' }] }, 'prompt'],
    [
      'messages that do not end with the user',
      { model: 'gpt-5.4-mini', messages: [{ role: 'assistant', content: 'Hi' }] },
      'messages',
    ],
    [
      'an unknown role',
      { model: 'gpt-5.4-mini', messages: [{ role: 'root', content: 'Hi' }] },
      'messages.0.role',
    ],
    ...[-1, 0, 1.5, '7', null, true, [], 1e30, 2 ** 50 + 1, 1_000_001, 999_999].map(
      (value): [string, unknown, string] => [
        `max_output_tokens ${JSON.stringify(value)}`,
        { ...good, max_output_tokens: value },
        'max_output_tokens',
      ],
    ),
  ];
  it.each(wrong)(
    'with %s is refused, names the field and the rule, and touches no wallet',
    async (_, body, field) => {
      const answer = await user.post(EXECUTIONS, body);
      expect(answer.status).toBe(400);
      expect(answer.body.error.code).toBe('invalid_request');
      expect(answer.body.error.details.issues.map((issue: { field: string }) => issue.field)).toContain(
        field,
      );
      expect(answer.body.error.details.issues[0].rule).toMatch(/\w/);
      await expectUntouched();
    },
  );

  it('for an unknown model is refused and names the field', async () => {
    const answer = await user.post(EXECUTIONS, { ...good, model: 'gpt-nope' });
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { code: 'unknown_model', details: { field: 'model' } } },
    });
    await expectUntouched();
  });
});

describe('a session token', () => {
  const nowS = Math.floor(Date.now() / 1_000);
  const claims = () => ({ userId: user.userId, tenantId: user.tenantId, iat: nowS, exp: nowS + 600 });
  const withToken = (token: string, path = EXECUTIONS) =>
    requestJson(stack.port, ACME, path, {
      method: 'POST',
      body: good,
      headers: { authorization: `Bearer ${token}` },
    });

  it('with alg none is refused', async () => {
    const answer = await withToken(new UnsecuredJWT(claims()).encode());
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'unauthenticated' } } });
  });

  it('signed with a guessed key is refused', async () => {
    const forged = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('secret'.repeat(8)));
    expect((await withToken(forged)).status).toBe(401);
  });

  it('that has expired is refused and says so', async () => {
    const expired = await new SignJWT({ ...claims(), iat: nowS - 100, exp: nowS - 50 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(stack.jwtSecret));
    expect(await withToken(expired)).toMatchObject({
      status: 401,
      body: { error: { code: 'token_expired' } },
    });
  });

  it('of another tenant is refused on every route, reading or writing', async () => {
    const stranger = await signIn(stack.port, 'globex.localhost', 'user@globex.test');
    for (const path of [
      '/api/auth/me',
      '/api/wallet',
      '/api/wallet/ledger',
      EXECUTIONS,
      '/api/ai/models',
      '/api/users',
    ]) {
      const answer = await requestJson(stack.port, ACME, path, {
        headers: { authorization: `Bearer ${stranger.token}` },
      });
      expect(answer, path).toMatchObject({ status: 401, body: { error: { code: 'wrong_tenant' } } });
    }
  });

  it('is refused everywhere at once after signing out', async () => {
    const leaver = await registerSomebody(stack.port, ACME);
    expect((await leaver.post(EXECUTIONS, good)).status).toBe(201);
    expect((await leaver.post('/api/auth/logout')).status).toBe(204);
    for (const answer of [
      await leaver.get('/api/auth/me'),
      await leaver.get('/api/wallet'),
      await leaver.get('/api/ai/models'),
      await leaver.post(EXECUTIONS, good),
    ]) {
      expect(answer).toMatchObject({ status: 401, body: { error: { code: 'session_revoked' } } });
    }
    const again = await signIn(stack.port, ACME, leaver.email);
    expect((await again.get('/api/auth/me')).status).toBe(200);
  });

  it('whose sign-out did not reach the wallet is refused once the sign-out is repeated', async () => {
    const leaver = await registerSomebody(stack.port, ACME);
    expect((await leaver.post(EXECUTIONS, good)).status).toBe(201);
    // Only Postgres has the sign-out, as if the wallet had been unreachable at that moment.
    await asOwner(stack.ownerUrl, 'update users set signed_out_at = now() where id = $1', [leaver.userId]);
    expect((await leaver.post('/api/auth/logout')).status).toBe(204);
    expect(await leaver.post(EXECUTIONS, good)).toMatchObject({
      status: 401,
      body: { error: { code: 'session_revoked' } },
    });
  });
});

describe('two sessions of one user', () => {
  it('do not share a cache entry: the newer one loads it, the signed-out one cannot use it', async () => {
    const older = await registerSomebody(stack.port, ACME);
    // Only Postgres has the sign-out, so that neither the wallet nor an earlier cache entry can refuse.
    await asOwner(stack.ownerUrl, 'update users set signed_out_at = now() where id = $1', [older.userId]);
    const newer = await signIn(stack.port, ACME, older.email);
    expect((await newer.post(EXECUTIONS, good)).status).toBe(201);
    expect(await older.post(EXECUTIONS, good)).toMatchObject({
      status: 401,
      body: { error: { code: 'session_revoked' } },
    });
  });
});

describe('another user’s resource', () => {
  it('is not found, whether it exists or not', async () => {
    const stranger = await registerSomebody(stack.port, ACME);
    const id = (await stranger.post(EXECUTIONS, good)).body.id;
    const foreign = await user.get(`${EXECUTIONS}/${id}`);
    const unknown = await user.get(`${EXECUTIONS}/01900000-0000-7000-8000-ffffffffffff`);
    const { request_id: _, ...foreignError } = foreign.body.error;
    const { request_id: __, ...unknownError } = unknown.body.error;
    expect([foreign.status, foreignError]).toEqual([unknown.status, unknownError]);
    expect(foreign.status).toBe(404);
  });

  it('cannot be credited by a user, nor by an admin of another tenant', async () => {
    const credit = { amount: 1_000_000, reason: 'please' };
    const path = `/api/users/${user.userId}/wallet/credits`;
    const key = { 'idempotency-key': 'mine' };
    expect((await user.post(path, credit, key)).status).toBe(403);
    const foreignAdmin = await signIn(stack.port, 'globex.localhost', 'admin@globex.test');
    expect((await foreignAdmin.post(path, credit, key)).status).toBe(404);
    await expectUntouched();
  });
});

describe('an admin', () => {
  it('credits and adjusts a wallet, with a reason that stays in the ledger, once per Idempotency-Key', async () => {
    const admin = await signIn(stack.port, ACME, 'admin@acme.test');
    const somebody = await registerSomebody(stack.port, ACME);
    const before = (await somebody.get('/api/wallet')).body.available;
    const path = `/api/users/${somebody.userId}/wallet`;
    const credit = { amount: 500, reason: 'Bought a pack', reference: 'invoice-1' };
    const first = await admin.post(`${path}/credits`, credit, { 'idempotency-key': 'k1' });
    const again = await admin.post(`${path}/credits`, credit, { 'idempotency-key': 'k1' });
    expect(first.status).toBe(201);
    expect(again.body.seq).toBe(first.body.seq);
    expect(
      (await admin.post(`${path}/credits`, { ...credit, amount: 501 }, { 'idempotency-key': 'k1' })).status,
    ).toBe(422);
    const adjust = (key: string, amount: number) =>
      admin.post(`${path}/adjustments`, { amount, reason: 'Counted wrong' }, { 'idempotency-key': key });
    expect((await adjust('k2', -200)).status).toBe(201);
    expect((await adjust('k3', -(2 ** 49))).status).toBe(402);
    expect((await somebody.get('/api/wallet')).body.available).toBe(before + 300);
  });

  it('needs an Idempotency-Key to credit tokens, since a lost answer could not be repeated', async () => {
    const admin = await signIn(stack.port, ACME, 'admin@acme.test');
    const answer = await admin.post(`/api/users/${user.userId}/wallet/credits`, {
      amount: 5,
      reason: 'gift',
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(answer.body.error.details.issues[0].field).toBe('idempotency-key');
    await expectUntouched();
  });

  it.each([0, -5, 1.5, '5', 2 ** 50 + 1, null])('cannot credit %o tokens', async (amount) => {
    const admin = await signIn(stack.port, ACME, 'admin@acme.test');
    const path = `/api/users/${user.userId}/wallet/credits`;
    const answer = await admin.post(path, { amount, reason: 'odd' }, { 'idempotency-key': 'odd' });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(answer.body.error.details.issues[0].field).toBe('amount');
  });
});

describe('a hostname', () => {
  it('without a site answers 404, as a page for people and as JSON for programs', async () => {
    const page = await request(stack.port, 'nobody.example', '/', { headers: { accept: 'text/html' } });
    expect([page.status, page.headers['content-type']]).toEqual([404, expect.stringContaining('text/html')]);
    expect(page.text).toContain('nobody.example');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'nonce-/);
    expect(page.headers.location).toBeUndefined();
    const json = await requestJson(stack.port, 'nobody.localhost', '/api/tenant');
    expect(json).toMatchObject({ status: 404, body: { error: { code: 'unknown_host' } } });
  });

  it("decides the tenant; X-Tenant-Slug does on the platform's own hostname alone, X-Forwarded-Host never", async () => {
    const slugOf = async (host: string, headers: Record<string, string>) =>
      (await requestJson(stack.port, host, '/api/tenant', { headers })).body.slug;
    expect(await slugOf(ACME, { 'x-tenant-slug': 'globex', 'x-forwarded-host': 'globex.localhost' })).toBe(
      'acme',
    );
    expect(await slugOf('localhost', { 'x-tenant-slug': 'globex' })).toBe('globex');
    expect(await slugOf('localhost', {})).toBe('platform');
  });

  it('of the tenant’s own serves the tenant only after its ownership is verified', async () => {
    const [proved, claimed] = [`${crypto.randomUUID()}.example`, `${crypto.randomUUID()}.example`];
    for (const [hostname, status] of [
      [proved, 'active'],
      [claimed, 'issuing'],
    ]) {
      await asOwner(
        stack.ownerUrl,
        `insert into tenant_domains (tenant_id, id, hostname, status, verification_token)
         values ($1, gen_random_uuid(), $2, $3, 'a-token')`,
        [user.tenantId, hostname, status],
      );
    }
    expect((await requestJson(stack.port, proved, '/api/tenant')).body.slug).toBe('acme');
    expect((await requestJson(stack.port, claimed, '/api/tenant')).status).toBe(404);
    const atHome = await requestJson(stack.port, proved, '/api/wallet', {
      headers: { authorization: `Bearer ${user.token}` },
    });
    expect(atHome.status).toBe(200);
  });

  it("serves the tenant's own page, under a policy that allows no inline script", async () => {
    const page = await request(stack.port, 'globex.localhost', '/wallet', {
      headers: { accept: 'text/html' },
    });
    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>Globex</title>');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
  });
});

describe('somebody who guesses passwords', () => {
  it('must wait after ten tries at an account, before any hashing; other accounts are not affected', async () => {
    const guess = (email: string) =>
      requestJson(stack.port, 'globex.localhost', '/api/auth/login', {
        method: 'POST',
        body: { email, password: 'a guess' },
      });
    const victim = `${crypto.randomUUID()}@globex.test`;
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt++) statuses.push((await guess(victim)).status);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    const refused = await guess(victim);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await guess(`${crypto.randomUUID()}@globex.test`)).status).toBe(401);
  });
});

describe('a browser on another origin', () => {
  it('gets no permission to read answers', async () => {
    const answer = await request(stack.port, ACME, '/api/tenant', {
      headers: { origin: 'https://evil.example' },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});
