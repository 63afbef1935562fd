import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountTokenPurpose } from '../../contracts/account-token.ts';
import {
  consumeAccountToken,
  issueAccountToken,
  type NewAccountToken,
} from '../../worker/db/users/account-tokens.ts';
import { getOwnLogin, saveOwnPassword } from '../../worker/db/users/own-account.ts';
import { getUserOfTenant, getUserWithPolicy, saveUserPatch } from '../../worker/db/users/user-admin.ts';
import { createUser, findLogin, getMe } from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { refusalOf, rolledBack, roundTripsOf } from './database.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';
import { levelRow, somewhere, text } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, admin } = world;
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
const newEmail = () => `${text('guest')}@example.test`;

/** Registers somebody in `own`. */
async function register(email = newEmail()) {
  const id = uuidv7();
  const account = { id, tenant_id: own.tenant_id, email, name: 'Ada', password_hash: 'old' };
  got(await createUser(worker, { ...account, client: somewhere, request_id: `register-${id}` }));
  return { id, email, claims: claimsOf({ ...own, user_id: id }) };
}

const issue = (
  user: NewAccountToken['user'],
  purpose: AccountTokenPurpose,
  word: string,
  more: Partial<NewAccountToken> = {},
) =>
  issueAccountToken(worker, {
    ...{ tenant_id: own.tenant_id, user, purpose, token_hash: hashOf(word), new_email: null },
    ...{ mail_id: uuidv7(), lifetime_minutes: 30 },
    ...more,
  });

const use = (purpose: AccountTokenPurpose, word: string, tenantId = own.tenant_id, nowS = 0) =>
  consumeAccountToken(worker, {
    signed_in_user_id: null,
    ...{ tenant_id: tenantId, purpose, token_hash: hashOf(word), password_hash: 'new', nowS },
    request_id: `use-${word}`,
  });

/** Lets the last mail of a user be of two minutes ago. */
const waitAMinute = (id: string) =>
  owner.query(`update account_tokens set created_at = now() - interval '2 minutes' where user_id = $1`, [id]);

describe('a link', () => {
  it('is made for an active user by id or email, in one round trip, with the brand of the tenant', async () => {
    const { id, email } = await register();
    let issued: Awaited<ReturnType<typeof issue>> | undefined;
    const trips = await roundTripsOf(database, async () => {
      issued = await issue({ id }, 'verify_email', text('w'));
    });
    expect(trips).toBe(1);
    expect(issued).toMatchObject({ recipient: email, name: 'Ada', tenant: { name: expect.any(String) } });
    expect(await issue({ email }, 'reset_password', text('w'))).toMatchObject({ recipient: email });
  });

  it('is not made for an unknown or disabled user, one of another tenant, or a verified address', async () => {
    const { id, email } = await register();
    expect(await issue({ email: newEmail() }, 'reset_password', text('w'))).toBeNull();
    const elsewhere = { tenant_id: foreign.tenant_id };
    expect(await issue({ email }, 'reset_password', text('w'), elsewhere)).toBeNull();
    await owner.query('update users set email_verified_at = now() where id = $1', [id]);
    expect(await issue({ id }, 'verify_email', text('w'))).toBeNull();
    await owner.query(`update users set status = 'disabled' where id = $1`, [id]);
    expect(await issue({ email }, 'reset_password', text('w'))).toBeNull();
  });

  it('works once, also when it is used several times at once', async () => {
    const { id } = await register();
    await issue({ id }, 'verify_email', id);
    const answers = await Promise.all([1, 2, 3, 4].map(() => use('verify_email', id)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.filter(({ ok }) => !ok)[0]).toEqual(refused('link_invalid'));
    expect(got(await getMe(worker, claimsOf({ ...own, user_id: id }))).email_verified).toBe(true);
    expect(await world.auditOf(`use-${id}`)).toEqual([
      expect.objectContaining({ action: 'user.email_verified', actor_user_id: id, actor_role: 'service' }),
    ]);
  });

  it('is of one purpose, one tenant and one user, and has an end', async () => {
    const { id } = await register();
    await issue({ id }, 'verify_email', id);
    expect(await use('reset_password', id)).toEqual(refused('link_invalid'));
    expect(await use('verify_email', id, foreign.tenant_id)).toEqual(refused('link_invalid'));
    await owner.query(`update account_tokens set expires_at = now() where user_id = $1`, [id]);
    expect(await use('verify_email', id)).toEqual(refused('link_invalid'));
    expect(await use('verify_email', 'unknown')).toEqual(refused('link_invalid'));
  });

  it('of a user who is disabled meanwhile does nothing', async () => {
    const { id, email } = await register();
    await issue({ id }, 'reset_password', id);
    await owner.query(`update users set status = 'disabled' where id = $1`, [id]);
    expect(await use('reset_password', id)).toEqual(refused('link_invalid'));
    expect((await findLogin(worker, own.tenant_id, email))?.password_hash).toBe('old');
  });

  it('replaces the one before, at most once a minute; another attempt at the same mail is the same mail', async () => {
    const { id } = await register();
    const [first, second, third] = [text('first'), text('second'), text('third')];
    await issue({ id }, 'reset_password', first, { mail_id: 'one' });
    expect(await issue({ id }, 'reset_password', second, { mail_id: 'two' })).toBeNull();
    expect(await issue({ id }, 'reset_password', second, { mail_id: 'one' })).not.toBeNull();
    await waitAMinute(id);
    expect(await issue({ id }, 'reset_password', third, { mail_id: 'two' })).not.toBeNull();
    for (const ended of [first, second])
      expect(await use('reset_password', ended)).toEqual(refused('link_invalid'));
    expect((await use('reset_password', third)).ok).toBe(true);
  });

  it.each(['verify_email', 'reset_password'] as const)(
    'that proves an address for the first time (%s) ends second factors and keys from before, and no later one does',
    async (purpose) => {
      const { id } = await register();
      const setUp = async () => {
        const codes = `insert into recovery_codes (tenant_id, user_id, code_hash) values ($1, $2, gen_random_uuid()::text::bytea)`;
        await owner.query(codes, [own.tenant_id, id]);
        const key = { tenant_id: own.tenant_id, id: uuidv7(), user_id: id, name: text('key') };
        await insertRow(owner, 'api_keys', { ...key, prefix: 'vsk_abcd', key_hash: randomBytes(32) });
      };
      const left = async () =>
        (
          await owner.query(
            `select (select count(*)::int from recovery_codes where user_id = $1) as codes,
              (select count(*)::int from api_keys where user_id = $1 and revoked_at is null) as keys`,
            [id],
          )
        ).rows[0];
      await setUp();
      await issue({ id }, purpose, `first-${id}`);
      expect(got(await use(purpose, `first-${id}`)).keys_ended).toBe(true);
      expect(await left()).toEqual({ codes: 0, keys: 0 });
      await setUp();
      await waitAMinute(id);
      await issue({ id }, 'reset_password', `second-${id}`);
      expect(got(await use('reset_password', `second-${id}`)).keys_ended).toBe(false);
      expect(await left()).toEqual({ codes: 1, keys: 1 });
    },
  );

  it('is made by the service alone', () =>
    rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter($1, $2, $3)', [own.tenant_id, own.user_id, 1_000_000]);
      const attempt = () =>
        database.worker.query(
          `select app.issue_account_token($1, null, 'reset_password', '\\x00', null, 'm', 30)`,
          [own.user_id],
        );
      expect(await refusalOf(database.worker, attempt)).toBe('VS010');
    }));
});

describe('a reset password', () => {
  it('ends every session until then, by the later clock, and the other links that change the account', async () => {
    const { id, email, claims } = await register();
    await issue({ email }, 'reset_password', `r-${id}`);
    await issue({ id }, 'change_email', `c-${id}`, { new_email: newEmail() });
    const nowS = Math.floor(Date.now() / 1_000) + 5;
    expect(await use('reset_password', `r-${id}`, own.tenant_id, nowS)).toMatchObject({ ok: true });
    expect(await findLogin(worker, own.tenant_id, email)).toMatchObject({
      ...{ password_hash: 'new', signed_out_at_s: nowS },
    });
    expect(await getMe(worker, { ...claims, iat: nowS })).toEqual(refused('session_revoked'));
    expect((await getMe(worker, { ...claims, iat: nowS + 1 })).ok).toBe(true);
    expect(await use('change_email', `c-${id}`)).toEqual(refused('link_invalid'));
  });
});

describe('another email address', () => {
  it('is the account’s once its link is used; links mailed to the address before stop working', async () => {
    const { id, email } = await register();
    const next = newEmail();
    await issue({ email }, 'reset_password', `r-${id}`);
    expect(await issue({ id }, 'change_email', `c-${id}`, { new_email: next })).toMatchObject({
      recipient: next,
    });
    expect(got(await use('change_email', `c-${id}`))).toMatchObject({ user_id: id, email_before: email });
    expect(await findLogin(worker, own.tenant_id, email)).toBeNull();
    expect((await getUserOfTenant(worker, own.tenant_id, id))?.user).toMatchObject({
      ...{ email: next, email_verified: true },
    });
    expect(await use('reset_password', `r-${id}`)).toEqual(refused('link_invalid'));
  });

  it('that another account has, before or meanwhile, is not given away', async () => {
    const { id } = await register();
    const other = await register();
    expect(await issue({ id }, 'change_email', text('w'), { new_email: other.email })).toBeNull();
    const wanted = newEmail();
    await issue({ id }, 'change_email', id, { new_email: wanted });
    await register(wanted);
    expect(await use('change_email', id)).toEqual(refused('email_taken'));
  });

  it('can be corrected within the minute', async () => {
    const { id } = await register();
    await issue({ id }, 'change_email', text('typo'), { new_email: newEmail() });
    expect(await issue({ id }, 'change_email', id, { new_email: newEmail() })).not.toBeNull();
  });
});

describe('the caller’s password', () => {
  it('is read and replaced in a round trip each; their sessions end, nobody else’s', async () => {
    const { claims, id } = await register();
    const other = await register();
    const session = { ...claims, iat: Math.floor(Date.now() / 1_000) };
    let saved: Awaited<ReturnType<typeof saveOwnPassword>> | undefined;
    expect(got(await getOwnLogin(worker, session))).toMatchObject({ user: { id }, password_hash: 'old' });
    expect(
      await roundTripsOf(database, async () => {
        saved = await saveOwnPassword(worker, session, 'new', session.iat + 3, 'password-1');
      }),
    ).toBe(1);
    expect(saved).toEqual({ ok: true, value: { signed_out_at_s: session.iat + 3 } });
    expect(await getOwnLogin(worker, session)).toEqual(refused('session_revoked'));
    expect((await findLogin(worker, own.tenant_id, other.email))?.password_hash).toBe('old');
    expect(await world.auditOf('password-1')).toEqual([
      expect.objectContaining({ action: 'user.password_changed', target_id: id }),
    ]);
  });

  it('is not set by the service, which acts for nobody', () =>
    rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter_service($1)', [own.tenant_id]);
      const attempt = () => database.worker.query(`select app.set_own_password('x', 0)`);
      expect(await refusalOf(database.worker, attempt)).toBe('VS010');
    }));
});

describe('an allocation', () => {
  /** Registers somebody while the tenant's newcomers wait. */
  async function registerWaiting(allocation_after: string) {
    await owner.query('update tenants set allocation_after = $2 where id = $1', [
      own.tenant_id,
      allocation_after,
    ]);
    const newcomer = await register();
    await owner.query(`update tenants set allocation_after = 'registration' where id = $1`, [own.tenant_id]);
    return newcomer;
  }

  const policyOf = async (id: string) => (await getUserOfTenant(worker, own.tenant_id, id))?.policy;

  it('that waits for the verification is nothing until then, and the level’s under a later version after', async () => {
    const { id } = await registerWaiting('verification');
    const before = await policyOf(id);
    expect(before).toMatchObject({ allocation_tokens: 0, enforcement: 'hard' });
    await issue({ id }, 'verify_email', id);
    await use('verify_email', id);
    const after = await policyOf(id);
    expect(after?.allocation_tokens).toBeGreaterThan(0);
    expect(after?.version).toBeGreaterThan(before?.version ?? Number.NaN);
  });

  it('that waits for approval is given by an admin, and by no verification', async () => {
    const { id } = await registerWaiting('approval');
    await issue({ id }, 'verify_email', id);
    await use('verify_email', id);
    expect(await policyOf(id)).toMatchObject({ allocation_tokens: 0 });
    const given = got(await saveUserPatch(worker, admin, id, { allocation_awaits: null }, `approve-${id}`));
    expect(given.user.allocation_awaits).toBeNull();
    expect(given.policy.allocation_tokens).toBeGreaterThan(0);
    expect(await world.auditOf(`approve-${id}`)).toEqual([
      expect.objectContaining({ action: 'user.changed', target_id: id }),
    ]);
  });

  it('is not taken by its user', async () => {
    const { id, claims } = await registerWaiting('approval');
    await rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter($1, $2, $3)', [own.tenant_id, id, claims.iat]);
      const attempt = () =>
        database.worker.query('update users set allocation_awaits = null where id = $1', [id]);
      expect(await refusalOf(database.worker, attempt)).toBe('VS004');
    });
    expect(got(await getUserWithPolicy(worker, admin, id)).user.allocation_awaits).toBe('approval');
  });
});
