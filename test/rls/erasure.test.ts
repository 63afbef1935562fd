import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { listTenantsWithWallets } from '../../worker/db/ledger/reconciliation.ts';
import { loadTenant } from '../../worker/db/load-snapshots.ts';
import { erasePart, listTenantsToErase } from '../../worker/db/tenants/tenant-lifecycle.ts';
import { insertRow } from '../support/test-database.ts';
import { connectAsWorker, startTestDatabase } from './database.ts';
import { fixtures } from './fixtures.ts';
import { makeWorld, type Place, tenantRow } from './world.ts';

const database = await startTestDatabase();
const { owner } = database;
const worker = connectAsWorker(database);
const { places } = await makeWorld(owner);
const { foreign, own } = places;
afterAll(() => database.stop());

/** Columns that stay when a tenant is erased: figures, states, names of things, and what is immutable. No person is in them but by id. */
const kept: Record<string, string[]> = {
  acting_sessions: ['reason'],
  ai_executions: [
    ...['status', 'task', 'model', 'price', 'provider_name', 'provider_model', 'finish_reason', 'usage'],
    ...['usage_source', 'attempts', 'error_code', 'routing', 'response_cache'],
  ],
  ai_model_aliases: ['alias', 'public_name'],
  ai_model_prices: ['wallet_tiers', 'cost_tiers'],
  ai_model_routes: ['public_name', 'strategy'],
  ai_models: ['kind', 'public_name', 'provider_model', 'capabilities', 'list_price'],
  ai_providers: ['name', 'kind'],
  audit_log: ['actor_role', 'action', 'target_type', 'target_id', 'request_id', 'details'],
  daily_usage: ['model', 'key_owner', 'provider_name'],
  daily_user_usage: ['model', 'key_owner', 'provider_name'],
  hourly_user_usage: ['model', 'key_owner', 'provider_name'],
  level_token_policies: ['mode', 'enforcement', 'warning_thresholds_percent'],
  levels: ['slug', 'name', 'features', 'allowed_models'],
  provider_calls: ['last_failure'],
  tenant_budgets: ['mode', 'enforcement', 'warning_thresholds_percent'],
  tenant_ledger: [
    ...['kind', 'operation_id', 'period', 'actor_kind', 'reason', 'reference', 'execution_start'],
    ...['execution_outcome', 'prev_hash', 'hash', 'thresholds_crossed'],
  ],
  tenant_wallet_reconciliations: [
    ...['status', 'checkpoint', 'differences', 'acknowledged', 'repaired_checkpoint'],
  ],
  tenant_wallets: ['period'],
  tenants: [
    'status',
    'status_reason',
    'tenant_signups',
    'name',
    'primary_color',
    'registration',
    'allocation_after',
    'require_mfa',
    'response_cache',
    'currency_name',
    'currency_name_singular',
  ],
  user_token_ledger: [
    ...[
      'kind',
      'operation_id',
      'period',
      'actor_kind',
      'reason',
      'reference',
      'execution_start',
      'execution_outcome',
    ],
    ...['prev_hash', 'hash', 'thresholds_crossed'],
  ],
  user_token_policies: ['mode', 'enforcement', 'warning_thresholds_percent'],
  user_token_wallets: ['period'],
  users: ['role', 'status', 'allocation_awaits'],
  wallet_reconciliations: [...['status', 'checkpoint', 'differences', 'acknowledged', 'repaired_checkpoint']],
};

/** Columns that are overwritten or cleared, and tables whose rows are deleted. */
const erased: Record<string, string[] | 'rows'> = {
  account_tokens: 'rows',
  alert_dismissals: 'rows',
  alert_settings: 'rows',
  alerts: 'rows',
  ai_execution_contents: 'rows',
  ai_providers: ['base_url', 'api_key_ciphertext', 'settings'],
  api_keys: 'rows',
  audit_clients: 'rows',
  conversation_messages: 'rows',
  conversations: 'rows',
  invitations: 'rows',
  management_keys: 'rows',
  sign_in_providers: 'rows',
  sessions: 'rows',
  recovery_codes: 'rows',
  tenant_assets: 'rows',
  tenant_domains: 'rows',
  user_identities: 'rows',
  webhook_deliveries: 'rows',
  webhook_endpoints: 'rows',
  webhook_events: 'rows',
  tenants: [
    ...['slug', 'former_slug', 'tagline', 'logo_url', 'support_email'],
    ...['registration_email_domains', 'allowed_origins'],
  ],
  user_factors: 'rows',
  user_files: 'rows',
  users: ['email', 'name', 'password_hash', 'closed_hashes'],
};

const due = (tenantId: string) =>
  owner.query(`update tenants set status = 'deleting', deletion_due_at = now() where id = $1`, [tenantId]);

/** Fills every table with a row of the holder, as the tests of row security have them. A tenant has its budget from the start. */
async function fill(place: Place): Promise<void> {
  for (const [name, fixture] of Object.entries(fixtures))
    if (fixture.existing === undefined && name !== 'public.tenant_budgets')
      await insertRow(owner, name, fixture.newRow(place, 'service'));
}

it('every column that can hold words is known either to stay or to be erased', async () => {
  const { rows } = await owner.query<{ table_name: string; column_name: string }>(
    `select table_name, column_name from information_schema.columns
     where table_schema = 'public' and data_type in ('text', 'jsonb', 'bytea', 'ARRAY')`,
  );
  const unknown = rows.filter(({ table_name, column_name }) => {
    const gone = erased[table_name];
    return gone !== 'rows' && !gone?.includes(column_name) && !kept[table_name]?.includes(column_name);
  });
  expect(unknown, 'decide whether app.erase_tenant erases it').toEqual([]);
});

describe('a tenant whose grace period is over', () => {
  it('loses contents, secrets and personal data page by page, and keeps ledgers and figures', async () => {
    await fill(foreign);
    const secrets = (
      await owner.query('select email, name from users where tenant_id = $1', [foreign.tenant_id])
    ).rows;
    expect(await listTenantsToErase(worker)).toEqual([]);
    await due(foreign.tenant_id);
    expect(await listTenantsToErase(worker)).toEqual([foreign.tenant_id]);
    let calls = 1;
    while (!(await erasePart(worker, foreign.tenant_id, 1))) calls += 1;
    expect(calls).toBeGreaterThan(5);
    for (const [table, columns] of Object.entries(erased))
      if (columns === 'rows')
        expect(
          (await owner.query(`select from ${table} where tenant_id = $1`, [foreign.tenant_id])).rowCount,
          table,
        ).toBe(0);
    const left = await owner.query(
      `select to_jsonb(u) as row from users u where tenant_id = $1
       union all select to_jsonb(p) from ai_providers p where tenant_id = $1
       union all select to_jsonb(t) from tenants t where id = $1`,
      [foreign.tenant_id],
    );
    const written = JSON.stringify(left.rows);
    for (const { email } of secrets) expect(written).not.toContain(email);
    expect(written).not.toMatch(/not-a-hash|"ciphertext"|Somebody/);
    for (const table of [
      'user_token_ledger',
      'ai_executions',
      'user_token_wallets',
      'ai_model_prices',
      'audit_log',
    ])
      expect(
        (await owner.query(`select from ${table} where tenant_id = $1`, [foreign.tenant_id])).rowCount,
        table,
      ).toBe(1);
  });

  it('answers to no name, its slug is free, and it has no wallets to check', async () => {
    const { rows } = await owner.query(`select slug, status from tenants where id = $1`, [foreign.tenant_id]);
    expect(rows).toEqual([{ slug: `deleted-${foreign.tenant_id}`, status: 'deleted' }]);
    expect((await loadTenant(worker, { slug: rows[0].slug }, null)).tenant).toBeNull();
    expect(await listTenantsWithWallets(worker)).not.toContain(foreign.tenant_id);
    expect(await listTenantsToErase(worker)).toEqual([]);
  });
});

describe('nothing is erased of', () => {
  const untouched = async (tenantId: string) => {
    const { rows } = await owner.query(
      `select (select count(*) from users u where u.tenant_id = t.id and u.email like 'somebody%')::int as people, t.status
       from tenants t where id = $1`,
      [tenantId],
    );
    return rows[0];
  };

  it.each([
    ['an active tenant', `status = 'active', deletion_due_at = null`, 'active'],
    ['a suspended tenant', `status = 'suspended', deletion_due_at = null`, 'suspended'],
    [
      'a tenant within its grace period',
      `status = 'deleting', deletion_due_at = now() + interval '1 minute'`,
      'deleting',
    ],
    ['a tenant with users that signed up long ago', `signed_up_at = now() - interval '1 year'`, 'active'],
  ])('%s', async (_, change, status) => {
    const before = await untouched(own.tenant_id);
    await owner.query(`update tenants set ${change} where id = $1`, [own.tenant_id]);
    try {
      expect(await listTenantsToErase(worker)).toEqual([]);
      expect(await erasePart(worker, own.tenant_id, 100)).toBe(true);
      expect(await untouched(own.tenant_id)).toEqual({ ...before, status });
    } finally {
      await owner.query(
        `update tenants set status = 'active', deletion_due_at = null, signed_up_at = null where id = $1`,
        [own.tenant_id],
      );
    }
  });

  it('the platform, whatever its row says', async () => {
    await owner.query(`update tenants set signed_up_at = now() - interval '1 year' where id = $1`, [
      places.platform.tenant_id,
    ]);
    await erasePart(worker, places.platform.tenant_id, 100);
    expect(await untouched(places.platform.tenant_id)).toMatchObject({ status: 'active', people: 2 });
  });
});

it('a tenant that signed up and that nobody entered is erased after eight days', async () => {
  const tenant = {
    ...tenantRow(uuidv7()),
    signed_up_at: new Date(Date.now() - 9 * 86_400_000).toISOString(),
  };
  await insertRow(owner, 'tenants', tenant);
  expect(await listTenantsToErase(worker)).toContain(tenant.id);
  expect(await erasePart(worker, tenant.id, 100)).toBe(true);
  const { rows } = await owner.query('select status from tenants where id = $1', [tenant.id]);
  expect(rows).toEqual([{ status: 'deleted' }]);
});
