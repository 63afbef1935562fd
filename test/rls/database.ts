import pg from 'pg';
import { expect, inject } from 'vitest';
import { type NeonGateway, startNeonGateway } from '../../dev/neon-gateway.ts';
import { connect, type Database } from '../../worker/db/client.ts';
import { copyDatabase, WORKER_PASSWORD } from '../support/migrated-postgres.ts';
import type {} from './global-setup.ts';

export type TestDatabase = {
  ownerUrl: string;
  workerUrl: string;
  gateway: NeonGateway;
  /** Connected as the owner in the role `operator`, which FORCE lets read every row. */
  owner: pg.Client;
  /** Connected as the Worker's role. */
  worker: pg.Client;
  stop(): Promise<void>;
};

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** Returns the URL of the same database for the Worker's role. */
export function workerUrlOf(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  url.username = 'app_worker';
  url.password = WORKER_PASSWORD;
  return url.href;
}

/** Opens a gateway to a migrated database and a connection for each of the two roles. `stop` keeps the database. */
export async function openTestDatabase(ownerUrl: string): Promise<TestDatabase> {
  const gateway = await startNeonGateway(Number(new URL(ownerUrl).port));
  const owner = await connected(ownerUrl);
  await owner.query(`select set_config('app.role', 'operator', false)`);
  const workerUrl = workerUrlOf(ownerUrl);
  const worker = await connected(workerUrl);
  return {
    ownerUrl,
    workerUrl,
    gateway,
    owner,
    worker,
    async stop() {
      await worker.end();
      await owner.end();
      await gateway.stop();
    },
  };
}

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

/** Inserts one row, given as column -> value. */
export function insertRow(client: pg.Client, table: string, row: Record<string, unknown>) {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  return client.query(
    `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`,
    Object.values(row),
  );
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
