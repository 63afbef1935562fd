import bcrypt from 'bcryptjs';
import { sql } from 'drizzle-orm';
import { describe, expect, it, vi } from 'vitest';
import { abroad, asOwner, home, newcomer } from '../checked-wallet.ts';
import { ask, hostnameOf, newAddress, openRegistration } from '../http/asking.ts';

const PASSWORD = 'seventeen green umbrellas';
const OTHER = 'nineteen violet umbrellas';
const elsewhere = await hostnameOf(abroad.tenant_id);
const newEmail = () => `${crypto.randomUUID()}@example.test`;

await openRegistration();
await asOwner(sql`update tenants set allocation_after = 'verification' where id = ${home.tenant_id}`);

/** Asks where the platform sends mail. Returns the answer and the mails that were queued. */
async function post(path: string, body: object, { MAIL_FROM = 'no-reply@example.test', at = '' } = {}) {
  const mails: { template: string; email: string }[] = [];
  const MAIL_QUEUE = {
    send: async ({ mail }: { mail: { template: string; email: string } }) => {
      mails.push(mail);
    },
  } as unknown as Env['MAIL_QUEUE'];
  const answer = await ask(`/api/auth/${path}`, {
    ...{ body, address: newAddress(), variables: { MAIL_FROM }, bindings: { MAIL_QUEUE } },
    ...(at === '' ? {} : { hostname: at }),
  });
  const text = await answer.text();
  const read = text === '' ? null : JSON.parse(text);
  return { status: answer.status, body: read, headers: answer.headers, mails };
}
const register = (email: string, password = PASSWORD, where = {}) =>
  post('register', { email, password }, where);
const logIn = (email: string, password = PASSWORD, where = {}) => post('login', { email, password }, where);

const actionsOf = async (email: string) => {
  const [rows] = await asOwner(
    sql`select l.action from audit_log l join users u on u.tenant_id = l.tenant_id and u.id = l.actor_user_id
      where u.email = ${email} order by l.id`,
  );
  return rows?.map(({ action }) => action);
};

/** The parts of an answer that a client can compare: those that differ between any two are left out. */
const seen = ({ status, body, headers }: Awaited<ReturnType<typeof post>>) => ({
  status,
  body: JSON.parse(
    JSON.stringify(body)
      .replaceAll(/"request_id":"[^"]+"/g, '')
      .replaceAll(',}', '}'),
  ),
  headers: [...headers.keys()].sort(),
});

describe('a registration where addresses are verified first', () => {
  it('answers the same for a new and a known address, which get different mails', async () => {
    const email = newEmail();
    const first = await register(email);
    const second = await register(email, OTHER);
    expect(first).toMatchObject({ status: 202, body: { status: 'check_your_mail' } });
    expect(seen(second)).toEqual(seen(first));
    expect(first.headers.get('set-cookie')).toBeNull();
    expect(first.mails).toEqual([{ template: 'verify_email', email }]);
    expect(second.mails).toEqual([{ template: 'account_exists', email }]);
    expect(await actionsOf(email)).toEqual(['user.registered', 'user.registration_repeated']);
  });

  it('takes the same work for both: one hash, and the same statements', async () => {
    const hashed = vi.spyOn(bcrypt, 'hash');
    const asked = vi.spyOn(globalThis, 'fetch');
    const workOf = async (email: string) => {
      hashed.mockClear();
      asked.mockClear();
      await register(email);
      return { hashes: hashed.mock.calls.length, requests: asked.mock.calls.length };
    };
    const email = newEmail();
    const first = await workOf(email);
    expect(first.hashes).toBe(1);
    expect(await workOf(email)).toEqual(first);
    vi.restoreAllMocks();
  });

  it('leaves a known account as it is', async () => {
    const email = newEmail();
    await register(email);
    await asOwner(sql`update users set allocation_awaits = null where email = ${email}`);
    await register(email, OTHER);
    expect((await logIn(email)).status).toBe(200);
    expect((await logIn(email, OTHER)).status).toBe(401);
  });

  it('signs in where the platform sends no mail, since no address could be verified', async () => {
    const off = { MAIL_FROM: '' };
    const email = newEmail();
    expect(await register(email, PASSWORD, off)).toMatchObject({ status: 201, mails: [] });
    expect((await register(email, PASSWORD, off)).status).toBe(409);
    expect((await logIn(email, PASSWORD, off)).status).toBe(200);
  });
});

it('elsewhere a registration signs in, and says that an address is taken', async () => {
  const email = newEmail();
  const at = { at: elsewhere };
  expect(await register(email, PASSWORD, at)).toMatchObject({ status: 201, body: { user: { email } } });
  expect(await register(email, PASSWORD, at)).toMatchObject({ body: { error: { code: 'email_taken' } } });
  const refused = await logIn(email, OTHER, at);
  expect(refused.body.error.message).toBe('The email or the password is incorrect.');
});

describe('an account whose address is not verified', () => {
  it('is answered like a wrong password and like no account', async () => {
    const email = newEmail();
    await register(email);
    const right = await logIn(email);
    expect(right).toMatchObject({ status: 401, body: { error: { code: 'invalid_credentials' } } });
    expect(right.body.error.message).toContain('or the address is not verified yet');
    expect(seen(await logIn(email, OTHER))).toEqual(seen(right));
    expect(seen(await logIn(newEmail()))).toEqual(seen(right));
    expect(await actionsOf(email)).toEqual(['user.registered', 'user.login_failed', 'user.login_failed']);
  });

  it.each(['verified', 'approved'])('signs in once it is %s', async (how) => {
    const email = newEmail();
    await register(email);
    const verified = how === 'verified' ? sql`now()` : sql`null`;
    await asOwner(
      sql`update users set email_verified_at = ${verified}, allocation_awaits = null where email = ${email}`,
    );
    expect((await logIn(email)).status).toBe(200);
  });

  it('gets the link again; an address without an account is answered the same', async () => {
    const { user_id } = await newcomer();
    for (const email of [`${user_id}@example.test`, newEmail()])
      expect(await post('verify-email/request', { email })).toMatchObject({
        ...{ status: 202, body: null, mails: [{ template: 'verify_email', email }] },
      });
    const off = await post('verify-email/request', { email: newEmail() }, { MAIL_FROM: '' });
    expect(off).toMatchObject({ status: 503, body: { error: { code: 'mail_off' } } });
    const bad = await post('verify-email/request', { email: 'nobody' });
    expect(bad).toMatchObject({
      status: 400,
      body: { error: { details: { issues: [{ field: 'email' }] } } },
    });
  });
});
