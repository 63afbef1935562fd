import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCaller } from '../../worker/db/load-snapshots.ts';
import {
  createUser,
  findLogin,
  getMe,
  getWalletOwner,
  type Login,
  listUsers,
  recordLogin,
  renewPasswordHash,
  saveSignOut,
} from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { connectAsWorker, refusalOf, rolledBack, roundTripsOf, startTestDatabase } from './database.ts';
import { fixtures } from './fixtures.ts';
import { levelRow, makeWorld, somewhere, userRow } from './world.ts';

const database = await startTestDatabase();
const { owner } = database;
const { places, admin_id } = await makeWorld(owner);
const { own, colleague, foreign, platform } = places;
const worker = connectAsWorker(database);
afterAll(() => database.stop());

const nowS = () => Math.floor(Date.now() / 1_000);
const claimsOf = (place: { tenant_id: string; user_id: string }, iat = nowS()) => ({
  tenantId: place.tenant_id,
  userId: place.user_id,
  iat,
  exp: iat + 60,
});
const admin = claimsOf({ tenant_id: own.tenant_id, user_id: admin_id }, 1_000_000);
const superadmin = claimsOf(platform, 1_000_000);
const refused = (code: string) => ({ ok: false, failure: { code } });

const freeLevel = { ...levelRow(own.tenant_id), slug: 'free', is_default: true };
const newUser = (email: string) => ({
  id: uuidv7(),
  tenant_id: own.tenant_id,
  email,
  name: null,
  password_hash: 'hash',
  request_id: 'request-1',
  client: somewhere,
});
const auditOf = async (userId: string) =>
  (
    await owner.query('select action, actor_role, request_id from audit_log where actor_user_id = $1', [
      userId,
    ])
  ).rows;

beforeAll(async () => {
  await insertRow(owner, 'levels', freeLevel);
  for (const place of [{ ...own, level_id: freeLevel.id }, own, colleague, foreign]) {
    const policy = fixtures['public.level_token_policies']?.newRow(place, 'service') ?? {};
    await insertRow(owner, 'level_token_policies', policy);
  }
});

describe('registering', () => {
  it('makes a plain, active user on the default level, and writes it down, in one round trip', async () => {
    const row = newUser('new@example.test');
    let created: Awaited<ReturnType<typeof createUser>> | undefined;
    const trips = await roundTripsOf(database, async () => {
      created = await createUser(worker, row);
    });
    expect(trips).toBe(1);
    expect(created).toMatchObject({
      ok: true,
      value: { id: row.id, email: row.email, role: 'user', status: 'active', level: { slug: 'free' } },
    });
    expect(await auditOf(row.id)).toEqual([
      { action: 'user.registered', actor_role: 'service', request_id: 'request-1' },
    ]);
  });

  it('refuses an email that is taken, and leaves nothing of the attempt', async () => {
    const row = newUser('new@example.test');
    expect(await createUser(worker, row)).toEqual(refused('email_taken'));
    expect(await auditOf(row.id)).toEqual([]);
  });
});

describe('signing in', () => {
  it('finds the hash to check, and nothing in another tenant or for an unknown email', async () => {
    const found = await findLogin(worker, own.tenant_id, 'new@example.test');
    expect(found).toMatchObject({ password_hash: 'hash', status: 'active', signed_out_at_s: null });
    expect(await findLogin(worker, foreign.tenant_id, 'new@example.test')).toBeNull();
    expect(await findLogin(worker, own.tenant_id, `' or true --`)).toBeNull();
  });

  it('is written down', async () => {
    const login = {
      ...{ tenant_id: own.tenant_id, user_id: own.user_id, request_id: 'request-2' },
      client: somewhere,
    };
    expect((await recordLogin(worker, login)).id).toBe(own.user_id);
    expect(await auditOf(own.user_id)).toContainEqual({
      action: 'user.logged_in',
      actor_role: 'service',
      request_id: 'request-2',
    });
  });
});

describe('renewing the hash of a password', () => {
  const login = async () => (await findLogin(worker, own.tenant_id, 'new@example.test')) as Login;
  const renew = async (hash_before: string, tenant_id = own.tenant_id) => {
    const { user_id } = await login();
    await renewPasswordHash(worker, { tenant_id, user_id, hash_before, password_hash: 'renewed' });
    return (await login()).password_hash;
  };

  it('needs the hash that was checked, in its own tenant, and ends no session', async () => {
    const { password_hash, signed_out_at_s } = await login();
    expect(await renew('another')).toBe(password_hash);
    expect(await renew(password_hash, foreign.tenant_id)).toBe(password_hash);
    expect(await renew(password_hash)).toBe('renewed');
    expect((await login()).signed_out_at_s).toBe(signed_out_at_s);
  });

  it('is for the service alone', () =>
    rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter($1, $2, 1000000)', [own.tenant_id, own.user_id]);
      const renew = () =>
        database.worker.query(`select app.renew_password_hash($1, 'a', 'b')`, [own.user_id]);
      expect(await refusalOf(database.worker, renew)).toBe('VS010');
    }));
});

describe('signing out', () => {
  it('revokes the session it came with and every older one, and not the one that follows', async () => {
    const session = claimsOf(colleague);
    const older = { ...session, iat: session.iat - 3_600 };
    expect(await getMe(worker, older)).toMatchObject({ ok: true, value: { id: colleague.user_id } });
    const signedOut = await saveSignOut(worker, session, 'request-3');
    if (!signedOut.ok) throw new Error(signedOut.failure.code);
    const { signed_out_at_s } = signedOut.value;
    expect(signed_out_at_s).toBeGreaterThanOrEqual(session.iat);
    expect(await getMe(worker, session)).toEqual(refused('session_revoked'));
    expect(await loadCaller(worker, older)).toEqual(refused('session_revoked'));
    expect(await saveSignOut(worker, session, 'request-4')).toEqual(refused('session_revoked'));
    expect(await getMe(worker, { ...session, iat: signed_out_at_s + 1 })).toMatchObject({ ok: true });
    expect(await auditOf(colleague.user_id)).toEqual([
      { action: 'user.signed_out', actor_role: 'user', request_id: 'request-3' },
    ]);
  });

  it('revokes a session that a faster clock dated ahead of the database', async () => {
    const ahead = claimsOf(foreign, nowS() + 30);
    expect(await saveSignOut(worker, ahead, 'request-5')).toEqual({
      ok: true,
      value: { signed_out_at_s: ahead.iat },
    });
    expect(await getMe(worker, ahead)).toEqual(refused('session_revoked'));
  });
});

describe('the list of users', () => {
  it('is for admins', async () => {
    expect(await listUsers(worker, claimsOf(own), { limit: 10 })).toEqual(refused('forbidden'));
  });

  it('holds the whole tenant and nobody else, newest first, page by page, in one round trip each', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listUsers>> = await listUsers(worker, admin, {
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      });
      if (!page.ok) throw new Error(page.failure.code);
      expect(page.value.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.value.items.map(({ id }) => id));
      cursor = page.value.next_cursor;
    } while (cursor !== null);
    const { rows } = await owner.query('select id from users where tenant_id = $1 order by id desc', [
      own.tenant_id,
    ]);
    expect(seen).toEqual(rows.map(({ id }) => id));
    expect(await roundTripsOf(database, () => listUsers(worker, admin, { limit: 2 }))).toBe(1);
  });

  describe('filtered by how an email or a name begins', () => {
    beforeAll(async () => {
      for (const [email, name] of [
        ['ada@example.test', 'Grace Hopper'],
        ['adam_smith@example.test', null],
        ['100%.sure@example.test', 'Łukasz'],
      ] as const) {
        await insertRow(owner, 'users', { ...userRow(own.tenant_id, own.level_id), email, name });
        await insertRow(owner, 'users', { ...userRow(foreign.tenant_id, foreign.level_id), email, name });
      }
    });

    it.each([
      ['ada', ['adam_smith@example.test', 'ada@example.test']],
      ['ADAM', ['adam_smith@example.test']],
      ['grace h', ['ada@example.test']],
      ['Łuk', ['100%.sure@example.test']],
      ['100%', ['100%.sure@example.test']],
      ['adam_', ['adam_smith@example.test']],
      ['a%', []],
      ['ad_', []],
      ['\\', []],
      [`' or true --`, []],
    ])('%j finds only the tenant’s own, in capitals or not: %j', async (q, emails) => {
      const page = await listUsers(worker, admin, { limit: 10, q });
      expect(page.ok && page.value.items.map(({ email }) => email)).toEqual(emails);
    });
  });

  it('shows each wallet as last reported, and none for who never used theirs', async () => {
    const wallet = { monthly: 40, lifetime: 2, reserved: 12, overage: 3 };
    const row = fixtures['public.user_token_wallets']?.newRow(own, 'service');
    await insertRow(owner, 'user_token_wallets', { ...row, ...wallet });
    const page = await listUsers(worker, admin, { limit: 100 });
    if (!page.ok) throw new Error(page.failure.code);
    const walletOf = (id: string) => page.value.items.find((user) => user.id === id)?.wallet;
    expect(walletOf(own.user_id)).toEqual({ available: 30, reserved: 12, overage: 3 });
    expect(walletOf(admin_id)).toBeNull();
  });

  it.each(['nonsense', btoa(`' or true --`), btoa('1'), '%%%'])('refuses the cursor %s', async (cursor) => {
    expect(await listUsers(worker, admin, { limit: 2, cursor })).toEqual(refused('invalid_cursor'));
  });
});

describe('the owner of a wallet', () => {
  it('is found by an admin of their tenant, with the policy their wallet lives by', async () => {
    expect(await getWalletOwner(worker, admin, own.user_id)).toMatchObject({
      ok: true,
      value: { user: { id: own.user_id }, policy: { allocation_tokens: 1 }, actor_role: 'admin' },
    });
  });

  it('is not found in another tenant, no more than one who does not exist', async () => {
    expect(await getWalletOwner(worker, admin, foreign.user_id)).toEqual(refused('not_found'));
    expect(await getWalletOwner(worker, admin, uuidv7())).toEqual(refused('not_found'));
  });

  it('is found by a superadmin wherever they are', async () => {
    expect(await getWalletOwner(worker, superadmin, foreign.user_id)).toMatchObject({
      ok: true,
      value: { user: { id: foreign.user_id, tenant_id: foreign.tenant_id }, actor_role: 'superadmin' },
    });
  });

  it('is no business of a plain user, their own included', async () => {
    expect(await getWalletOwner(worker, claimsOf(own), own.user_id)).toEqual(refused('forbidden'));
  });
});
