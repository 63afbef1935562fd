import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { ManagementKeyScope } from '../../../contracts/api/tenant/management-keys.ts';
import { abroad, asOwner, home, newcomer } from '../checked-wallet.ts';
import { ask, hostnameOf, openRegistration, somebody } from './asking.ts';

const { token: admin } = await somebody('admin');
const ALL: ManagementKeyScope[] = ['users:read', 'users:write', 'wallets:write', 'usage:read'];

await openRegistration();

type Json = { [field: string]: unknown; error: { code: string } };
const send = async (
  path: string,
  {
    token,
    ...asked
  }: { token: string; body?: unknown; method?: string; headers?: Record<string, string>; hostname?: string },
) => {
  const answer = await ask(path, { ...asked, token });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as Json };
};

/** Creates a management key of the home tenant. Returns it with its secret. */
async function make(scopes: ManagementKeyScope[] = ALL) {
  const body = { name: `key ${crypto.randomUUID()}`, scopes };
  const made = await send('/api/management-keys', { token: admin, body });
  expect(made.status).toBe(201);
  return made.body as unknown as { id: string; secret: string };
}

const credit = (token: string, userId: string, key: string, amount = 500) =>
  send(`/api/users/${userId}/wallet/credits`, {
    token,
    body: { amount, reason: 'Order 4711' },
    headers: { 'idempotency-key': key },
  });

describe('two hundred identical credits at once', () => {
  it('have one effect, one entry of the ledger and one of the audit log, which name the key', async () => {
    const { user_id } = await newcomer();
    const { id, secret } = await make(['wallets:write']);
    const answers: Awaited<ReturnType<typeof credit>>[] = [];
    for (let round = 0; round < 4; round += 1)
      answers.push(
        ...(await Promise.all(Array.from({ length: 50 }, () => credit(secret, user_id, 'order-4711')))),
      );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.seq)).size).toBe(1);
    const wallet = (await send(`/api/users/${user_id}`, { token: admin })).body.wallet as {
      lifetime: number;
    };
    // The allocation of the level, and the credit.
    expect(wallet.lifetime).toBe(1_500);
    const [entries] = await asOwner(
      sql`select management_key_id, actor_user_id, actor_role, details ->> 'amount' as amount from audit_log
        where target_id = ${user_id} and action = 'wallet.credited'`,
    );
    const actor = { management_key_id: id, actor_user_id: null, actor_role: 'management_key' };
    expect(entries).toEqual([{ ...actor, amount: '500' }]);
    const other = await credit(secret, user_id, 'order-4711', 501);
    expect(other).toMatchObject({ status: 422, body: { error: { code: 'idempotency_mismatch' } } });
    const log = await send('/api/audit-log?action=wallet.credited', { token: admin });
    expect((log.body.items as { actor_key: unknown }[])[0]).toMatchObject({ actor: null, actor_key: { id } });
  });

  it('are refused without an Idempotency-Key', async () => {
    const { user_id } = await newcomer();
    const { secret } = await make(['wallets:write']);
    const body = { amount: 1, reason: 'Order' };
    const answer = await send(`/api/users/${user_id}/wallet/credits`, { token: secret, body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });
});

describe('a server', () => {
  it('creates a user once, moves them, disables them and sees them', async () => {
    const { secret } = await make();
    const email = `${crypto.randomUUID()}@example.test`;
    const create = () => send('/api/users', { token: secret, body: { email, name: 'Grace' } });
    const made = await create();
    expect(made).toMatchObject({ status: 201, body: { email, name: 'Grace', role: 'user' } });
    expect(await create()).toMatchObject({ status: 200, body: { id: made.body.id } });
    const path = `/api/users/${made.body.id}`;
    expect(await send(path, { token: secret, method: 'PATCH', body: { status: 'disabled' } })).toMatchObject({
      status: 200,
      body: { user: { status: 'disabled' } },
    });
    expect((await send(path, { token: secret })).status).toBe(200);
    expect((await send('/api/users', { token: secret })).status).toBe(200);
    expect((await send('/api/ai/executions', { token: secret })).status).toBe(200);
    const period = 'from=2026-11-01&to=2026-11-30';
    expect((await send(`/api/usage?${period}&group_by=user,day`, { token: secret })).status).toBe(200);
    expect((await send(`/api/usage/summary?${period}`, { token: secret })).status).toBe(200);
    expect((await send(`/api/wallet/ledger?user_id=${made.body.id}`, { token: secret })).status).toBe(200);
    expect(await send('/api/wallet/ledger', { token: secret })).toMatchObject({
      ...{ status: 400, body: { error: { details: { issues: [{ field: 'user_id' }] } } } },
    });
    const login = await ask('/api/auth/login', { body: { email, password: '-' } });
    expect(login.status).toBe(401);
  });

  it('changes no roles, no administrators and nobody of another tenant', async () => {
    const { secret } = await make();
    const patch = (id: string, body: object) =>
      send(`/api/users/${id}`, { token: secret, method: 'PATCH', body });
    const { user_id } = await newcomer();
    expect(await patch(user_id, { role: 'admin' })).toMatchObject({
      ...{ status: 403, body: { error: { details: { field: 'role' } } } },
    });
    const { user_id: other } = await newcomer(home, 'admin');
    expect((await patch(other, { status: 'disabled' })).status).toBe(403);
    expect((await patch(abroad.user_id, { status: 'disabled' })).status).toBe(404);
    expect((await credit(secret, abroad.user_id, 'abroad')).status).toBe(404);
  });

  it.each([
    ['GET', '/api/users', 'users:read'],
    ['POST', '/api/users', 'users:write'],
    ['GET', '/api/ai/executions', 'usage:read'],
    ['GET', '/api/usage?from=2026-11-01&to=2026-11-30&group_by=user', 'usage:read'],
    ['GET', '/api/usage/summary?from=2026-11-01&to=2026-11-30', 'usage:read'],
  ])('without the scope is refused at %s %s: it needs %s', async (method, path, scope) => {
    const { secret } = await make(ALL.filter((one) => one !== scope));
    const body = method === 'POST' ? { body: {} } : {};
    expect(await send(path, { token: secret, method, ...body })).toMatchObject({
      ...{ status: 403, body: { error: { code: 'forbidden', details: { scope } } } },
    });
  });

  it.each([
    ['GET', '/api/auth/me'],
    ['GET', '/api/management-keys'],
    ['POST', '/api/management-keys'],
    ['GET', '/api/api-keys'],
    ['GET', '/api/audit-log'],
    ['GET', '/api/wallet'],
    ['PATCH', '/api/tenant'],
    ['POST', '/api/invitations'],
    ['POST', '/api/ai/executions'],
    ['GET', '/v1/models'],
    ['POST', '/api/auth/logout'],
  ])('with every scope is refused at %s %s', async (method, path) => {
    const { secret } = await make();
    const body = method === 'GET' ? {} : { body: {} };
    const answer = await send(path, { token: secret, method, ...body });
    expect(answer.status).toBe(403);
  });

  it('is refused in another tenant, revoked, and with an invented key', async () => {
    const { id, secret } = await make();
    const users = (token: string, hostname?: string) =>
      send('/api/users', { token, ...(hostname === undefined ? {} : { hostname }) });
    expect((await users(secret, await hostnameOf(abroad.tenant_id))).body.error.code).toBe('unauthenticated');
    expect((await users(`vsm_${'a'.repeat(49)}`)).body.error.code).toBe('unauthenticated');
    const revoked = await ask(`/api/management-keys/${id}`, { token: admin, method: 'DELETE' });
    expect(revoked.status).toBe(204);
    expect(await users(secret)).toMatchObject({ status: 401, body: { error: { code: 'api_key_revoked' } } });
  });
});

describe('management keys', () => {
  it('are made by admins of the tenant alone, and a bad request names its field', async () => {
    const { token } = await somebody();
    const body = { name: 'Mine', scopes: ['users:read'] };
    expect((await send('/api/management-keys', { token, body })).status).toBe(403);
    for (const [field, change] of [
      ['scopes', { scopes: [] }],
      ['scopes.0', { scopes: ['everything'] }],
      ['expires_at', { expires_at: '2020-01-01T00:00:00Z' }],
      ['name', { name: ' ' }],
    ] as const)
      expect(
        await send('/api/management-keys', { token: admin, body: { ...body, ...change } }),
      ).toMatchObject({
        ...{ status: 400, body: { error: { details: { issues: [{ field }] } } } },
      });
    expect(await send('/api/users', { token: admin, body: { email: 'grace@example.test' } })).toMatchObject({
      status: 403,
    });
  });
});
