import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { insertRow } from '../support/test-database.ts';
import { refusalOf, rolledBack, startTestDatabase } from './database.ts';
import { fixtures } from './fixtures.ts';
import {
  type Holder,
  levelRow,
  makeWorld,
  modelRow,
  type Place,
  providerRow,
  tenantRow,
  userRow,
} from './world.ts';

const database = await startTestDatabase();
const { owner, worker } = database;
const { places, admin_id } = await makeWorld(owner);
const { own, colleague, foreign, platform } = places;
afterAll(() => database.stop());

const APPEND_ONLY = 'VS001';
const FORK = 'VS003';
const FOREIGN_KEY = '23503';
const CHECK = '23514';
const DENIED = '42501';
const SELF_GOVERNMENT = 'VS004';

const newRow = (table: string, place: Place) => {
  const row = fixtures[`public.${table}`]?.newRow(place, 'service');
  if (row === undefined) throw new Error(`${table} has no fixture`);
  return row;
};

/** Returns the SQLSTATE of an insert by the owner, whom no policy restricts. */
const insertedByOwner = (table: string, row: Record<string, unknown>) =>
  rolledBack(owner, () => refusalOf(owner, () => insertRow(owner, table, row)));

/** Runs `test` as the user `own` or as the service of their tenant, and rolls back. */
const runAsUser = (test: () => Promise<void>, userId = own.user_id) =>
  rolledBack(worker, async () => {
    await worker.query('select app.enter($1, $2, 0)', [own.tenant_id, userId]);
    await test();
  });
const runAsService = (test: () => Promise<void>) =>
  rolledBack(worker, async () => {
    await worker.query('select app.enter_service($1)', [own.tenant_id]);
    await test();
  });

describe.each(['user_token_ledger', 'audit_log', 'ai_model_prices'])('%s is append-only', (table) => {
  beforeEach(() => insertRow(owner, table, newRow(table, own)));
  const column = fixtures[`public.${table}`]?.updates;

  it.each([
    ['an update', `update ${table} set ${column} = ${column}`],
    ['a delete', `delete from ${table}`],
    ['a truncate', `truncate ${table}`],
  ])('for its owner too, who is refused %s', async (_, statement) => {
    await rolledBack(owner, async () => {
      expect(await refusalOf(owner, () => owner.query(statement))).toBe(APPEND_ONLY);
    });
  });
});

const withoutCost = {
  input_micro_usd_per_million: null,
  cache_read_micro_usd_per_million: null,
  cache_write_micro_usd_per_million: null,
  output_micro_usd_per_million: null,
};

describe('a row that points into another tenant is refused: ', () => {
  const abroad = foreign;
  it.each([
    ['a user on another tenant’s level', 'users', userRow(own.tenant_id, abroad.level_id)],
    ['a policy for another tenant’s level', 'level_token_policies', { level_id: abroad.level_id }],
    ['an override for another tenant’s user', 'user_token_policies', { user_id: abroad.user_id }],
    ['a wallet of another tenant’s user', 'user_token_wallets', { user_id: abroad.user_id }],
    ['a ledger entry of another tenant’s user', 'user_token_ledger', { user_id: abroad.user_id }],
    ['an execution by another tenant’s user', 'ai_executions', { user_id: abroad.user_id }],
    ['contents of another tenant’s user', 'ai_execution_contents', { user_id: abroad.user_id }],
    ['a key of another tenant’s user', 'api_keys', { user_id: abroad.user_id }],
    ['an audit entry by another tenant’s user', 'audit_log', { actor_user_id: abroad.user_id }],
    ['a model at another tenant’s provider', 'ai_models', modelRow(own.tenant_id, abroad.provider_id)],
  ])('%s', async (_, table, pointing: Record<string, unknown>) => {
    expect(await insertedByOwner(table, { ...newRow(table, own), ...pointing })).toBe(FOREIGN_KEY);
  });

  it('a price for another tenant’s model, while one for the platform’s is welcome', async () => {
    const priceOf = ({ tenant_id, model_id }: Place) => ({
      ...newRow('ai_model_prices', own),
      ...withoutCost,
      model_tenant_id: tenant_id,
      model_id,
    });
    expect(await insertedByOwner('ai_model_prices', priceOf(foreign))).toBe(CHECK);
    expect(await insertedByOwner('ai_model_prices', priceOf(platform))).toBeNull();
  });

  it('a price that says what another’s model costs, in one figure only, or of one’s own model does not', async () => {
    const mine = newRow('ai_model_prices', own);
    const shared = { ...mine, model_tenant_id: platform.tenant_id, model_id: platform.model_id };
    const { output_micro_usd_per_million: _, ...threeMissing } = withoutCost;
    for (const row of [
      shared,
      { ...shared, ...threeMissing },
      { ...mine, ...withoutCost },
      { ...mine, ...threeMissing },
    ])
      expect(await insertedByOwner('ai_model_prices', row)).toBe(CHECK);
  });

  it('and so is moving a row there', async () => {
    await insertRow(owner, 'user_token_wallets', newRow('user_token_wallets', own));
    await runAsService(async () => {
      const move = () => worker.query('update user_token_wallets set tenant_id = $1', [foreign.tenant_id]);
      expect(await refusalOf(worker, move)).toBe(DENIED);
    });
  });
});

describe('nonsense is refused whoever writes it: ', () => {
  const tooMuch = 2 ** 50 + 1;
  it.each<[string, string, Record<string, unknown>]>([
    ['a superadmin outside the platform', 'users', { role: 'superadmin' }],
    ['an unknown role', 'users', { role: 'root' }],
    ['an email in capitals', 'users', { email: 'Somebody@example.test' }],
    ['a hostname in capitals', 'tenant_domains', { hostname: 'AI.example' }],
    ['a hostname with a path', 'tenant_domains', { hostname: 'ai.example/path' }],
    ['a tenant’s provider without a key', 'ai_providers', { api_key_ciphertext: null }],
    ['a provider reached without TLS', 'ai_providers', { base_url: 'http://models.example' }],
    ['an allocation past 2^50', 'level_token_policies', { allocation_tokens: tooMuch }],
    ['a negative allocation', 'level_token_policies', { allocation_tokens: -1 }],
    ['a level’s policy that leaves something open', 'level_token_policies', { mode: null }],
    ['a warning at 101 percent', 'user_token_policies', { warning_thresholds_percent: '{101}' }],
    ['a wallet below zero', 'user_token_wallets', { monthly: 0, lifetime: 1, reserved: 2 }],
    ['a wallet past 2^50', 'user_token_wallets', { lifetime: tooMuch }],
    ['an entry that moves more than 2^50', 'user_token_ledger', { lifetime_delta: -tooMuch }],
    ['an entry that leaves less than is held', 'user_token_ledger', { lifetime_after: 1, reserved_after: 2 }],
    ['an entry whose hash is none', 'user_token_ledger', { hash: 'abc' }],
    ['a first entry that follows another', 'user_token_ledger', { seq: 1 }],
    ['a charge below zero', 'ai_executions', { tokens_charged: -1 }],
    ['contents that were deleted and are there', 'ai_execution_contents', { input: null, output: '{}' }],
    ['contents that were deleted and stay for good', 'ai_execution_contents', { input: null }],
    ['a price below zero', 'ai_model_prices', { output_wallet_tokens_per_1000: -1 }],
  ])('%s', async (_, table, wrong) => {
    expect(await insertedByOwner(table, { ...newRow(table, own), ...wrong })).toBe(CHECK);
  });

  it.each(['Acme', '-acme', 'acme.com', '', 'a'.repeat(64)])('the slug %j', async (slug) => {
    expect(await insertedByOwner('tenants', { ...tenantRow(), slug })).toBe(CHECK);
  });

  it('two default levels in a tenant', async () => {
    await rolledBack(owner, async () => {
      const second = { ...levelRow(own.tenant_id), is_default: true };
      await insertRow(owner, 'levels', { ...levelRow(own.tenant_id), is_default: true });
      expect(await refusalOf(owner, () => insertRow(owner, 'levels', second))).toBe('23505');
    });
  });

  it('the same email twice in a tenant, while another tenant may have it too', async () => {
    await rolledBack(owner, async () => {
      const first = userRow(own.tenant_id, own.level_id);
      await insertRow(owner, 'users', first);
      const twin = { ...userRow(own.tenant_id, own.level_id), email: first.email };
      const namesake = { ...userRow(foreign.tenant_id, foreign.level_id), email: first.email };
      expect(await refusalOf(owner, () => insertRow(owner, 'users', twin))).toBe('23505');
      expect(await refusalOf(owner, () => insertRow(owner, 'users', namesake))).toBeNull();
    });
  });
});

describe('a person', () => {
  it.each([
    ['password_hash', `'known'`],
    ['policy_changed_at', 'now()'],
    ['status_changed_at', 'now()'],
    ['email', `'else@example.test'`],
  ])('cannot change their own %s', (column, value) =>
    runAsUser(async () => {
      expect(await refusalOf(worker, () => worker.query(`update users set ${column} = ${value}`))).toBe(
        DENIED,
      );
    }),
  );

  it.each([
    ['level', `level_id = '${colleague.level_id}'`],
    ['status', `status = 'disabled'`],
    ['role', `role = 'superadmin'`],
  ])('cannot change their own %s, as an admin no more than as a user', async (_, change) => {
    for (const userId of [own.user_id, admin_id])
      await runAsUser(async () => {
        const govern = () => worker.query(`update users set ${change} where id = $1`, [userId]);
        expect(await refusalOf(worker, govern)).toBe(SELF_GOVERNMENT);
      }, userId);
  });

  it.each([
    ['user', own.user_id],
    ['admin', admin_id],
  ])('cannot write a wallet or a ledger entry as %s', (_, userId) =>
    runAsUser(async () => {
      for (const table of ['user_token_wallets', 'user_token_ledger']) {
        const row = newRow(table, { ...own, user_id: own.spare_user_id });
        expect(await refusalOf(worker, () => insertRow(worker, table, row))).toBe(DENIED);
      }
      const raise = await worker.query('update user_token_wallets set lifetime = lifetime + 1');
      expect(raise.rowCount).toBe(0);
    }, userId),
  );

  it.each<[string, Record<string, unknown>]>([
    ['with a role they do not have', { actor_role: 'admin' }],
    ['in the name of somebody else', { actor_user_id: colleague.user_id }],
    ['at another time', { at: '2020-01-01T00:00:00Z' }],
  ])('cannot be written into the audit log %s', (_, forged) =>
    runAsUser(async () => {
      const row = { ...newRow('audit_log', own), actor_role: 'user' };
      expect(await refusalOf(worker, () => insertRow(worker, 'audit_log', { ...row, ...forged }))).toBe(
        DENIED,
      );
      expect(await refusalOf(worker, () => insertRow(worker, 'audit_log', row))).toBeNull();
    }),
  );

  it('registers as a plain user, whoever writes the row', () =>
    runAsService(async () => {
      const row = { ...userRow(own.tenant_id, own.level_id), role: 'admin' };
      expect(await refusalOf(worker, () => insertRow(worker, 'users', row))).toBe(DENIED);
    }));
});

describe('a wallet’s chain', () => {
  const hashOf = (digit: string) => digit.repeat(64);
  const entry = (seq: number, prev: string, hash: string) => ({
    ...newRow('user_token_ledger', { ...own, user_id: own.spare_user_id }),
    seq,
    prev_hash: hashOf(prev),
    hash: hashOf(hash),
  });
  const append = (row: Record<string, unknown>) =>
    refusalOf(worker, async () => {
      await insertRow(worker, 'user_token_ledger', row);
    });

  it('takes its links in any order', () =>
    runAsService(async () => {
      await insertRow(worker, 'user_token_ledger', entry(3, 'b', 'c'));
      await insertRow(worker, 'user_token_ledger', entry(1, '0', 'a'));
      expect(await append(entry(2, 'a', 'b'))).toBeNull();
    }));

  it('refuses another entry of the same number, and an entry that does not link to its neighbours', () =>
    runAsService(async () => {
      await insertRow(worker, 'user_token_ledger', entry(1, '0', 'a'));
      await insertRow(worker, 'user_token_ledger', entry(3, 'b', 'c'));
      expect(await append(entry(1, '0', 'd'))).toBe(FORK);
      expect(await append(entry(2, 'd', 'b'))).toBe(FORK);
      expect(await append(entry(2, 'a', 'd'))).toBe(FORK);
      expect(await append(entry(4, 'd', 'e'))).toBe(FORK);
    }));
});

describe('the version of a wallet’s policy', () => {
  const versionOf = async (holder: Holder = 'own') => {
    const { tenant_id, user_id, level_id } = places[holder];
    const { rows } = await owner.query<{ version: string }>(
      `select (extract(epoch from greatest(
          (select updated_at from level_token_policies where tenant_id = $1 and level_id = $3),
          (select updated_at from user_token_policies where tenant_id = $1 and user_id = $2),
          (select policy_changed_at from users where tenant_id = $1 and id = $2))) * 1000000)::bigint as version`,
      [tenant_id, user_id, level_id],
    );
    return BigInt(rows[0]?.version ?? 0);
  };
  const override = () => insertRow(owner, 'user_token_policies', newRow('user_token_policies', own));

  it.each([
    ['the user’s level', 'update users set level_id = $2 where id = $1', [own.user_id, colleague.level_id]],
    [
      'the level’s policy',
      'update level_token_policies set in_flight_max = 7 where level_id = $1',
      [own.level_id],
    ],
    [
      'the user’s override',
      'update user_token_policies set in_flight_max = 7 where user_id = $1',
      [own.user_id],
    ],
  ])('rises when %s changes', (_, change, values) =>
    rolledBack(owner, async () => {
      await insertRow(owner, 'level_token_policies', newRow('level_token_policies', own));
      await override();
      const before = await versionOf();
      expect((await owner.query(change, values)).rowCount).toBe(1);
      expect(await versionOf()).toBeGreaterThan(before);
    }),
  );

  it('cannot fall: an override is cleared, never deleted', () =>
    rolledBack(owner, async () => {
      await override();
      expect(await refusalOf(owner, () => owner.query('delete from user_token_policies'))).toBe(APPEND_ONLY);
      expect(
        await refusalOf(owner, () => owner.query('update user_token_policies set mode = null')),
      ).toBeNull();
    }));
});

it('a provider of the platform needs no key: it uses the Worker’s own', async () => {
  const row = { ...providerRow(platform.tenant_id), api_key_ciphertext: null };
  expect(await insertedByOwner('ai_providers', row)).toBeNull();
});
