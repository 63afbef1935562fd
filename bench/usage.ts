import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { UsageReportFilter } from '../contracts/api/usage.ts';
import { startNeonGateway } from '../dev/neon-gateway.ts';
import { startMigratedPostgres, WORKER_PASSWORD } from '../test/support/migrated-postgres.ts';
import { connect, type Database } from '../worker/db/client.ts';
import { readWalletRecords } from '../worker/db/ledger/wallet-records.ts';
import { readUsageItems, readUsageSummary } from '../worker/db/usage/usage-report.ts';
import type { UsageReader } from '../worker/db/usage/usage-source.ts';
import { dayOf, p50, show, showMs, succeeded } from './report-timing.ts';

/** `node bench/usage.ts`: times reports of one tenant with a million executions of 200 users over 90 days. */

const EXECUTIONS = 1_000_000;
const USERS = 200;
const DAYS = 90;
const ITEMS = 1_000;

const tenantId = uuidv7();
const levelId = uuidv7();
const claimsOf = (userId: string): UsageReader => ({
  tenantId,
  userId,
  iat: 2_000_000_000,
  exp: 2_000_000_060,
});

const idOf = (kind: number, number: string) =>
  `('0191000${kind}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
const userId = (number: number) => `01910002-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;

/** Makes the tenant with its users. The first one is its admin. */
const fill = [
  `insert into tenants (id, slug, name, primary_color, status) values ('${tenantId}', 'busy', 'Busy', '#0f766e', 'active')`,
  `insert into levels (tenant_id, id, slug, name) values ('${tenantId}', '${levelId}', 'all', 'All')`,
  `insert into users (tenant_id, id, email, password_hash, role, level_id)
    select '${tenantId}', ${idOf(2, 'n')}, 'user-' || n || '@bench.test', 'none', case n when 0 then 'admin' else 'user' end, '${levelId}'
    from generate_series(0, ${USERS - 1}) n`,
];
/** Of four models, each of one provider, that ended between 200 ms and 40 s; of half of the users, half of the calls with a key. */
const fillExecutions = `
  insert into ai_executions (tenant_id, id, user_id, api_key_id, level_id, status, model, started_at_ms, usage, tokens_charged,
      cost_micro_usd, wholesale_micro_usd, first_token_ms, attempts, finished_at_ms)
    select '${tenantId}', ${idOf(4, 'n')}, ${idOf(2, `(n::bigint * 7919) % ${USERS}`)},
      case when n % 4 = 1 then ${idOf(5, `(n::bigint * 7919) % ${USERS}`)} end, '${levelId}',
      case when n % 50 = 0 then 'failed' else 'succeeded' end, 'model-' || (n / ${USERS}) % 4, at_ms,
      '{"input_tokens": 12, "cache_read_tokens": 3, "cache_write_tokens": 0, "output_tokens": 10, "reasoning_tokens": 2}', 700, 100, 120,
      100 + n % 900, jsonb_build_array(jsonb_build_object('provider_id', ${idOf(3, `(n / ${USERS}) % 4`)}, 'provider_name', 'Bench',
        'started_at_ms', at_ms)), at_ms + (200 * exp(5.3 * ((n::bigint * 104729) % 1000) / 1000))::bigint
    from (select n, (extract(epoch from now()) * 1000 - n::float8 / ${EXECUTIONS} * ${DAYS * 86_400_000})::bigint as at_ms
      from generate_series(0, ${EXECUTIONS - 1}) n) executions`;

async function timeReports(worker: Database, reader: UsageReader, who: string): Promise<void> {
  for (const days of [7, 30, 90]) {
    const period = { from: dayOf(days - 1), to: dayOf(0) };
    const groups = ['day', 'model', 'day,model', 'user', 'key', 'day,user'];
    for (const group_by of days === 7 ? [...groups, 'hour', 'hour,model'] : groups) {
      const filter: UsageReportFilter = { ...period, group_by, order: 'desc' };
      const list = async () => succeeded(await readUsageItems(worker, reader, filter, ITEMS));
      showMs(`${who}, by ${group_by}, ${days} days`, await p50(list));
    }
    const one: UsageReportFilter = { ...period, group_by: 'day', order: 'desc', user_id: userId(7) };
    showMs(
      `${who}, by day of one user, ${days} days`,
      await p50(async () => succeeded(await readUsageItems(worker, reader, one, ITEMS))),
    );
    showMs(
      `${who}, summary beside the period before, ${days} days`,
      await p50(async () => succeeded(await readUsageSummary(worker, reader, period))),
    );
  }
}

const postgres = await startMigratedPostgres();
const gateway = await startNeonGateway(postgres.port);
const owner = new pg.Client({ connectionString: postgres.ownerUrl });
try {
  await owner.connect();
  await owner.query(`select set_config('app.role', 'operator', false)`);
  for (const statement of fill) await owner.query(statement);
  const begun = performance.now();
  await owner.query(fillExecutions);
  show(
    `insert ${EXECUTIONS} executions and their sums`,
    `${((performance.now() - begun) / 1_000).toFixed(1)} s`,
  );
  await owner.query('vacuum (analyze)');
  for (const table of ['daily_usage', 'daily_user_usage', 'hourly_user_usage', 'ai_executions']) {
    const { rows } = await owner.query(
      `select count(*) as rows, pg_size_pretty(pg_total_relation_size('${table}')) as size from ${table}`,
    );
    show(`rows of ${table}`, `${rows[0].rows}, ${rows[0].size} with indexes`);
  }
  const url = new URL(postgres.ownerUrl);
  url.username = 'app_worker';
  url.password = WORKER_PASSWORD;
  const worker = connect({
    databaseUrl: url.href,
    fetchEndpoint: `${gateway.origin}/sql`,
    applicationName: 'vanilla-request',
  });
  await timeReports(worker, claimsOf(userId(0)), 'admin');
  await timeReports(worker, claimsOf(userId(7)), 'user');
  const wallet = { tenant_id: tenantId, user_id: tenantId };
  const check = performance.now();
  await readWalletRecords(worker, wallet, { full: false, last_seq: 0, limit: 1 });
  showMs("records of the tenant's wallet for its check", performance.now() - check);
} finally {
  await owner.end();
  await gateway.stop();
  await postgres.stop();
}
