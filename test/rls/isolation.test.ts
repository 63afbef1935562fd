import type pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { insertRow } from '../support/test-database.ts';
import { refusalOf, rolledBack, startTestDatabase } from './database.ts';
import {
  type Context,
  contexts,
  type Fixture,
  fixtures,
  type Operation,
  operations,
  reachIn,
} from './fixtures.ts';
import { type Holder, holders, makeWorld, openActingSession, type Place } from './world.ts';

const database = await startTestDatabase();
const { owner, worker } = database;
const { places, admin_id } = await makeWorld(owner);
afterAll(() => database.stop());

const acting_session_id = await openActingSession(owner, places.own);

type Relation = { name: string; key: string[] };

/** Every relation with rows that does not belong to Postgres itself. */
async function relationsOfOurs(): Promise<Relation[]> {
  const { rows } = await owner.query<Relation>(`
    select format('%I.%I', n.nspname, c.relname) as name,
      coalesce((select array_agg(a.attname::text order by a.attnum) from pg_index i
        join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
        where i.indrelid = c.oid and i.indisprimary), '{}') as key
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f')
      and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'drizzle')
    order by 1`);
  return rows;
}

const relations = await relationsOfOurs();

type Rows = Partial<Record<Holder, Record<string, unknown>>>;

const holdersOf = (fixture: Fixture) => fixture.holders ?? holders;

/** Makes one row of each holder in a table. Returns the keys, as column -> value. */
async function makeRows({ name, key }: Relation, fixture: Fixture): Promise<Rows> {
  const rows: Rows = {};
  for (const holder of holdersOf(fixture)) {
    const place = places[holder];
    const row = fixture.existing?.(place) ?? fixture.newRow(place, 'service');
    if (fixture.existing === undefined && !(await hasRow(owner, name, key, row)))
      await insertRow(owner, name, row);
    rows[holder] = Object.fromEntries(key.map((column) => [column, row[column]]));
  }
  return rows;
}

const whereKey = (key: string[]) => key.map((column, index) => `${column} = $${index + 1}`).join(' and ');

async function hasRow(client: pg.Client, table: string, key: string[], row: Record<string, unknown>) {
  const values = key.map((column) => row[column]);
  return (
    (await client.query(`select ${key.join(', ')} from ${table} where ${whereKey(key)}`, values)).rowCount ===
    1
  );
}

async function enter(context: Context): Promise<void> {
  const as = (place: Pick<Place, 'tenant_id' | 'user_id'>) =>
    worker.query('select app.enter($1, $2, 0)', [place.tenant_id, place.user_id]);
  if (context === 'impostor') await worker.query(`select set_config('app.role', 'operator', true)`);
  if (context === 'user') await as(places.own);
  if (context === 'admin') await as({ tenant_id: places.own.tenant_id, user_id: admin_id });
  if (context === 'superadmin') await as(places.platform);
  if (context === 'acting')
    await worker.query('select app.enter_acting($1, $2, 0, $3)', [
      places.own.tenant_id,
      places.platform.user_id,
      acting_session_id,
    ]);
  if (context === 'service') await worker.query('select app.enter_service($1)', [places.own.tenant_id]);
}

const onePerUser = [
  'public.user_token_wallets',
  'public.user_token_policies',
  'public.wallet_reconciliations',
];

/** Tables with one row for each place. */
const onePerPlace = [
  'public.tenant_wallets',
  'public.tenant_wallet_reconciliations',
  'public.webhook_deliveries',
  'public.alert_dismissals',
  'public.alert_settings',
  'public.alert_rules',
];

/**
 * True when an insert was refused because its place has the row already. Postgres asks the policies first, so they have let the row
 * through.
 */
const isTaken = (name: string, refusal: string | null): boolean =>
  onePerPlace.includes(name) && refusal === '23505';

/** A table with one row per user or level gets a row of one that has none. */
const unused = (name: string, place: Place): Place => {
  if (name === 'public.level_token_policies') return { ...place, level_id: place.spare_level_id };
  return onePerUser.includes(name) ? { ...place, user_id: place.spare_user_id } : place;
};

/** Returns the number of rows an operation reaches; refusals throw. */
async function reach(
  operation: Exclude<Operation, 'truncate'>,
  { name, key }: Relation,
  fixture: Fixture,
  { place, row, context }: { place: Place; row: Record<string, unknown>; context: Context },
): Promise<number> {
  const values = Object.values(row);
  const where = whereKey(key);
  const result =
    operation === 'insert'
      ? await insertRow(worker, name, fixture.newRow(unused(name, place), context))
      : await worker.query(
          {
            select: `select ${key.join(', ')} from ${name} where ${where}`,
            update: `update ${name} set ${fixture.updates} = ${fixture.updates} where ${where}`,
            delete: `delete from ${name} where ${where}`,
          }[operation],
          values,
        );
  return result.rowCount ?? 0;
}

/** Returns the holders whose rows an operation reaches in a context. A refusal must come from a privilege or a policy. */
async function holdersReached(
  operation: Exclude<Operation, 'truncate'>,
  relation: Relation,
  fixture: Fixture,
  rows: Rows,
  context: Context,
): Promise<Holder[]> {
  const reached: Holder[] = [];
  for (const holder of holdersOf(fixture)) {
    let count = 0;
    const refusal = await refusalOf(worker, async () => {
      const target = { place: places[holder], row: rows[holder] ?? {}, context };
      count = await reach(operation, relation, fixture, target);
    });
    if ((refusal === null && count > 0) || isTaken(relation.name, refusal)) reached.push(holder);
    else expect(refusal ?? '42501').toBe('42501');
  }
  return reached;
}

const rowsOf = new Map<string, Rows>();
for (const relation of relations) {
  const fixture = fixtures[relation.name];
  if (fixture !== undefined) rowsOf.set(relation.name, await makeRows(relation, fixture));
}

it('every table has a fixture, and every fixture a table', () => {
  expect(relations.map(({ name }) => name)).toEqual(Object.keys(fixtures).sort());
});

describe.each(relations)('as app_worker, $name', (relation) => {
  const fixture = fixtures[relation.name];
  const rows = rowsOf.get(relation.name);
  if (fixture === undefined || rows === undefined) {
    it('says in a fixture who may do what', () => expect.fail(`${relation.name} has no fixture`));
    return;
  }

  describe.each(operations)('%s', (operation) => {
    it.each(contexts)('as %s', async (context) => {
      await rolledBack(worker, async () => {
        await enter(context);
        if (operation === 'truncate') {
          expect(await refusalOf(worker, () => worker.query(`truncate ${relation.name}`))).toBe('42501');
          return;
        }
        const allowed = reachIn(fixture.rights[operation], context);
        expect(await holdersReached(operation, relation, fixture, rows, context)).toEqual(allowed);
      });
    });
  });
});

it('the journal of migrations is out of reach', async () => {
  await rolledBack(worker, async () => {
    await enter('superadmin');
    expect(await refusalOf(worker, () => worker.query('select from drizzle.__drizzle_migrations'))).toBe(
      '42501',
    );
  });
});
