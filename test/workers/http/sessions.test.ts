import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../../contracts/api/account/sessions.ts';
import { asOwner } from '../checked-wallet.ts';
import { ask, newAddress, openRegistration, somebody } from './asking.ts';

const PASSWORD = 'seventeen green umbrellas';

await openRegistration();

type SignedIn = { token: string; user: { id: string } };

/** Registers an account and returns ways to sign in to it. */
async function account() {
  const email = `${crypto.randomUUID()}@example.test`;
  const address = newAddress();
  const enter = async (path: string, agent: string) => {
    const headers = { 'user-agent': agent };
    const answer = await ask(path, { body: { email, password: PASSWORD }, address, headers });
    return ((await answer.json()) as SignedIn).token;
  };
  const first = await enter('/api/auth/register', 'first');
  return { address, first, signIn: (agent: string) => enter('/api/auth/login', agent) };
}

async function sessionsOf(token: string): Promise<Session[]> {
  const answer = await ask('/api/auth/sessions', { token });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { items: Session[] }).items;
}

const end = async (token: string, id: string) =>
  (await ask(`/api/auth/sessions/${id}`, { method: 'DELETE', token })).status;
const statusOf = async (path: string, token: string) => (await ask(path, { token })).status;

describe('the list of sessions', () => {
  it('has every sign-in with its place, the newest first, and marks that of the request', async () => {
    const { address, first, signIn } = await account();
    const second = await signIn('second');
    const listed = await sessionsOf(second);
    expect(listed).toMatchObject([
      { agent: 'second', address, is_current: true },
      { agent: 'first', address, is_current: false },
    ]);
    expect((await sessionsOf(first)).map(({ is_current }) => is_current)).toEqual([false, true]);
    const page = await ask('/api/auth/sessions?limit=1', { token: second });
    const { items, next_cursor } = (await page.json()) as { items: Session[]; next_cursor: string };
    expect(items).toHaveLength(1);
    const next = await ask(`/api/auth/sessions?limit=1&cursor=${next_cursor}`, { token: second });
    expect(await next.json()).toMatchObject({ items: [{ agent: 'first' }], next_cursor: null });
  });

  it('keeps two sign-ins of one second apart', async () => {
    const { signIn } = await account();
    const tokens = await Promise.all([signIn('a'), signIn('b'), signIn('c')]);
    expect(new Set(tokens).size).toBe(3);
    expect(await sessionsOf(tokens[0])).toHaveLength(4);
  });

  it('ends with a sign-out everywhere', async () => {
    const { first, signIn } = await account();
    expect((await ask('/api/auth/logout', { method: 'POST', token: first })).status).toBe(204);
    expect(await sessionsOf(await signIn('later'))).toMatchObject([{ agent: 'later' }]);
  });

  it('notes the last use after ten minutes', async () => {
    const { first } = await account();
    const [session] = await sessionsOf(first);
    const used = async (minutes: number) => {
      await asOwner(sql`update sessions set last_used_at = now() - make_interval(mins => ${minutes}::int)
        where id = ${session?.id}`);
      const [after] = await sessionsOf(first);
      return Date.now() - Date.parse(after?.last_used_at ?? '');
    };
    expect(await used(9)).toBeGreaterThan(500_000);
    expect(await used(11)).toBeLessThan(60_000);
  });
});

describe('the end of a session', () => {
  it('refuses its token at once, in the database and in the wallet, and no other', async () => {
    const { first, signIn } = await account();
    const second = await signIn('second');
    expect(await statusOf('/api/wallet', first)).toBe(200);
    const target = (await sessionsOf(second)).find(({ is_current }) => !is_current);
    expect(await end(second, target?.id ?? '')).toBe(204);
    expect(await statusOf('/api/auth/me', first)).toBe(401);
    expect(await statusOf('/api/wallet', first)).toBe(401);
    expect(await statusOf('/api/auth/me', second)).toBe(200);
    expect(await statusOf('/api/wallet', second)).toBe(200);
    expect(await sessionsOf(second)).toHaveLength(1);
  });

  it('is recorded once, however often it is asked for', async () => {
    const { signIn } = await account();
    const second = await signIn('second');
    const target = (await sessionsOf(second)).find(({ is_current }) => !is_current);
    const asked = await Promise.all([1, 2, 3].map(() => end(second, target?.id ?? '')));
    expect(asked).toEqual([204, 204, 204]);
    const [entries] = await asOwner(sql`select id from audit_log
      where action = 'user.session_ended' and target_id = ${target?.id}`);
    expect(entries).toHaveLength(1);
  });

  it('is refused for the session of somebody else', async () => {
    const [one, other] = [await account(), await account()];
    const [session] = await sessionsOf(one.first);
    expect(await end(other.first, session?.id ?? '')).toBe(404);
    expect(await statusOf('/api/auth/me', one.first)).toBe(200);
  });

  it('of the request keeps the others', async () => {
    const { first, signIn } = await account();
    const second = await signIn('second');
    expect(await end(first, 'current')).toBe(204);
    expect(await statusOf('/api/auth/me', first)).toBe(401);
    expect(await statusOf('/api/auth/me', second)).toBe(200);
  });

  it('is not there for a token from before sessions were kept, which can sign out everywhere', async () => {
    const { token } = await somebody();
    expect(await sessionsOf(token)).toEqual([]);
    expect(await end(token, 'current')).toBe(404);
    expect((await ask('/api/auth/logout', { method: 'POST', token })).status).toBe(204);
    expect(await statusOf('/api/auth/me', token)).toBe(401);
  });
});
