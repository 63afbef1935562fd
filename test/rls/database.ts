import pg from 'pg';
import { expect, inject } from 'vitest';
import { connect, type Database } from '../../worker/db/client.ts';
import { copyDatabase } from '../support/migrated-postgres.ts';
import { openTestDatabase, type TestDatabase } from '../support/test-database.ts';
import type {} from './global-setup.ts';

/** Creates a migrated database for one test file. Roles and the view of locks are shared by the whole Postgres. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const copy = await copyDatabase(inject('migratedUrl'));
  const database = await openTestDatabase(copy.ownerUrl);
  return {
    ...database,
    async stop() {
      await database.stop();
      await copy.drop();
    },
  };
}

/** Runs `work` in a transaction that is rolled back, so that tests do not see each other's rows. */
export async function rolledBack<Value>(client: pg.Client, work: () => Promise<Value>): Promise<Value> {
  await client.query('begin');
  try {
    return await work();
  } finally {
    await client.query('rollback');
  }
}

/** Returns the SQLSTATE with which Postgres refuses `work`, or null. The transaction continues either way. */
export async function refusalOf(client: pg.Client, work: () => Promise<unknown>): Promise<string | null> {
  await client.query('savepoint attempt');
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return error.code ?? 'unknown';
  } finally {
    await client.query('rollback to savepoint attempt');
  }
}

/** Connects the query layer through the gateway, as the Worker does. */
export const connectAsWorker = ({ workerUrl, gateway }: TestDatabase): Database =>
  connect({
    databaseUrl: workerUrl,
    fetchEndpoint: `${gateway.origin}/sql`,
    applicationName: 'vanilla-request',
  });

/** Returns the number of round trips that `work` makes to the database. */
export async function roundTripsOf({ gateway }: TestDatabase, work: () => Promise<unknown>): Promise<number> {
  await fetch(`${gateway.origin}/_stats/reset`, { method: 'POST' });
  await work();
  const stats = (await (await fetch(`${gateway.origin}/_stats`)).json()) as {
    round_trips: Record<string, number>;
  };
  return stats.round_trips['vanilla-request'] ?? 0;
}

/** Resolves when a transaction of this database waits for a lock. */
export const someoneWaits = (client: pg.Client): Promise<void> =>
  expect
    .poll(async () => {
      const { rows } = await client.query(
        'select pid from pg_locks join pg_stat_activity using (pid) where datname = current_database() and not granted',
      );
      return rows.length;
    })
    .toBeGreaterThan(0);
