import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asOwner } from '../checked-wallet.ts';
import { ask, openRegistration } from './asking.ts';
import { actionsOf, addApp, codeOf, register, send } from './factor-account.ts';

await openRegistration();

// The clock stands still, so that no code changes within a test.
beforeEach(() => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

const endSignIn = (ticket: string, code: string) => send('/api/auth/login/second-factor', { ticket, code });
const listOf = async (token: string) => (await send('/api/auth/factors', undefined, token, 'GET')).body;

describe('an authenticator app', () => {
  it('is asked for after the right password alone, and lets the sign-in go on', async () => {
    const { logIn, token, email, id } = await register();
    const { secret } = await addApp(token);
    const asked = await logIn();
    expect(asked).toMatchObject({ status: 401, code: 'second_factor_required' });
    expect(asked.details.methods).toEqual(['totp', 'recovery_code']);
    expect((await ask('/api/auth/me', { token: asked.details.ticket })).status).toBe(401);
    const wrong = await send('/api/auth/login', { email, password: 'not the right one' });
    expect(wrong).toMatchObject({ status: 401, code: 'invalid_credentials' });
    const code = codeOf(secret);
    const ended = await endSignIn(asked.details.ticket, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(ended).toMatchObject({ status: 200, body: { user: { email } } });
    expect((await ask('/api/auth/me', { token: ended.body.token })).status).toBe(200);
    expect(await actionsOf(id)).toEqual([
      ...['user.registered', 'user.factor_added', 'user.login_failed', 'user.logged_in'],
    ]);
  });

  it('has codes that work once, one step early or late, however many requests bring one at once', async () => {
    const { logIn, token } = await register();
    const { secret } = await addApp(token);
    const { ticket } = (await logIn()).details;
    expect(await endSignIn(ticket, codeOf(secret, -1)), 'that confirmed it').toMatchObject({
      code: 'wrong_code',
    });
    const once = await Promise.all([1, 2, 3].map(() => endSignIn(ticket, codeOf(secret))));
    expect(once.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect(await endSignIn(ticket, codeOf(secret, 2))).toMatchObject({ status: 401, code: 'wrong_code' });
    expect((await endSignIn(ticket, codeOf(secret, 1))).status).toBe(200);
    expect((await endSignIn(ticket, codeOf(secret, 0))).code, 'one before the last').toBe('wrong_code');
  });

  it('is stored encrypted, for its user alone', async () => {
    const [one, other] = [await register(), await register()];
    const { secret } = await addApp(one.token);
    await addApp(other.token);
    const [[row]] = (await asOwner(
      sql`select secret_ciphertext from user_factors where user_id = ${one.id}`,
    )) as [[{ secret_ciphertext: string }]];
    expect(row.secret_ciphertext).toMatch(/^v1\.\d+\./);
    expect(row.secret_ciphertext).not.toContain(secret);
    await asOwner(
      sql`update user_factors set secret_ciphertext = ${row.secret_ciphertext} where user_id = ${other.id}`,
    );
    const { ticket } = (await other.logIn()).details;
    expect((await endSignIn(ticket, codeOf(secret))).status, 'moved to another row').toBe(500);
  });

  it('is not added by a wrong code, by another user, or twice', async () => {
    const { token } = await register();
    const confirm = (enrolment: string, code: string, by = token) =>
      send('/api/auth/factors/totp/confirm', { enrolment, code }, by);
    const { secret, enrolment } = (await send('/api/auth/factors/totp', undefined, token)).body;
    expect(await confirm(enrolment, codeOf(secret, 5))).toMatchObject({ status: 401, code: 'wrong_code' });
    const stranger = await register();
    expect(await confirm(enrolment, codeOf(secret), stranger.token)).toMatchObject({
      code: 'ticket_invalid',
    });
    expect(await confirm(`${enrolment}x`, codeOf(secret))).toMatchObject({ code: 'ticket_invalid' });
    expect((await confirm(enrolment, 'abcdef')).details.issues).toMatchObject([{ field: 'code' }]);
    expect((await confirm(enrolment, codeOf(secret))).status).toBe(201);
    const again = (await send('/api/auth/factors/totp', undefined, token)).body;
    expect(await confirm(again.enrolment, codeOf(again.secret))).toMatchObject({
      ...{ status: 409, code: 'factor_exists' },
    });
  });

  it('is removed with its codes, and the password alone signs in again', async () => {
    const { logIn, token } = await register();
    const { id } = await addApp(token);
    const stranger = await register();
    const path = `/api/auth/factors/${id}`;
    expect((await send(path, undefined, stranger.token, 'DELETE')).status).toBe(404);
    expect((await send(path, undefined, token, 'DELETE')).status).toBe(204);
    expect((await send(path, undefined, token, 'DELETE')).status).toBe(404);
    expect(await listOf(token)).toEqual({ factors: [], recovery_codes_left: 0, required: false });
    expect((await logIn()).status).toBe(200);
  });
});

describe('a ticket', () => {
  it('ends with five minutes, with a sign-out and with the account, and works in no other place', async () => {
    const { logIn, token, id } = await register();
    const { secret } = await addApp(token);
    const { ticket } = (await logIn()).details;
    expect((await send('/api/auth/login/setup/totp', { ticket })).code).toBe('ticket_invalid');
    expect((await endSignIn(token, codeOf(secret))).code).toBe('ticket_invalid');
    vi.setSystemTime(Date.now() + 301_000);
    expect((await endSignIn(ticket, codeOf(secret))).code).toBe('ticket_invalid');
    const { ticket: later } = (await logIn()).details;
    await asOwner(sql`update users set status = 'disabled' where id = ${id}`);
    expect((await endSignIn(later, codeOf(secret))).code).toBe('user_disabled');
    await asOwner(
      sql`update users set status = 'active', signed_out_at = now() + interval '1 hour' where id = ${id}`,
    );
    expect((await endSignIn(later, codeOf(secret))).code).toBe('ticket_invalid');
  });
});

describe('recovery codes', () => {
  it('replace the app once each, however they are typed, and are told and counted', async () => {
    const { logIn, token, id } = await register();
    const { codes } = await addApp(token);
    expect(new Set(codes).size).toBe(10);
    expect(codes.every((code) => /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/.test(code))).toBe(true);
    const { ticket } = (await logIn()).details;
    const [first = '', second = ''] = codes;
    const typed = ` ${first.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
    const answers = await Promise.all([endSignIn(ticket, typed), endSignIn(ticket, first)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await listOf(token)).recovery_codes_left).toBe(9);
    expect(await actionsOf(id)).toContain('user.recovery_code_used');
    const renewed = await send('/api/auth/factors/recovery-codes', undefined, token);
    expect(renewed.body.recovery_codes).toHaveLength(10);
    expect((await endSignIn(ticket, second)).code).toBe('wrong_code');
    expect((await endSignIn(ticket, renewed.body.recovery_codes[0])).status).toBe(200);
  });

  it('are stored as hashes, and are of their user alone', async () => {
    const [one, other] = [await register(), await register()];
    const { codes } = await addApp(one.token);
    await addApp(other.token);
    const [rows] = await asOwner(sql`select code_hash::text from recovery_codes where user_id = ${one.id}`);
    expect(JSON.stringify(rows)).not.toContain(codes[0]?.slice(0, 4));
    const { ticket } = (await other.logIn()).details;
    expect((await endSignIn(ticket, codes[0] ?? '')).code).toBe('wrong_code');
  });

  it('are not made without a factor', async () => {
    const { token } = await register();
    expect(await send('/api/auth/factors/recovery-codes', undefined, token)).toMatchObject({
      ...{ status: 409, code: 'second_factor_missing' },
    });
  });
});

it('codes are guessed ten times at once and twenty times an hour, over all addresses, and the right one does not count', async () => {
  const { logIn, token } = await register();
  const { secret, codes } = await addApp(token);
  const { ticket } = (await logIn()).details;
  expect((await endSignIn(ticket, codeOf(secret))).status).toBe(200);
  const statuses: number[] = [];
  for (let at = 0; at < 12; at += 1) {
    const body = { ticket, code: String(100_000 + at) };
    const address = `203.0.113.${at}`;
    statuses.push((await send('/api/auth/login/second-factor', body, undefined, 'POST', address)).status);
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
  expect((await endSignIn(ticket, codes[0] ?? '')).status, 'also a right code waits').toBe(429);
  vi.setSystemTime(Date.now() + 361_000);
  const { ticket: later } = (await logIn()).details;
  expect((await endSignIn(later, codes[0] ?? '')).status).toBe(200);
});
