import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signSessionToken, verifySessionToken } from '../../../worker/identity/sessions.ts';
import { secretRing } from '../../../worker/runtime/secret-ring.ts';
import { softwarePasskey } from '../../support/software-passkey.ts';
import { abroad, asOwner, home, newcomer } from '../checked-wallet.ts';
import { ask, openRegistration, somebody } from '../http/asking.ts';
import { actionsOf, addApp, codeOf, ORIGIN, PASSWORD, register, send } from '../http/factor-account.ts';

await openRegistration();
beforeEach(() => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await asOwner(sql`update tenants set require_mfa = 'off' where id = ${home.tenant_id}`);
});

const requireOf = (rule: string, token: string) => send('/api/tenant', { require_mfa: rule }, token, 'PATCH');
const statusOf = async (token: string) => (await ask('/api/auth/me', { token })).status;

/** Registers somebody and makes them an admin. */
async function admin() {
  const account = await register();
  await asOwner(sql`update users set role = 'admin' where id = ${account.id}`);
  return account;
}

describe('a tenant that requires second factors', () => {
  it('ends the sessions of those who have none, and lets nobody in before they have set one up', async () => {
    const [boss, plain, safe] = [await admin(), await register(), await register()];
    expect(await requireOf('everyone', boss.token)).toMatchObject({
      ...{ status: 409, code: 'second_factor_missing' },
    });
    await addApp(boss.token);
    await addApp(safe.token);
    expect((await requireOf('everyone', plain.token)).status).toBe(409);
    expect((await requireOf('everyone', boss.token)).status).toBe(200);
    expect([await statusOf(boss.token), await statusOf(safe.token), await statusOf(plain.token)]).toEqual([
      ...[200, 200, 401],
    ]);
    vi.setSystemTime(Date.now() + 2_000);
    const asked = await plain.logIn();
    expect(asked).toMatchObject({ status: 401, code: 'second_factor_setup_required' });
    const { ticket } = asked.details;
    expect((await send('/api/auth/login/second-factor', { ticket, code: '123456' })).code).toBe(
      'ticket_invalid',
    );
    const { secret, enrolment } = (await send('/api/auth/login/setup/totp', { ticket })).body;
    const body = { ticket, enrolment, code: codeOf(secret, -1) };
    const setUp = await send('/api/auth/login/setup/totp/confirm', body);
    expect(setUp).toMatchObject({ status: 201, body: { user: { email: plain.email } } });
    expect(setUp.body.recovery_codes).toHaveLength(10);
    expect(await statusOf(setUp.body.token)).toBe(200);
    expect((await send('/api/auth/login/setup/totp', { ticket })).code, 'the ticket adds no other').toBe(
      'ticket_invalid',
    );
    expect((await plain.logIn()).code).toBe('second_factor_required');
    const removal = await send('/api/auth/factors', undefined, setUp.body.token, 'GET');
    expect(removal.body.required).toBe(true);
    const path = `/api/auth/factors/${removal.body.factors[0].id}`;
    expect(await send(path, undefined, setUp.body.token, 'DELETE')).toMatchObject({
      ...{ status: 409, code: 'last_factor' },
    });
  });

  it('asks newcomers as they register, who can set up a passkey', async () => {
    await asOwner(sql`update tenants set require_mfa = 'everyone' where id = ${home.tenant_id}`);
    const registered = await register();
    expect(registered).toMatchObject({ status: 401, code: 'second_factor_setup_required' });
    const { ticket } = registered.details;
    const options = (await send('/api/auth/login/setup/passkey/options', { ticket })).body;
    const passkey = await (await softwarePasskey()).create(options, { origin: ORIGIN });
    const bodies = [1, 2].map(() => send('/api/auth/login/setup/passkey', { ticket, name: 'Key', passkey }));
    const answers = await Promise.all(bodies);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401]);
    expect((await registered.logIn()).details.methods).toEqual(['passkey', 'recovery_code']);
  });

  it('can ask administrators alone, and those who become one', async () => {
    const [boss, other, plain] = [await admin(), await admin(), await register()];
    await addApp(boss.token);
    expect((await requireOf('admins', boss.token)).status).toBe(200);
    expect([await statusOf(other.token), await statusOf(plain.token)]).toEqual([401, 200]);
    expect((await register()).status).toBe(201);
    const promoted = await send(`/api/users/${plain.id}`, { role: 'admin' }, boss.token, 'PATCH');
    expect(promoted.status).toBe(200);
    expect(await statusOf(plain.token)).toBe(401);
  });
});

describe('an admin', () => {
  it('removes the factors of somebody who lost them, which ends their sessions', async () => {
    const [boss, plain] = [await admin(), await register()];
    await addApp(plain.token);
    const path = `/api/users/${plain.id}/factors`;
    expect((await send(path, undefined, boss.token, 'GET')).body.factors).toMatchObject([{ kind: 'totp' }]);
    expect((await send(path, undefined, plain.token, 'GET')).status).toBe(403);
    expect((await send(path, undefined, plain.token, 'DELETE')).status).toBe(403);
    expect((await send(path, undefined, boss.token, 'DELETE')).status).toBe(204);
    expect(await statusOf(plain.token)).toBe(401);
    expect(await actionsOf(plain.id)).toContain('user.factors_removed');
    vi.setSystemTime(Date.now() + 2_000);
    expect((await plain.logIn()).status).toBe(200);
    const own = `/api/users/${boss.id}/factors`;
    expect((await send(own, undefined, boss.token, 'DELETE')).status, 'their own').toBe(403);
  });

  it('sees and removes none of another tenant', async () => {
    const stranger = await somebody('admin');
    const { user_id } = await newcomer(abroad);
    const path = `/api/users/${user_id}/factors`;
    expect((await send(path, undefined, stranger.token, 'GET')).status).toBe(404);
    expect((await send(path, undefined, stranger.token, 'DELETE')).status).toBe(404);
  });
});

/** Returns the token of a session as it would be if it had begun an hour ago. */
async function anHourOld(token: string, id: string): Promise<string> {
  const secrets = secretRing.parse(env.JWT_SECRET);
  const verified = await verifySessionToken(secrets, token);
  if (!verified.ok) throw new Error('The token is genuine');
  await asOwner(sql`update sessions set confirmed_at = now() - interval '1 hour' where user_id = ${id}`);
  return signSessionToken(secrets, { ...verified.value, iat: verified.value.iat - 3_600 });
}

describe('what is protected', () => {
  it('asks again after 15 minutes, and a password, a code or a passkey answers', async () => {
    const account = await register();
    const passkey = await softwarePasskey();
    const token = await anHourOld(account.token, account.id);
    const begin = () => send('/api/auth/factors/totp', undefined, token);
    const confirm = (body: unknown) => send('/api/auth/confirm', body, token);
    const forget = () =>
      asOwner(
        sql`update sessions set confirmed_at = now() - interval '16 minutes' where user_id = ${account.id}`,
      );
    expect(await begin()).toMatchObject({ status: 403, code: 'confirmation_required' });
    expect((await confirm({ password: 'a wrong password' })).code).toBe('wrong_password');
    expect((await begin()).code).toBe('confirmation_required');
    expect((await confirm({ password: PASSWORD })).status).toBe(204);
    expect((await begin()).status).toBe(200);
    const { secret } = await addApp(token);
    const creation = (await send('/api/auth/factors/passkeys/options', undefined, token)).body;
    const body = { name: 'Key', passkey: await passkey.create(creation, { origin: ORIGIN }) };
    expect((await send('/api/auth/factors/passkeys', body, token)).status).toBe(201);
    await forget();
    expect((await send('/api/auth/factors/recovery-codes', undefined, token)).code).toBe(
      'confirmation_required',
    );
    expect((await confirm({ code: codeOf(secret, -1) })).code, 'used before').toBe('wrong_code');
    expect((await confirm({ code: codeOf(secret) })).status).toBe(204);
    expect((await send('/api/auth/factors/recovery-codes', undefined, token)).status).toBe(201);
    const byPassword = await confirm({ password: PASSWORD });
    expect(byPassword).toMatchObject({
      status: 400,
      details: { issues: [{ rule: 'second_factor_needed' }] },
    });
    await forget();
    const options = (await send('/api/auth/confirm/passkey/options', undefined, token)).body;
    const proof = await passkey.prove(options, { origin: ORIGIN });
    expect((await confirm({ passkey: proof })).status).toBe(204);
    expect((await confirm({ passkey: proof })).code).toBe('passkey_refused');
    expect((await send('/api/auth/factors/recovery-codes', undefined, token)).status).toBe(201);
  });

  it('counts wrong proofs of a session apart from sign-ins, over all that ask for them, and records them', async () => {
    const account = await register();
    const wrong = 'a wrong password';
    const asks: [string, object][] = [
      ['/api/auth/confirm', { password: wrong }],
      ['/api/auth/password', { current_password: wrong, password: 'twelve purple lighthouses' }],
      ['/api/auth/close', { password: wrong }],
    ];
    for (let count = 0; count < 10; count += 1) {
      const [path, body] = asks[count % asks.length] ?? ['', {}];
      const address = `203.0.113.${count}`;
      expect((await send(path, body, account.token, 'POST', address)).code, path).toBe('wrong_password');
    }
    for (const [path, body] of asks)
      expect((await send(path, body, account.token)).code, path).toBe('rate_limited');
    const failed = (await actionsOf(account.id)).filter((action) => action === 'user.login_failed');
    expect(failed).toHaveLength(10);
    expect((await account.logIn()).status).toBe(200);
  });

  it('is a change of a role, of who needs a second factor, of a balance and of a provider key; nothing else of a user or a setting', async () => {
    const [boss, plain] = [await admin(), await register()];
    const token = await anHourOld(boss.token, boss.id);
    const codeFor = async (method: string, path: string, body?: unknown) =>
      (
        await (
          await ask(path, { method, token, body, headers: { 'idempotency-key': crypto.randomUUID() } })
        ).json<{ error?: { code: string } }>()
      ).error?.code;
    const user = `/api/users/${plain.id}`;
    const asks = 'confirmation_required';
    expect(await codeFor('PATCH', user, { role: 'admin' })).toBe(asks);
    expect(await codeFor('PATCH', user, { status: 'disabled' })).toBeUndefined();
    expect(await codeFor('PATCH', '/api/tenant', { require_mfa: 'off' })).toBe(asks);
    expect(await codeFor('PATCH', '/api/tenant', { support_email: null })).toBeUndefined();
    expect(await codeFor('POST', `${user}/wallet/credits`, { amount: 1, reason: 'Gift' })).toBe(asks);
    expect(await codeFor('POST', `${user}/wallet/adjustments`, { amount: 1, reason: 'Gift' })).toBe(asks);
    expect(await codeFor('POST', '/api/admin/providers', {})).toBe(asks);
    expect(await codeFor('DELETE', `${user}/factors`)).toBe(asks);
    expect(await codeFor('PUT', `${user}/token-policy`, {})).toBe(asks);
    expect(await codeFor('POST', '/api/management-keys', {})).toBe(asks);
    expect(await codeFor('POST', `/api/management-keys/${plain.id}/rotate`, {})).toBe(asks);
    expect(await codeFor('POST', '/api/tenants', {})).toBe(asks);
    expect(await codeFor('PUT', `/api/tenants/${home.tenant_id}/budget`, {})).toBe(asks);
    const invite = (role: string) =>
      codeFor('POST', '/api/invitations', { email: `${crypto.randomUUID()}@example.test`, role });
    expect(await invite('admin')).toBe(asks);
    expect(await invite('user')).not.toBe(asks);
    expect(await codeFor('POST', '/api/api-keys', { name: 'Mine', scopes: ['wallet:read'] })).toBeUndefined();
  });
});
