import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { JournalEntry, JournalMessage } from '../contracts/wallet/journal.ts';
import { startNeonGateway } from '../dev/neon-gateway.ts';
import { messagesOf, runOf } from '../test/rls/journal-entries.ts';
import { startMigratedPostgres, WORKER_PASSWORD } from '../test/support/migrated-postgres.ts';
import { connect, type Database } from '../worker/db/client.ts';
import { projectJournal } from '../worker/db/ledger/journal.ts';
import { PLATFORM_TENANT_ID } from '../worker/db/tenants/tenants.ts';
import { readPlatformHealth } from '../worker/db/usage/platform-health.ts';
import { listUsage, readAllUsage, readDays } from '../worker/db/usage/platform-usage.ts';
import { dayOf, p50, ROUNDS, show, showMs, succeeded } from './report-timing.ts';
import { quantile } from './statistics.ts';

/** `node bench/platform-view.ts`: times the platform view at 1,000 tenants and a million executions, and what it adds to the journal. */

const TENANTS = 1_000;
const EXECUTIONS = 1_000_000;
const DAYS = 90;

const superadminId = uuidv7();
const claims = { tenantId: PLATFORM_TENANT_ID, userId: superadminId, iat: 2_000_000_000, exp: 2_000_000_060 };

const idOf = (kind: number, number: string) =>
  `('0191000${kind}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

/** Makes the tenants, each with a user, and executions of four models over the last days. Triggers add them up. */
const fill = [
  `insert into tenants (id, slug, name, primary_color, status)
    select ${idOf(0, 'n')}, 'tenant-' || n, 'Tenant ' || n, '#0f766e', case when n % 100 = 0 then 'suspended' else 'active' end
    from generate_series(0, ${TENANTS - 1}) n`,
  `insert into levels (tenant_id, id, slug, name) select ${idOf(0, 'n')}, ${idOf(1, 'n')}, 'all', 'All' from generate_series(0, ${TENANTS - 1}) n`,
  `insert into users (tenant_id, id, email, password_hash, level_id)
    select ${idOf(0, 'n')}, ${idOf(2, 'n')}, 'user-' || n || '@bench.test', 'none', ${idOf(1, 'n')} from generate_series(0, ${TENANTS - 1}) n`,
  `insert into ai_providers (tenant_id, id, name, kind, priority) select app.platform_tenant_id(), ${idOf(3, 'n')}, 'Bench ' || n, 'openai', 1
    from generate_series(0, 2) n`,
  `insert into wallet_reconciliations (tenant_id, user_id, status, checkpoint, wallet_seq, differences, checked_at)
    select ${idOf(0, 'n')}, ${idOf(2, 'n')}, case when n % 200 = 0 then 'different' else 'ok' end, '{}', 1, '[]', now()
    from generate_series(0, ${TENANTS - 1}) n`,
];
const fillExecutions = `
  insert into ai_executions (tenant_id, id, user_id, status, model, started_at_ms, usage, tokens_charged, cost_micro_usd,
      wholesale_micro_usd, attempts, finished_at_ms)
    select ${idOf(0, `(n::bigint * 7919) % ${TENANTS}`)}, ${idOf(4, 'n')}, ${idOf(2, `(n::bigint * 7919) % ${TENANTS}`)},
      case when n % 50 = 0 then 'failed' else 'succeeded' end, 'model-' || (n / ${TENANTS}) % 4, at_ms, '{"input_tokens": 12, "output_tokens": 10}', 700, 100, 120,
      jsonb_build_array(jsonb_build_object('provider_id', ${idOf(3, `(n / ${TENANTS}) % 4 % 3`)}, 'started_at_ms', at_ms,
        'failure', case when n % 50 = 0 then '{"kind": "overloaded"}'::jsonb end)), at_ms
    from (select n, (extract(epoch from now()) * 1000 - n::float8 / ${EXECUTIONS} * ${DAYS * 86_400_000})::bigint as at_ms
      from generate_series(0, ${EXECUTIONS - 1}) n) executions`;

/** The scans so far of a table as a whole, and of each of its indexes. */
async function scansOf(owner: pg.Client, table: string): Promise<Map<string, number>> {
  await owner.query('select pg_stat_force_next_flush()');
  await owner.query('select pg_stat_clear_snapshot()');
  const { rows } = await owner.query(
    `select 'whole table' as name, seq_scan::float8 as scans from pg_stat_user_tables where relname = $1
     union all select indexrelname, idx_scan::float8 from pg_stat_user_indexes where relname = $1`,
    [table],
  );
  return new Map(rows.map(({ name, scans }) => [name, scans]));
}

/** Runs `work` and shows the scans of a table that it made. */
async function withScans(owner: pg.Client, table: string, work: () => Promise<void>): Promise<void> {
  const before = await scansOf(owner, table);
  await work();
  // A session reports its scans about a second after them.
  await new Promise((reported) => setTimeout(reported, 1_500));
  const after = [...(await scansOf(owner, table))];
  show(
    `scans of ${table}`,
    after.map(([name, scans]) => `${name}: ${scans - (before.get(name) ?? 0)}`).join(', '),
  );
}

async function timeUsage(worker: Database): Promise<void> {
  for (const days of [7, 30, 90]) {
    const period = { from: dayOf(days - 1), to: dayOf(0) };
    const page = { ...period, order: 'desc', limit: 25 } as const;
    showMs(
      `overview, ${days} days`,
      await p50(async () => succeeded(await readDays(worker, claims, period))),
    );
    for (const group_by of ['tenant', 'model', 'day'] as const) {
      const list = async () => succeeded(await listUsage(worker, claims, { ...page, group_by }));
      showMs(`usage by ${group_by}, ${days} days`, await p50(list));
    }
    const all = { ...period, order: 'desc', group_by: 'tenant' } as const;
    showMs(
      `CSV of all tenants, ${days} days`,
      await p50(async () => succeeded(await readAllUsage(worker, claims, all))),
    );
  }
}

async function timeReports(owner: pg.Client, worker: Database): Promise<void> {
  await withScans(owner, 'daily_usage', () => timeUsage(worker));
  await withScans(owner, 'wallet_reconciliations', async () =>
    showMs('health', await p50(async () => succeeded(await readPlatformHealth(worker, claims)))),
  );
}

/** The provider whose calls the journal counts. */
const providerId = uuidv7();

/** The entry with a call of this hour, which is counted. */
const calledNow = (entry: JournalEntry): JournalEntry => ({
  ...entry,
  execution_outcome: entry.execution_outcome && {
    ...entry.execution_outcome,
    attempts: entry.execution_outcome.attempts.map((attempt) => ({
      ...attempt,
      provider_id: providerId,
      started_at_ms: Date.now(),
    })),
  },
});

/** New wallets of some tenants, each with the journal of 20 executions. */
async function newJournal(owner: pg.Client, wallets: number, tenants: number): Promise<JournalMessage[]> {
  const { rows } = await owner.query(
    `insert into users (tenant_id, id, email, password_hash, level_id)
       select ${idOf(0, `(n % ${tenants})`)}, gen_random_uuid(), gen_random_uuid() || '@bench.test', 'none', ${idOf(1, `(n % ${tenants})`)}
       from generate_series(1, ${wallets}) n returning tenant_id, id as user_id`,
  );
  return rows.flatMap((place) => {
    const run = runOf(place, 20);
    return messagesOf({ ...run, entries: run.entries.map(calledNow) }, 41);
  });
}

/** Times the journal with and without the triggers, in turns. */
async function timeJournal(
  owner: pg.Client,
  worker: Database,
  name: string,
  tenants: number,
  consumers: number,
): Promise<void> {
  const times = { enable: [] as number[], disable: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1)
    for (const state of ['enable', 'disable'] as const) {
      await owner.query(`alter table ai_executions ${state} trigger user`);
      const batches: JournalMessage[][] = [];
      for (let consumer = 0; consumer < consumers; consumer += 1)
        batches.push(await newJournal(owner, 25, tenants));
      const begun = performance.now();
      await Promise.all(batches.map((batch) => projectJournal(worker, batch)));
      times[state].push(performance.now() - begun);
    }
  await owner.query('alter table ai_executions enable trigger user');
  const median = (values: number[]) =>
    quantile(
      values.sort((one, other) => one - other),
      0.5,
    );
  const [counted, uncounted] = [median(times.enable), median(times.disable)];
  show(
    `journal, ${name}`,
    `${counted.toFixed(1)} ms, without usage ${uncounted.toFixed(1)} ms: ${(counted / uncounted).toFixed(2)} times`,
  );
}

const postgres = await startMigratedPostgres();
const gateway = await startNeonGateway(postgres.port);
const owner = new pg.Client({ connectionString: postgres.ownerUrl });
try {
  await owner.connect();
  await owner.query(`select set_config('app.role', 'operator', false)`);
  for (const statement of fill) await owner.query(statement);
  await owner.query(
    `insert into users (tenant_id, id, email, password_hash, role, level_id)
     select tenant_id, $1, 'super@bench.test', 'none', 'superadmin', id from levels where tenant_id = app.platform_tenant_id() limit 1`,
    [superadminId],
  );
  const begun = performance.now();
  await owner.query(fillExecutions);
  show(
    `insert ${EXECUTIONS} executions and their sums`,
    `${((performance.now() - begun) / 1_000).toFixed(1)} s`,
  );
  await owner.query('vacuum (analyze)');
  const { rows } = await owner.query(
    `select (select count(*) from daily_usage) as days, (select count(*) from daily_user_usage) as user_days,
       (select count(*) from hourly_user_usage) as hours, (select count(*) from provider_calls) as calls`,
  );
  const { days, user_days, hours, calls } = rows[0];
  show('rows', `usage by day ${days}, by user ${user_days}, by hour ${hours}; provider_calls ${calls}`);
  const url = new URL(postgres.ownerUrl);
  url.username = 'app_worker';
  url.password = WORKER_PASSWORD;
  const worker = connect({
    databaseUrl: url.href,
    fetchEndpoint: `${gateway.origin}/sql`,
    applicationName: 'vanilla-queue',
  });
  await timeReports(owner, worker);
  await timeJournal(owner, worker, '500 executions of 25 tenants in a batch', 25, 1);
  await timeJournal(owner, worker, '500 executions of one tenant in a batch', 1, 1);
  await timeJournal(owner, worker, 'the same, four consumers at a time', 1, 4);
} finally {
  await owner.end();
  await gateway.stop();
  await postgres.stop();
}
