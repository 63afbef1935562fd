import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountKeyOf, makeDeviceToken } from '../../../worker/identity/guessing/known-device.ts';
import { hashPassword } from '../../../worker/identity/password.ts';
import { secretRing } from '../../../worker/runtime/secret-ring.ts';
import { abroad, asOwner, home, newcomer } from '../checked-wallet.ts';
import { ask, hostname, hostnameOf } from '../http/asking.ts';

const PASSWORD = 'seventeen green umbrellas';
const HOUR_MS = 3_600_000;
const hash = await hashPassword(secretRing.parse(env.PASSWORD_PEPPER), PASSWORD);

/** Times of this file are its own, so that no test uses up another's tries. */
let nowMs = Date.now();
beforeEach(() => {
  nowMs += 48 * HOUR_MS;
  vi.useFakeTimers({ now: nowMs, toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** Creates a user with a password in a tenant. Returns the email address. */
async function owner({ tenant_id } = home): Promise<string> {
  const { user_id } = await newcomer({ tenant_id });
  await asOwner(sql`update users set password_hash = ${hash} where id = ${user_id}`);
  return `${user_id}@example.test`;
}

type From = { address?: string | undefined; cookie?: string | undefined; hostname?: string };

async function signIn(email: string, password: string, { cookie, ...from }: From = {}) {
  const headers = cookie === undefined ? {} : { cookie };
  const answer = await ask('/api/auth/login', { body: { email, password }, headers, ...from });
  const set = answer.headers.get('set-cookie');
  return {
    status: answer.status,
    retryAfterS: Number(answer.headers.get('retry-after')),
    cookie: set?.split(';')[0],
    attributes: set ?? '',
  };
}

const addresses = Array.from({ length: 60 }, (_, index) => `198.51.100.${index}`);

/** Guesses from addresses, some at a time. Returns how many guesses were made, and how many refused. */
async function attack(
  email: string,
  from = addresses.slice(0, 15),
): Promise<{ made: number; refused: number }> {
  const statuses: number[] = [];
  for (let at = 0; at < from.length; at += 10) {
    const some = from.slice(at, at + 10);
    const answers = await Promise.all(
      some.map((address) => signIn(email, `a guess from ${address}`, { address })),
    );
    statuses.push(...answers.map(({ status }) => status));
  }
  const count = (status: number) => statuses.filter((one) => one === status).length;
  expect(count(401) + count(429)).toBe(statuses.length);
  return { made: count(401), refused: count(429) };
}

describe('guesses at one account from sixty addresses', () => {
  it('are twenty within an hour at most, and ten in each hour after it', async () => {
    const email = await owner();
    const hours: number[] = [];
    for (let hour = 0; hour < 3; hour += 1) {
      let made = 0;
      for (let round = 0; round < 2; round += 1) {
        made += (await attack(email, addresses)).made;
        pass(HOUR_MS / 2);
      }
      hours.push(made);
    }
    expect(hours[0]).toBeLessThanOrEqual(20);
    expect(hours[0]).toBeGreaterThanOrEqual(10);
    expect(hours.slice(1).every((made) => made <= 10)).toBe(true);
  });

  it('that arrive together are counted one by one', async () => {
    const email = await owner();
    const answers = await Promise.all(
      addresses.slice(0, 14).map((address) => signIn(email, 'a guess', { address })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
  });

  it('do not keep the owner out, whose device is known', async () => {
    const email = await owner();
    const { status, cookie, attributes } = await signIn(email, PASSWORD);
    expect(status).toBe(200);
    expect(attributes).toMatch(/Path=\/api\/auth; HttpOnly; Secure; SameSite=Strict/);
    expect((await attack(email)).refused).toBe(5);
    const again = await signIn(email, PASSWORD, { cookie, address: addresses[3] });
    expect(again.status).toBe(200);
    const elsewhere = await signIn(email, PASSWORD, { address: '203.0.113.9' });
    expect(elsewhere.status).toBe(429);
    expect(elsewhere.retryAfterS).toBeGreaterThan(0);
    expect(elsewhere.retryAfterS).toBeLessThanOrEqual(360);
  });

  it('let a new device in after the wait that it was told', async () => {
    const email = await owner();
    await attack(email);
    const { retryAfterS } = await signIn(email, PASSWORD, { address: '203.0.113.9' });
    pass(retryAfterS * 1_000);
    const late = await signIn(email, PASSWORD, { address: '203.0.113.9' });
    expect(late.status).toBe(200);
    expect(late.cookie).toBeDefined();
  });

  it('at an address without an account are answered alike', async () => {
    expect(await attack(`nobody-${crypto.randomUUID()}@example.test`)).toEqual({ made: 10, refused: 5 });
  });
});

describe('guesses from one address', () => {
  it('at a thousand accounts are thirty, whatever part of its IPv6 network they come from', async () => {
    let made = 0;
    for (let at = 0; at < 1_000; at += 1) {
      const address = `2001:db8:7:7::${at.toString(16)}`;
      const { status } = await signIn(`somebody-${at}@example.test`, 'a guess', { address });
      if (status === 401) made += 1;
    }
    expect(made).toBe(30);
    const neighbour = { address: '2001:db8:7:8::1' };
    expect((await signIn(await owner(), PASSWORD, neighbour)).status).toBe(200);
  });

  it('do not include those who sign in with the right password', async () => {
    const address = '203.0.113.77';
    const email = await owner();
    for (let count = 0; count < 15; count += 1)
      expect((await signIn(email, PASSWORD, { address })).status).toBe(200);
    pass(60_000);
    for (let count = 0; count < 19; count += 1)
      expect((await signIn(await owner(), PASSWORD, { address })).status).toBe(200);
  });
});

describe('a known device', () => {
  it('has ten guesses of its own', async () => {
    const email = await owner();
    const { cookie } = await signIn(email, PASSWORD);
    const statuses: number[] = [];
    for (let count = 0; count < 12; count += 1)
      statuses.push((await signIn(email, 'a guess', { cookie, address: addresses[count] ?? '' })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    expect((await signIn(email, PASSWORD, { address: '203.0.113.1' })).status).toBe(200);
  });

  it('is known to its account in its tenant alone, and cannot be invented', async () => {
    const [email, other, stranger] = [await owner(), await owner(), await owner(abroad)];
    const { cookie = '' } = await signIn(email, PASSWORD);
    const [, token = ''] = cookie.split('=');
    const account = await accountKeyOf(home.tenant_id, other);
    const named = (text: string) => `device-${account.key.slice(0, 16)}=${text}`;
    await attack(other);
    const forged = await makeDeviceToken(
      secretRing.parse('another secret of thirty-two characters'),
      account,
      null,
    );
    for (const text of [token, forged, 'x', ''])
      expect((await signIn(other, PASSWORD, { cookie: named(text), address: '203.0.113.2' })).status).toBe(
        429,
      );
    const elsewhere = await hostnameOf(abroad.tenant_id);
    expect(elsewhere).not.toBe(hostname);
    expect((await signIn(stranger, PASSWORD, { cookie, hostname: elsewhere })).status).toBe(200);
    expect((await ask('/api/wallet', { token })).status).toBe(401);
  });
});

it('an object that counts guesses writes one row for each it allows, and deletes itself', async () => {
  const guard = env.GUESS_GUARD.getByName(crypto.randomUUID());
  const limit = { burst: 2, refill_ms: 60_000 };
  const answers = [await guard.take(limit), await guard.take(limit), await guard.take(limit)];
  expect(answers.map(({ allowed }) => allowed)).toEqual([true, true, false]);
  const kept = () => runInDurableObject(guard, (_, { storage }) => [...storage.kv.list()].length);
  expect(await kept()).toBe(1);
  await runDurableObjectAlarm(guard);
  expect(await kept(), 'not before its tries are given back').toBe(1);
  pass(120_000);
  await runDurableObjectAlarm(guard);
  expect(await kept()).toBe(0);
});
