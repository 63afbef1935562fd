import type pg from 'pg';
import type { Bench } from '../bench.ts';
import { ROWS_PER_TENANT, sampleIds } from '../lists/big-data.ts';
import { type ListName, type Statement, statementsOf } from '../lists/list-queries.ts';
import { readable } from '../report/table.ts';
import type { Contender, Row, Sample } from '../row.ts';
import { quantile } from '../statistics.ts';

const TENANTS = 1_000;
const QUICK_TENANTS = 100;

const titles: Record<ListName, string> = {
  'own-executions': "a user's own executions",
  executions: "a tenant's executions, for an admin",
  ledger: "a user's ledger",
  users: "a tenant's users, for an admin",
};

/** A session of the database in which a list is read as one caller. */
type Reader = { client: pg.Client; statements: Statement[] };

async function planOf({ client, statements }: Reader): Promise<string> {
  const lines: string[] = [];
  for (const { query, params } of statements) {
    const { rows } = await client.query(`explain (costs off) ${query}`, params);
    lines.push(...rows.map((row) => row['QUERY PLAN']));
  }
  return lines.join('\n');
}

/** Reads the list again and again, and returns the durations, ascending. */
async function timesOf(
  { client, statements }: Reader,
  seconds: number,
  nameOf: (index: number) => { name: string } | undefined,
): Promise<number[]> {
  const durations: number[] = [];
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs) {
    const startedMs = performance.now();
    for (const [index, { query, params }] of statements.entries())
      await client.query({ text: query, values: params, ...nameOf(index) });
    durations.push(performance.now() - startedMs);
  }
  return durations.sort((one, other) => one - other);
}

/** Measures the list as the product sends it, parsed and planned each time, and with statements that are prepared once. */
async function read(reader: Reader, list: ListName, seconds: number): Promise<Sample> {
  const plan = await planOf(reader);
  const planned = await timesOf(reader, seconds / 2, () => undefined);
  const prepared = await timesOf(reader, seconds / 2, (index) => ({ name: `${list}-${index}` }));
  if ((await planOf(reader)) !== plan) throw new Error('The plan of a list changed while it was measured');
  return {
    p50_ms: quantile(planned, 0.5),
    p99_ms: quantile(planned, 0.99),
    prepared_p50_ms: quantile(prepared, 0.5),
  };
}

/** The first page of a list of the product under row security, against the same statements of a role that it does not bind. */
export async function listRow(bench: Bench, name: string, list: ListName): Promise<Row> {
  const tenants = bench.options.quick ? QUICK_TENANTS : TENANTS;
  const { workerUrl } = await bench.stack();
  const unboundUrl = await bench.bigData(tenants);
  const bound = await bench.databaseClient(workerUrl);
  const unbound = await bench.databaseClient(unboundUrl);
  const { tenant_id, admin_id, user_id } = await sampleIds(unbound);
  const claimsOf = (userId: string) => ({
    tenantId: tenant_id,
    userId,
    iat: 2_000_000_000,
    exp: 2_100_000_000,
  });
  const statements = await statementsOf(list, { user: claimsOf(user_id), admin: claimsOf(admin_id) });
  const isAdminList = list === 'executions' || list === 'users';
  const [callerId, role] = isAdminList ? [admin_id, 'admin'] : [user_id, 'user'];
  const contender = (
    label: string,
    side: 'us' | 'peer',
    client: pg.Client,
    enter: () => Promise<unknown>,
  ): Contender => ({
    ...{ name: label, side },
    async measure(seconds) {
      await client.query('begin');
      await enter();
      const sample = await read({ client, statements }, list, Math.min(seconds, 2));
      await client.query('rollback');
      return sample;
    },
  });
  return {
    name,
    title: `First page of ${titles[list]}; ${readable(tenants)} tenants, ${readable(tenants * ROWS_PER_TENANT)} rows in each table`,
    figures: [
      { name: 'p50_ms', label: 'p50', unit: 'ms', better: 'less' },
      { name: 'p99_ms', label: 'p99', unit: 'ms', better: 'less' },
      { name: 'prepared_p50_ms', label: 'p50 when prepared once', unit: 'ms', better: 'less' },
    ],
    contenders: [
      contender('row security', 'us', bound, () =>
        bound.query('select app.enter($1, $2, $3)', [tenant_id, callerId, 2_000_000_000]),
      ),
      contender('none', 'peer', unbound, () =>
        unbound.query(
          `select set_config('app.tenant_id', $1, true), set_config('app.user_id', $2, true), set_config('app.role', $3, true)`,
          [tenant_id, callerId, role],
        ),
      ),
    ],
  };
}
