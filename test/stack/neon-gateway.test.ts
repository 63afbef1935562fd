import { NeonDbError, neon, neonConfig, Pool } from '@neondatabase/serverless';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type NeonGateway, startNeonGateway } from '../../dev/neon-gateway.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let gateway: NeonGateway;

/** The driver as the Worker uses it: Neon's connection string, with our endpoint. */
const connectionString = (applicationName: string) => {
  const url = new URL(postgres.ownerUrl);
  url.host = 'ep-test.eu-central-1.aws.neon.tech';
  url.searchParams.set('sslmode', 'require');
  url.searchParams.set('application_name', applicationName);
  return url.href;
};
const connect = (applicationName = 'test') => neon(connectionString(applicationName), { fullResults: true });

const control = async (method: string, path: string, body?: unknown) => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return (await fetch(`${gateway.origin}${path}`, init)).json() as Promise<Record<string, never>>;
};
const failureOf = (promise: Promise<unknown>): Promise<NeonDbError> =>
  promise.then(
    () => Promise.reject(new Error('It did not fail')),
    (error) => error,
  );

beforeAll(async () => {
  postgres = await startTestPostgres();
  gateway = await startNeonGateway(postgres.port);
  neonConfig.fetchEndpoint = `${gateway.origin}/sql`;
  neonConfig.wsProxy = () => `${new URL(gateway.origin).host}/v2`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineConnect = false;
  const sql = connect();
  await sql`create table accounts (id int primary key, owner text not null, balance numeric check (balance >= 0))`;
});

afterEach(() => control('PUT', '/_faults', { mode: 'none' }));

afterAll(async () => {
  await gateway?.stop();
  await postgres?.stop();
});

test('A query answers typed rows, fields, a command and a count', async () => {
  const sql = connect();
  const answer = await sql`
    select 7 as int, 9007199254740993::int8 as big, 1.50::numeric as numeric, true as yes, null as nothing,
      '2026-11-23T00:00:00Z'::timestamptz as at, '{"a":[1]}'::jsonb as json, array[1, 2] as list, '\\xff'::bytea as bytes`;
  expect(answer.rows).toEqual([
    {
      int: 7,
      big: '9007199254740993',
      numeric: '1.50',
      yes: true,
      nothing: null,
      at: new Date('2026-11-23T00:00:00Z'),
      json: { a: [1] },
      list: [1, 2],
      bytes: Buffer.from([255]),
    },
  ]);
  expect(answer).toMatchObject({ command: 'SELECT', rowCount: 1 });
  expect(answer.fields[0]).toMatchObject({ name: 'int', dataTypeID: 23 });
});

test('Parameters of every kind arrive as what they are', async () => {
  const sql = connect();
  const answer = await sql.query(
    'select $1::int + 1 as int, $2::text as text, $3::bool as bool, $4::jsonb as json, $5::int[] as list, $6::text as nothing',
    [41, "it's", false, { a: 1 }, [1, 2], null],
  );
  expect(answer.rows).toEqual([
    { int: 42, text: "it's", bool: false, json: { a: 1 }, list: [1, 2], nothing: null },
  ]);
});

test('A command that answers no rows says how many it changed', async () => {
  const sql = connect();
  const inserted = await sql`insert into accounts values (1, 'a', 10), (2, 'b', 20)`;
  expect(inserted).toMatchObject({ command: 'INSERT', rowCount: 2, rows: [], fields: [] });
  const defined = await sql`create view nothing as select`;
  expect(defined).toMatchObject({ command: 'CREATE', rowCount: null });
});

test('A failure carries the fields of Postgres', async () => {
  const sql = connect();
  const failure = await failureOf(sql`insert into accounts values (9, 'a', -1)`);
  expect(failure).toBeInstanceOf(NeonDbError);
  expect(failure).toMatchObject({
    code: '23514',
    severity: 'ERROR',
    schema: 'public',
    table: 'accounts',
    constraint: 'accounts_balance_check',
    detail: 'Failing row contains (9, a, -1).',
  });
  expect(await failureOf(sql`insert into accounts values (9, null, 1)`)).toMatchObject({
    code: '23502',
    column: 'owner',
  });
  expect(await failureOf(sql`select nope from accounts`)).toMatchObject({ code: '42703', position: '8' });
});

test('Two statements in one query are refused, parameters or not', async () => {
  expect(await failureOf(connect().query('select 1; select 2'))).toMatchObject({ code: '42601' });
});

test('A batch is one transaction: it happens as a whole or not at all', async () => {
  const sql = connect();
  const [first, second] = await sql.transaction([
    sql`select txid_current() as id`,
    sql`select txid_current() as id`,
  ]);
  expect(first?.rows).toEqual(second?.rows);
  await failureOf(
    sql.transaction([
      sql`insert into accounts values (3, 'c', 1)`,
      sql`insert into accounts values (4, 'd', -1)`,
    ]),
  );
  expect((await sql`select from accounts where id in (3, 4)`).rowCount).toBe(0);
});

test('A batch runs at the isolation level it asks for, read-only and deferrable', async () => {
  const sql = connect();
  const options = { isolationLevel: 'Serializable', readOnly: true, deferrable: true } as const;
  const shown = await sql.transaction(
    [sql`show transaction_isolation`, sql`show transaction_read_only`, sql`show transaction_deferrable`],
    options,
  );
  expect(shown.flatMap(({ rows }) => rows.flatMap((row) => Object.values(row)))).toEqual([
    'serializable',
    'on',
    'on',
  ]);
  const refused = failureOf(sql.transaction([sql`delete from accounts`], { readOnly: true }));
  expect(await refused).toMatchObject({ code: '25006' });
});

test('Nothing set for a session reaches the next request', async () => {
  const sql = connect('sessions');
  await sql`select set_config('app.tenant_id', 'mine', false)`;
  const seen = new Set<unknown>();
  for (let time = 0; time < 20; time++) {
    const { rows } = await sql`select current_setting('app.tenant_id', true) as tenant`;
    seen.add(rows[0]?.tenant);
  }
  // Empty instead of null, because the connection that had the setting was reused.
  expect(seen).toContain('');
  expect(seen).not.toContain('mine');
});

test('A wrong password is an error of Postgres, not of the network', async () => {
  const url = new URL(connectionString('intruder'));
  url.password = 'wrong';
  expect(await failureOf(neon(url.href)`select 1`)).toMatchObject({ code: '28P01' });
});

test('A pool over WebSocket speaks to the same database', async () => {
  const pool = new Pool({ connectionString: connectionString('pool') });
  const client = await pool.connect();
  await client.query('begin');
  await client.query("insert into accounts values (5, 'e', 5)");
  await client.query('rollback');
  expect((await client.query('select from accounts where id = 5')).rowCount).toBe(0);
  client.release();
  await pool.end();
});

test('Round trips are counted by application name, a batch as one', async () => {
  await control('POST', '/_stats/reset');
  const sql = connect('counted');
  await sql`select 1`;
  await sql.transaction([sql`select 2`, sql`select 3`]);
  await connect('other')`select 4`;
  const stats = await control('GET', '/_stats');
  expect(stats.round_trips).toEqual({ counted: 2, other: 1 });
  expect(stats.statements).toEqual([
    { application_name: 'counted', query: 'select 1' },
    { application_name: 'counted', query: 'select 2' },
    { application_name: 'counted', query: 'select 3' },
    { application_name: 'other', query: 'select 4' },
  ]);
});

test('A refused query has done nothing', async () => {
  const sql = connect();
  await control('PUT', '/_faults', { mode: 'refuse' });
  expect((await failureOf(sql`insert into accounts values (6, 'f', 6)`)).code).toBeUndefined();
  await control('PUT', '/_faults', { mode: 'none' });
  expect((await sql`select from accounts where id = 6`).rowCount).toBe(0);
});

test('A query that hangs never answers, and has done nothing', async () => {
  const sql = connect();
  await control('PUT', '/_faults', { mode: 'hang' });
  const signal = AbortSignal.timeout(300);
  const failure = await failureOf(
    sql.query("insert into accounts values (7, 'g', 7)", [], { fetchOptions: { signal } }),
  );
  expect(String(failure)).toContain('timeout');
  await control('PUT', '/_faults', { mode: 'none' });
  expect((await sql`select from accounts where id = 7`).rowCount).toBe(0);
});

test('A connection reset after the commit has done everything', async () => {
  const sql = connect();
  await control('PUT', '/_faults', { mode: 'reset_after_commit' });
  await failureOf(sql`insert into accounts values (8, 'h', 8)`);
  await control('PUT', '/_faults', { mode: 'none' });
  expect((await sql`select from accounts where id = 8`).rowCount).toBe(1);
});
