import { desc } from 'drizzle-orm';
import { QueryBuilder } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callerMayReadUser } from '../../worker/db/authorization.ts';
import { executionConditions } from '../../worker/db/executions/execution-filter.ts';
import { selectEntriesOfExecution, selectExecutionPage } from '../../worker/db/executions/executions.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { users } from '../../worker/db/schema/users.ts';
import { usersOf } from '../../worker/db/users/users.ts';
import { connectAsWorker, rolledBack, startTestDatabase } from './database.ts';
import { messagesOf, runOf } from './journal-entries.ts';
import { makeWorld } from './world.ts';

const database = await startTestDatabase();
const { owner, worker } = database;
const { places, admin_id } = await makeWorld(owner);
const { own, colleague, foreign, platform } = places;
afterAll(() => database.stop());

const run = runOf(foreign, 1_000, 50_000);

/** Each of three days has so many executions, all of a colleague, the tenth part of them on the model `rare`. */
const A_DAYS = 500;

/** A tenant in which a colleague has almost every row and the user very few, which makes a full scan slow. */
beforeAll(async () => {
  await owner.query(
    `insert into ai_executions (tenant_id, id, user_id)
     select $1, gen_random_uuid(), case when n % 5000 = 0 then $2::uuid else $3::uuid end from generate_series(1, 20000) n`,
    [own.tenant_id, own.user_id, colleague.user_id],
  );
  await owner.query(
    `insert into ai_executions (tenant_id, id, user_id, model)
     select $1, (lpad(to_hex((extract(epoch from timestamptz '2026-11-10T12:00:00Z') * 1000)::bigint + day * 86400000 + n), 12, '0')
       || '70008000000000000000')::uuid, $2, case when n % 10 = 0 then 'rare' else 'auto' end
     from generate_series(0, 2) day, generate_series(1, $3::integer) n`,
    [own.tenant_id, colleague.user_id, A_DAYS],
  );
  await owner.query(
    `insert into users (tenant_id, id, email, password_hash, level_id)
     select $1, gen_random_uuid(), n || '@example.test', '-', case when n % 100 = 0 then $2::uuid else $3::uuid end
     from generate_series(1, 20000) n`,
    [own.tenant_id, own.level_id, colleague.level_id],
  );
  await owner.query(
    `insert into api_keys (tenant_id, id, user_id, name, prefix, key_hash)
     select $1, gen_random_uuid(), case when n % 5000 = 0 then $2::uuid else $3::uuid end, n, 'vsk_', sha256(n::text::bytea)
     from generate_series(1, 20000) n`,
    [own.tenant_id, own.user_id, colleague.user_id],
  );
  await projectJournal(connectAsWorker(database), messagesOf(run, 100));
  await owner.query('analyze ai_executions, users, api_keys, user_token_ledger');
});

type Plan = { 'Node Type': string; 'Parent Relationship'?: string; Plans?: Plan[] } & Record<string, unknown>;

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Returns the plan of a query run as a user of the tenant, with its measurements. */
const explain = (query: string, userId: string, tenantId = own.tenant_id, values: unknown[] = []) =>
  rolledBack(worker, async () => {
    await worker.query('select app.enter($1, $2, 0)', [tenantId, userId]);
    const { rows } = await worker.query(`explain (analyze, buffers, format json) ${query}`, values);
    return nodesOf(rows[0]['QUERY PLAN'][0].Plan);
  });

it('the context is read once per statement, as an initplan, however many rows are filtered by it', async () => {
  const nodes = await explain('select count(*) from ai_executions', admin_id);
  const contextual = nodes.filter((node) => node['Parent Relationship'] === 'InitPlan');
  expect(contextual.length).toBeGreaterThan(0);
  expect(contextual.every((node) => Number(node['Actual Loops']) <= 1)).toBe(true);
  const scan = nodes.find((node) => 'Relation Name' in node);
  expect(String(scan?.Filter ?? '')).not.toMatch(/current_setting|app\./);
});

it('row security is not expected to hide most of what the query finds, so that pages are read from the right end', async () => {
  const nodes = await explain(
    `select * from ai_executions where tenant_id = '${foreign.tenant_id}'`,
    foreign.user_id,
    foreign.tenant_id,
  );
  const scan = nodes.find((node) => 'Relation Name' in node);
  expect(scan?.['Actual Rows']).toBe(1_000);
  expect(Number(scan?.['Plan Rows'])).toBeGreaterThan(1_000 / 3);
});

const seesAll = `(select app.role()) in ('admin', 'superadmin')`;

it.each([
  ['a user’s own', `and not ${seesAll} and user_id = '${own.user_id}'`, own.user_id, 4],
  ['one user’s', `and user_id = '${own.user_id}'`, admin_id, 4],
  ['a whole tenant’s', `and ${seesAll}`, admin_id, 26],
])(
  'a page of %s executions is read from an index in order, and no further than the page',
  async (_, whose, userId, rows) => {
    const nodes = await explain(
      `select * from ai_executions where tenant_id = '${own.tenant_id}' ${whose} order by id desc limit 26`,
      userId,
    );
    const scan = nodes.find((node) => 'Relation Name' in node);
    expect(scan?.['Node Type']).toMatch(/Index/);
    expect(scan?.['Actual Rows']).toBe(rows);
    expect(Number(scan?.['Rows Removed by Filter'] ?? 0)).toBe(0);
  },
);

it.each([
  ['a day’s executions reads no further than the page', { from: '2026-11-11', to: '2026-11-11' }, 26, 26],
  [
    'a model’s executions of a day reads that day at most',
    { from: '2026-11-11', to: '2026-11-11', model: 'rare' },
    26,
    A_DAYS,
  ],
  [
    'executions that nobody has reads their day at most',
    { from: '2026-11-11', to: '2026-11-11', model: '?' },
    0,
    A_DAYS,
  ],
])('a page of %s', async (_, filter, found, readMost) => {
  const reader = { tenantId: own.tenant_id, userId: admin_id, iat: 0, exp: 0 };
  const [condition] = executionConditions(reader, filter);
  if (condition === undefined) throw new Error('An admin’s list has a condition');
  const page = { after: null, limit: 26 };
  const query = selectExecutionPage(connectAsWorker(database), condition, page).toSQL();
  const nodes = await explain(query.sql, admin_id, own.tenant_id, query.params);
  const scan = nodes.find((node) => node['Relation Name'] === 'ai_executions');
  expect(scan?.['Node Type']).toMatch(/Index|Bitmap/);
  expect(nodes[0]?.['Actual Rows']).toBe(found);
  expect(Number(scan?.['Actual Rows']) + Number(scan?.['Rows Removed by Filter'] ?? 0)).toBeLessThanOrEqual(
    readMost,
  );
});

it.each([
  ['a user’s own', `and not ${seesAll} and user_id = '${own.user_id}'`, own.user_id, 4],
  ['a whole tenant’s', `and ${seesAll}`, admin_id, 26],
])(
  'a page of %s keys is read from an index in order, and no further than the page',
  async (_, whose, userId, rows) => {
    const nodes = await explain(
      `select id from api_keys where tenant_id = '${own.tenant_id}' ${whose} order by id desc limit 26`,
      userId,
    );
    const scan = nodes.find((node) => 'Relation Name' in node);
    expect([scan?.['Node Type'], scan?.['Actual Rows']]).toEqual([expect.stringMatching(/Index/), rows]);
    expect(Number(scan?.['Rows Removed by Filter'] ?? 0)).toBe(0);
  },
);

it.each([
  ['an admin', own.tenant_id, admin_id],
  ['a superadmin', platform.tenant_id, platform.user_id],
])('one user is found by the whole of their key when %s asks', async (_, tenantId, userId) => {
  const administered = callerMayReadUser(colleague.user_id);
  const query = new QueryBuilder().select({ id: users.id }).from(users).where(administered).toSQL();
  const nodes = await explain(query.sql, userId, tenantId, query.params);
  const scans = nodes.filter((node) => node['Relation Name'] === 'users');
  expect(scans.map((node) => node['Node Type']).filter((type) => !/Index/.test(type))).toEqual([]);
  expect(scans.map((node) => node['Index Cond'])).toContainEqual(
    expect.stringMatching(/tenant_id = .*id = /),
  );
});

it('a page of a level’s users is read from an index in order, and no further than the page', async () => {
  const nodes = await explain(
    `select id from users where tenant_id = '${own.tenant_id}' and level_id = '${own.level_id}' order by id limit 101`,
    admin_id,
  );
  const scan = nodes.find((node) => node['Relation Name'] === 'users');
  expect(scan?.['Node Type']).toMatch(/Index/);
  expect(scan?.['Actual Rows']).toBe(101);
  expect(Number(scan?.['Rows Removed by Filter'] ?? 0)).toBe(0);
});

/** Returns the nodes that read users for a page of the list. */
async function readsOfUsers(
  filters: Parameters<typeof usersOf>[1],
  { tenant_id, user_id }: { tenant_id: string; user_id: string },
) {
  const query = new QueryBuilder()
    .select({ id: users.id })
    .from(users)
    .where(usersOf(tenant_id, filters))
    .orderBy(desc(users.id))
    .limit(26)
    .toSQL();
  const nodes = await explain(query.sql, user_id, tenant_id, query.params);
  return nodes.filter((node) => node['Relation Name'] === 'users');
}

const ownAdmin = { tenant_id: own.tenant_id, user_id: admin_id };

it('the list of a level’s users is read from an index in order, and no further than the page', async () => {
  const [scan] = await readsOfUsers({ level_id: own.level_id }, ownAdmin);
  expect([scan?.['Index Name'], scan?.['Actual Rows']]).toEqual(['users_by_level', 26]);
  expect(Number(scan?.['Rows Removed by Filter'] ?? 0)).toBe(0);
});

it.each([{ q: 'nowhere' }, { role: 'superadmin' as const }, { status: 'disabled' as const }])(
  'users found by %j are looked for among those of the tenant alone',
  async (filters) => {
    const scans = await readsOfUsers(filters, foreign);
    expect(scans.map((scan) => scan['Index Cond'])).toEqual([expect.stringContaining('tenant_id')]);
    expect(Number(scans[0]?.['Rows Removed by Filter'] ?? 0)).toBeLessThan(20);
  },
);

it('the entries of one execution are found by it, however long its user’s ledger is', async () => {
  const id = run.execution_ids[500] ?? '';
  const query = selectEntriesOfExecution(
    connectAsWorker(database),
    { tenantId: foreign.tenant_id },
    id,
  ).toSQL();
  const nodes = await explain(query.sql, foreign.user_id, foreign.tenant_id, query.params);
  const scan = nodes.find((node) => node['Relation Name'] === 'user_token_ledger');
  expect([scan?.['Index Name'], scan?.['Actual Rows']]).toEqual(['user_token_ledger_by_execution', 2]);
  expect(Number(scan?.['Rows Removed by Filter'] ?? 0)).toBe(0);
});
