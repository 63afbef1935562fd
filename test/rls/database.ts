import pg from 'pg';
import { migrate } from '../../dev/migrate.ts';
import { type NeonGateway, startNeonGateway } from '../../dev/neon-gateway.ts';
import { connect, type Database } from '../../worker/db/client.ts';
import { startTestPostgres } from '../support/postgres.ts';

const WORKER_PASSWORD = 'a-password-for-one-test-run';

export type TestDatabase = {
  ownerUrl: string;
  workerUrl: string;
  gateway: NeonGateway;
  /** Acts as the owner at work: what FORCE hides from the owner is open to `operator`. */
  owner: pg.Client;
  /** Acts as the Worker does. */
  worker: pg.Client;
  stop(): Promise<void>;
};

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** A Postgres with our migrations, behind the gateway, and a connection for each of the two roles. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const postgres = await startTestPostgres();
  const gateway = await startNeonGateway(postgres.port);
  await migrate(postgres.ownerUrl, `127.0.0.1:${gateway.port}`);
  const owner = await connected(postgres.ownerUrl);
  await owner.query(`alter role app_worker password '${WORKER_PASSWORD}'`);
  await owner.query(`select set_config('app.role', 'operator', false)`);
  const workerUrl = new URL(postgres.ownerUrl);
  workerUrl.username = 'app_worker';
  workerUrl.password = WORKER_PASSWORD;
  const worker = await connected(workerUrl.href);
  return {
    ownerUrl: postgres.ownerUrl,
    workerUrl: workerUrl.href,
    gateway,
    owner,
    worker,
    async stop() {
      await worker.end();
      await owner.end();
      await gateway.stop();
      await postgres.stop();
    },
  };
}

/** Runs `work` in a transaction that is rolled back: no test sees what another one did. */
export async function rolledBack<Value>(client: pg.Client, work: () => Promise<Value>): Promise<Value> {
  await client.query('begin');
  try {
    return await work();
  } finally {
    await client.query('rollback');
  }
}

/** The SQLSTATE with which Postgres refuses `work`, or null when it does not. The transaction goes on either way. */
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

/** Inserts one row given as column -> value. */
export function insertRow(client: pg.Client, table: string, row: Record<string, unknown>) {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  return client.query(
    `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`,
    Object.values(row),
  );
}

/** The query layer as the Worker has it, through the gateway. */
export const connectAsWorker = ({ workerUrl, gateway }: TestDatabase): Database =>
  connect({
    databaseUrl: workerUrl,
    fetchEndpoint: `${gateway.origin}/sql`,
    applicationName: 'vanilla-request',
  });

/** How often `work` asked the database: what a user waits for. */
export async function roundTripsOf({ gateway }: TestDatabase, work: () => Promise<unknown>): Promise<number> {
  await fetch(`${gateway.origin}/_stats/reset`, { method: 'POST' });
  await work();
  const stats = (await (await fetch(`${gateway.origin}/_stats`)).json()) as {
    round_trips: Record<string, number>;
  };
  return stats.round_trips['vanilla-request'] ?? 0;
}
