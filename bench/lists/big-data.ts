import pg from 'pg';

/**
 * A large database for the lists: tenants with a thousand users, executions and ledger entries each. Executions and entries belong to
 * ten users of each tenant, and lie in the order of time, so that the rows of a tenant are scattered over the table.
 */

export const ROWS_PER_TENANT = 1_000;
const BUSY_USERS = 10;

const hex = (number: string) => `lpad(to_hex(${number}), 12, '0')`;
const tenantId = (t: string) => `('01910000-0000-7000-8000-' || ${hex(t)})::uuid`;
const levelId = (t: string) => `('01910000-0000-7000-8001-' || ${hex(t)})::uuid`;
const userId = (t: string, u: string) =>
  `('01910000-0000-7000-8002-' || ${hex(`${t} * ${ROWS_PER_TENANT} + ${u}`)})::uuid`;
const executionId = (n: string) => `('01910000-0000-7000-8003-' || ${hex(n)})::uuid`;

/** The ids of a tenant, its admin and one of its busy users. */
export const sampleIds = async (
  client: pg.Client,
): Promise<{ tenant_id: string; admin_id: string; user_id: string }> => {
  const { rows } = await client.query(
    `select ${tenantId('7')} as tenant_id, ${userId('7', '0')} as admin_id, ${userId('7', '3')} as user_id`,
  );
  return rows[0];
};

const statements = (tenants: number): string[] => {
  const all = `generate_series(0, ${tenants * ROWS_PER_TENANT - 1}) as n`;
  const t = `(n % ${tenants})`;
  const nth = `(n / ${tenants})`;
  const busyUser = userId(t, `(${nth} % ${BUSY_USERS} + 1)`);
  const atMs = '1790000000000 + n';
  return [
    `insert into tenants (id, slug, name, primary_color)
      select ${tenantId('n')}, 'tenant-' || n, 'Tenant ' || n, '#0f766e' from generate_series(0, ${tenants - 1}) as n`,
    `insert into levels (tenant_id, id, slug, name, is_default)
      select ${tenantId('n')}, ${levelId('n')}, 'all', 'All', true from generate_series(0, ${tenants - 1}) as n`,
    `insert into level_token_policies (tenant_id, level_id, mode, allocation_tokens, rollover_cap_tokens, enforcement,
        warning_thresholds_percent, reservation_lifetime_ms, in_flight_max)
      select ${tenantId('n')}, ${levelId('n')}, 'lifetime', 1000000, 0, 'hard', '{80}', 120000, 1000
      from generate_series(0, ${tenants - 1}) as n`,
    `insert into users (tenant_id, id, email, name, password_hash, role, level_id)
      select ${tenantId(t)}, ${userId(t, nth)}, 'user-' || n || '@bench.test', 'User ' || n, 'none',
        case when ${nth} = 0 then 'admin' else 'user' end, ${levelId(t)} from ${all}`,
    `insert into user_token_wallets (tenant_id, user_id, seq, monthly, lifetime, reserved, overage, period, policy_version)
      select ${tenantId(t)}, ${userId(t, nth)}, 100, 0, 1000000, 0, 0, '2026-11', 1 from ${all}`,
    `insert into ai_executions (tenant_id, id, user_id, status, model, input_tokens_bound, max_output_tokens, price_version,
        tokens_reserved, started_at_ms, provider_name, provider_model, finish_reason, usage, usage_source, tokens_charged,
        cost_micro_usd, attempts, finished_at_ms)
      select ${tenantId(t)}, ${executionId('n')}, ${busyUser}, 'succeeded', 'bench', 500, 500, 1, 1000, ${atMs}, 'OpenAI', 'bench',
        'stop', '{"input_tokens": 12, "cache_read_tokens": 0, "cache_write_tokens": 0, "output_tokens": 10, "reasoning_tokens": 0}',
        'reported', 700, 100, '[]', ${atMs} + 900 from ${all}`,
    `insert into user_token_ledger (tenant_id, user_id, seq, kind, operation_id, amount, monthly_delta, lifetime_delta,
        reserved_delta, overage, monthly_after, lifetime_after, reserved_after, overage_after, period, policy_version, actor_kind,
        actor_id, execution_id, at_ms, prev_hash, hash)
      select ${tenantId(t)}, ${busyUser}, ${nth} / ${BUSY_USERS} + 1, 'debit', ${executionId('n')}::text, 700, 0, -700, -1000, 0, 0,
        1000000, 0, 0, '2026-11', 1, 'user', ${busyUser}, ${executionId('n')}, ${atMs}, repeat('0', 64),
        encode(sha256(n::text::bytea), 'hex') from ${all}`,
    'vacuum (analyze)',
  ];
};

const UNBOUND = 'bench_unbound';
const PASSWORD = 'bench';

/** The role that row security does not bind. */
const unboundRole = [
  `create role ${UNBOUND} login bypassrls password '${PASSWORD}'`,
  `grant usage on schema public, app to ${UNBOUND}`,
  `grant select on all tables in schema public to ${UNBOUND}`,
  `grant execute on all functions in schema app to ${UNBOUND}`,
];

/**
 * Fills the database, and returns the connection string of a role that row security does not bind. `superuserUrl` is that of the
 * server's superuser, who may skip foreign keys that hold anyway.
 */
export async function fillBigData(superuserUrl: string, tenants: number): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`set session_replication_role = 'replica'`);
    for (const statement of [...unboundRole, ...statements(tenants)]) await client.query(statement);
  } finally {
    await client.end();
  }
  const url = new URL(superuserUrl);
  url.username = UNBOUND;
  url.password = PASSWORD;
  return url.href;
}
