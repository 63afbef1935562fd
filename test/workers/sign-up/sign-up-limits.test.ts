import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PLATFORM_TENANT_ID } from '../../../contracts/tenants/platform.ts';
import { abroad, asOwner, home } from '../checked-wallet.ts';
import {
  ask,
  hostname,
  hostnameOf,
  mailTaken,
  newAddress,
  openRegistration,
  somebody,
} from '../http/asking.ts';

const PASSWORD = 'seventeen green umbrellas';
const HOUR_MS = 3_600_000;
const mailOn = { MAIL_FROM: 'no-reply@example.test' };
const newEmail = () => `${crypto.randomUUID()}@example.test`;
const elsewhere = await hostnameOf(abroad.tenant_id);

await openRegistration();
await asOwner(sql`update tenants set allocation_after = 'verification' where id = ${home.tenant_id}`);

/** Times of this file are its own, so that no test uses up another's tries. */
let nowMs = Date.now();
beforeEach(() => {
  nowMs += 48 * HOUR_MS;
  vi.useFakeTimers({ now: nowMs, toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

const register = (address: string, at = hostname, email = newEmail()) =>
  ask('/api/auth/register', {
    body: { email, password: PASSWORD },
    address,
    hostname: at,
    variables: mailOn,
    bindings: mailTaken,
  });

/** Registers once from each address, some at a time. Returns how many answers had each status. */
async function registerFrom(addresses: string[], at = hostname) {
  const statuses: Record<number, number> = {};
  for (let from = 0; from < addresses.length; from += 10) {
    const answers = await Promise.all(
      addresses.slice(from, from + 10).map((address) => register(address, at)),
    );
    for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return statuses;
}
const times = (count: number, address: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => address(index));

const accountsOf = async ({ tenant_id }: { tenant_id: string }) => {
  const [[row]] = (await asOwner(
    sql`select count(*)::int as accounts, count(*) filter (where allocation_awaits is null)::int as granted
      from users where tenant_id = ${tenant_id}`,
  )) as unknown as [[{ accounts: number; granted: number }]];
  return row;
};

describe('three hundred registrations from one address', () => {
  it('make ten accounts, none with tokens and none that can sign in', async () => {
    const before = await accountsOf(home);
    expect(await registerFrom(times(300, () => '203.0.113.7'))).toEqual({ 202: 10, 429: 290 });
    const after = await accountsOf(home);
    expect(after.accounts - before.accounts).toBe(10);
    expect(after.granted).toBe(before.granted);
    const refused = await register('203.0.113.7');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(360);
    const { error } = (await refused.json()) as { error: { code: string; message: string } };
    expect(error).toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining('Too many accounts'),
    });
    vi.setSystemTime(Date.now() + HOUR_MS);
    expect(await registerFrom(times(12, () => '203.0.113.7'))).toEqual({ 202: 10, 429: 2 });
  });

  it('are one network’s in all of its first 64 bits', async () => {
    const addresses = times(12, (index) => `2001:db8:5:5::${index + 1}`);
    expect(await registerFrom(addresses)).toEqual({ 202: 10, 429: 2 });
  });
});

describe('registrations from one site', () => {
  it.each([
    ['an IPv4 network of 256 addresses', (index: number) => `198.51.100.${index}`, '198.51.101.1'],
    ['an IPv6 network of 48 bits', (index: number) => `2001:db8:9:${index}::1`, '2001:db8:a:1::1'],
  ])('are thirty at once, whatever addresses they come from: %s', async (_, address, neighbour) => {
    expect(await registerFrom(times(35, address))).toEqual({ 202: 30, 429: 5 });
    expect((await register(neighbour)).status).toBe(202);
  });
});

it('a flood at one tenant stops there, and not at another or for those who are invited', async () => {
  const guard = env.GUESS_GUARD.getByName(`${home.tenant_id}/registrations/all`);
  const limit = { burst: 1_000, refill_ms: 3_600 };
  for (let count = 0; count < 1_000; count += 1) await guard.take(limit);
  expect((await register(newAddress())).status).toBe(429);
  expect((await register(newAddress(), elsewhere)).status).toBe(201);
  const { token } = await somebody('admin');
  const invited = await ask('/api/invitations', { token, body: { email: newEmail(), role: 'user' } });
  const { link } = (await invited.json()) as { link: string };
  const body = { token: link.slice(link.indexOf('#') + 1), password: PASSWORD };
  expect((await ask('/api/auth/invitations/accept', { body })).status).toBe(201);
});

it('registrations that are refused for another reason use up nothing', async () => {
  const address = newAddress();
  for (let count = 0; count < 12; count += 1) {
    const body = { email: newEmail(), password: 'Password1234!' };
    expect(
      (await ask('/api/auth/register', { body, address, variables: mailOn, bindings: mailTaken })).status,
    ).toBe(400);
  }
  expect((await register(address)).status).toBe(202);
});

it('five tenants are signed up from one address, and a taken name counts for nothing', async () => {
  await asOwner(sql`update tenants set tenant_signups = 'unverified' where id = ${PLATFORM_TENANT_ID}`);
  const address = newAddress();
  const signUp = async (slug: string) => {
    const body = { slug, name: 'Signed up', email: newEmail() };
    return (await ask('/api/tenant-signups', { body, address, hostname: env.PLATFORM_DOMAIN })).status;
  };
  const slugs = times(6, (index) => `signed-up-${crypto.randomUUID().slice(0, 8)}-${index}`);
  const statuses: number[] = [];
  for (const slug of [slugs[0], ...slugs]) statuses.push(await signUp(slug ?? ''));
  expect(statuses).toEqual([201, 409, 201, 201, 201, 201, 429]);
});

it.each(['password-reset', 'verify-email/request'])(
  'twenty mails are asked for from one address at %s',
  async (path) => {
    const address = newAddress();
    const asked = (from = address) =>
      ask(`/api/auth/${path}`, {
        body: { email: newEmail() },
        address: from,
        variables: mailOn,
        bindings: mailTaken,
      });
    const statuses: number[] = [];
    for (let count = 0; count < 21; count += 1) statuses.push((await asked()).status);
    expect(statuses).toEqual([...times(20, () => '').map(() => 202), 429]);
    expect((await asked(newAddress())).status).toBe(202);
  },
);
