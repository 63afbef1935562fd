import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  consumeSignInTicket,
  type ProvedIdentity,
  signInByIdentity,
} from '../../worker/db/users/identities.ts';
import { saveOwnClosing } from '../../worker/db/users/own-account.ts';
import { saveSession } from '../../worker/db/users/sessions.ts';
import { getUserOfTenant } from '../../worker/db/users/user-admin.ts';
import { createUser, findLogin, saveSignOut } from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { refusalOf, rolledBack } from './database.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';
import { conversationRow, levelRow, somewhere, text } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign } = world;
afterAll(() => database.stop());
beforeAll(async () => {
  const level = { ...levelRow(own.tenant_id), slug: 'free', is_default: true };
  await insertRow(owner, 'levels', level);
  await owner.query(
    `insert into level_token_policies select (jsonb_populate_record(p, jsonb_build_object('level_id', $2::text))).*
     from level_token_policies p where tenant_id = $1 limit 1`,
    [own.tenant_id, level.id],
  );
});

const hashOf = (word: string) => createHash('sha256').update(word).digest('hex');
const identityOf = (more: Partial<ProvedIdentity> = {}): ProvedIdentity => {
  const word = text('ticket');
  return {
    ...{ tenant_id: own.tenant_id, provider: { id: own.sign_in_provider_id, name: 'Example ID' } },
    ...{ subject: text('subject'), email: `${text('guest')}@example.test`, name: 'Ada' },
    ...{ is_proved: true, may_create: true, ticket_hash: hashOf(word), nowS: 0, request_id: word },
    ...more,
  };
};
/** Registers somebody by a password. */
const register = async (email: string) => {
  const id = uuidv7();
  const account = { ...{ id, tenant_id: own.tenant_id, email, name: null, password_hash: 'old' } };
  return got(await createUser(worker, { ...account, client: somewhere, request_id: `register-${id}` }));
};
const awaitsOf = async (id: string) =>
  (await owner.query('select allocation_awaits from users where id = $1', [id])).rows[0].allocation_awaits;
const use = (ticket_hash: string, tenant_id = own.tenant_id) =>
  consumeSignInTicket(worker, { tenant_id, ticket_hash });

describe('an identity', () => {
  it('of many sign-ins at once makes one account', async () => {
    const identity = identityOf();
    const answers = await Promise.all(
      [1, 2, 3, 4].map((count) =>
        signInByIdentity(worker, { ...identity, ticket_hash: hashOf(`${identity.subject}${count}`) }),
      ),
    );
    const made = answers.map(got);
    expect(new Set(made.map(({ user_id }) => user_id)).size).toBe(1);
    expect(made.map(({ outcome }) => outcome).sort()).toEqual(['created', 'known', 'known', 'known']);
  });

  it('has a user whom no password opens', async () => {
    const { email, ...identity } = identityOf();
    got(await signInByIdentity(worker, { ...identity, email }));
    expect((await findLogin(worker, own.tenant_id, email ?? ''))?.password_hash).toBe('-');
  });

  it('of another tenant with the same subject is somebody else', async () => {
    const identity = identityOf();
    const here = got(await signInByIdentity(worker, identity));
    await owner.query(
      `update levels set is_default = true where id = (select id from levels where tenant_id = $1 limit 1)`,
      [foreign.tenant_id],
    );
    const provider = { id: foreign.sign_in_provider_id, name: 'Theirs' };
    const there = { ...identity, tenant_id: foreign.tenant_id, provider, ticket_hash: hashOf(uuidv7()) };
    expect(got(await signInByIdentity(worker, there)).user_id).not.toBe(here.user_id);
  });

  it('needs a provider of the tenant', async () => {
    const provider = { id: foreign.sign_in_provider_id, name: 'Theirs' };
    await expect(signInByIdentity(worker, identityOf({ provider }))).rejects.toThrow();
  });

  it('that may not make an account makes none, and leaves no entry', async () => {
    const identity = identityOf({ may_create: false });
    expect(await signInByIdentity(worker, identity)).toEqual(refused('unknown'));
    expect(await world.auditOf(identity.request_id)).toEqual([]);
  });
});

describe('a ticket', () => {
  it('has an end, and is of one tenant', async () => {
    const identity = identityOf();
    got(await signInByIdentity(worker, identity));
    expect(await use(identity.ticket_hash, foreign.tenant_id)).toEqual(refused('ticket_invalid'));
    await owner.query(`update user_identities set ticket_expires_at = now() where subject = $1`, [
      identity.subject,
    ]);
    expect(await use(identity.ticket_hash)).toEqual(refused('ticket_invalid'));
  });

  it('ends with the next one, and with the provider', async () => {
    const identity = identityOf();
    got(await signInByIdentity(worker, identity));
    const next = hashOf(uuidv7());
    got(await signInByIdentity(worker, { ...identity, ticket_hash: next }));
    expect(await use(identity.ticket_hash)).toEqual(refused('ticket_invalid'));
    await owner.query('update sign_in_providers set enabled = false where id = $1', [
      own.sign_in_provider_id,
    ]);
    expect(await use(next)).toEqual(refused('ticket_invalid'));
    await owner.query('update sign_in_providers set enabled = true where id = $1', [own.sign_in_provider_id]);
    expect((await use(next)).ok).toBe(true);
  });

  it('ends with a sign-out everywhere, and one of later works', async () => {
    const identity = identityOf();
    const { user_id } = got(await signInByIdentity(worker, identity));
    got(await saveSignOut(worker, claimsOf({ ...own, user_id }), 'sign-out'));
    expect(await use(identity.ticket_hash)).toEqual(refused('ticket_invalid'));
    const next = hashOf(uuidv7());
    got(await signInByIdentity(worker, { ...identity, ticket_hash: next }));
    expect((await use(next)).ok).toBe(true);
  });

  it('of an account that is taken from somebody else works: their sessions end before it', async () => {
    const { email, ...identity } = identityOf();
    const { id: user_id } = await register(email ?? '');
    expect(got(await signInByIdentity(worker, { ...identity, email }))).toEqual({
      ...{ user_id, outcome: 'reclaimed' },
    });
    expect(got(await use(identity.ticket_hash)).user_id).toBe(user_id);
  });

  it.each([
    `select app.awaits_of_newcomer('a@b.c')`,
    `select app.use_sign_in_ticket('\\x00')`,
    `select app.sign_in_by_identity(gen_random_uuid(), 's', 'a@b.c', null, true, true, gen_random_uuid(), '\\x00', 0)`,
  ])('is the service’s alone: %s', (statement) =>
    rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter($1, $2, $3)', [own.tenant_id, own.user_id, 1_000_000]);
      expect(await refusalOf(database.worker, () => database.worker.query(statement))).toBe('VS010');
    }),
  );
});

describe('a closed account', () => {
  it('has nothing personal left, in any table that is erased with a tenant or a user', async () => {
    const identity = identityOf();
    const { user_id } = got(await signInByIdentity(worker, identity));
    const claims = claimsOf({ ...own, user_id });
    const conversation = conversationRow(own.tenant_id, user_id);
    await insertRow(owner, 'conversations', conversation);
    await insertRow(owner, 'conversation_messages', {
      ...{ tenant_id: own.tenant_id, user_id, conversation_id: conversation.id, id: uuidv7() },
      ...{ role: 'user', content_ciphertext: 'ciphertext', bytes: 1 },
    });
    expect((await saveOwnClosing(worker, claims, 0, 'closing')).ok).toBe(true);
    const { user } = (await getUserOfTenant(worker, own.tenant_id, user_id)) ?? {};
    expect(user).toMatchObject({
      ...{
        email: `closed-${user_id}@deleted.invalid`,
        name: null,
        email_verified: false,
        status: 'disabled',
      },
      closed_at: expect.any(String),
    });
    for (const table of [
      'user_identities',
      'user_factors',
      'recovery_codes',
      'account_tokens',
      'api_keys',
      'sessions',
      'ai_execution_contents',
      'conversations',
      'conversation_messages',
    ])
      expect((await owner.query(`select from ${table} where user_id = $1`, [user_id])).rowCount, table).toBe(
        0,
      );
    expect(await saveOwnClosing(worker, claims, 0, 'again')).toEqual(refused('user_disabled'));
    await rolledBack(owner, async () => {
      const enable = () => owner.query(`update users set status = 'active' where id = $1`, [user_id]);
      expect(await refusalOf(owner, enable)).toBe('VS024');
    });
  });

  it('lets executions that still run store nothing', async () => {
    const { user_id } = got(await signInByIdentity(worker, identityOf()));
    const row = { tenant_id: own.tenant_id, id: uuidv7(), user_id, status: 'running' };
    await insertRow(owner, 'ai_executions', row);
    await saveOwnClosing(worker, claimsOf({ ...own, user_id }), 0, 'closing');
    const { rows } = await owner.query(
      'select input, output from ai_execution_contents where execution_id = $1',
      [row.id],
    );
    expect(rows).toEqual([{ input: null, output: null }]);
  });

  it('that is made again waits for approval: by its address, by its identity, not after 400 days', async () => {
    const identity = identityOf();
    const email = identity.email ?? '';
    const close = async (user_id: string) =>
      expect((await saveOwnClosing(worker, claimsOf({ ...own, user_id }), 0, 'closing')).ok).toBe(true);
    const first = got(await signInByIdentity(worker, identity));
    expect(await awaitsOf(first.user_id)).toBeNull();
    await close(first.user_id);
    const registered = await register(email);
    expect(registered.allocation_awaits).toBe('approval');
    await close(registered.id);
    const other = { ...identity, email: `${text('other')}@example.test`, ticket_hash: hashOf(uuidv7()) };
    const again = got(await signInByIdentity(worker, other));
    expect([again.outcome, await awaitsOf(again.user_id)]).toEqual(['created', 'approval']);
    await owner.query(`update users set closed_at = now() - interval '401 days' where id = any($1)`, [
      [first.user_id, registered.id],
    ]);
    expect((await register(email)).allocation_awaits).toBeNull();
  });

  it('that is made again where addresses are verified waits for that first, then for approval', async () => {
    const email = `${text('guest')}@example.test`;
    const first = await register(email);
    await saveOwnClosing(worker, claimsOf({ ...own, user_id: first.id }), 0, 'closing');
    await owner.query(`update tenants set allocation_after = 'verification' where id = $1`, [own.tenant_id]);
    const again = await register(email);
    expect(again.allocation_awaits).toBe('verification');
    await owner.query(`update tenants set allocation_after = 'registration' where id = $1`, [own.tenant_id]);
    const { ticket_hash, ...identity } = identityOf({ email });
    got(await signInByIdentity(worker, { ...identity, ticket_hash }));
    expect(await awaitsOf(again.id)).toBe('approval');
  });

  it('leaves no invitation of its address, and its hashes go with the address of the tenant', async () => {
    const identity = identityOf();
    const { user_id } = got(await signInByIdentity(worker, identity));
    await owner.query(
      `insert into invitations (tenant_id, id, email, role, level_id, token_hash, invited_by, expires_at)
       select tenant_id, gen_random_uuid(), $2, 'user', level_id, $3, id, now() + interval '1 day' from users where id = $1`,
      [user_id, identity.email, Buffer.from(hashOf(text('invitation')), 'hex')],
    );
    got(await saveOwnClosing(worker, claimsOf({ ...own, user_id }), 0, 'closing'));
    const left = await owner.query('select from invitations where email = $1', [identity.email]);
    expect(left.rowCount).toBe(0);
    const hashes = async () =>
      (await owner.query('select closed_hashes from users where id = $1', [user_id])).rows[0].closed_hashes;
    expect(await hashes()).toHaveLength(2);
    await expect(database.worker.query('select closed_hashes from users')).rejects.toThrow(
      /permission denied/,
    );
    await owner.query(`update users set email = 'erased-' || id || '@deleted.invalid' where id = $1`, [
      user_id,
    ]);
    expect(await hashes()).toBeNull();
  });
});

describe('a session', () => {
  it('does not begin if its user signed out everywhere, or was disabled, since they proved who they are', async () => {
    const { id: user_id } = await register(`${text('guest')}@example.test`);
    const claims = claimsOf({ ...own, user_id });
    const begin = (signedOutAtS: number | null) =>
      saveSession(worker, { ...claims, sessionId: uuidv7() }, signedOutAtS, somewhere);
    expect(await begin(null)).toBe(true);
    const { signed_out_at_s } = got(await saveSignOut(worker, claims, 'sign-out'));
    expect(await begin(null)).toBe(false);
    expect(await begin(signed_out_at_s)).toBe(true);
    await owner.query(`update users set status = 'disabled' where id = $1`, [user_id]);
    expect(await begin(signed_out_at_s)).toBe(false);
  });
});
