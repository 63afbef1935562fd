import pg from 'pg';
import { type NeonGateway, startNeonGateway } from '../../dev/neon-gateway.ts';
import { WORKER_PASSWORD } from './migrated-postgres.ts';

/** Connections to a migrated database, for tests and for the setup of a run, which cannot import Vitest. */

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

/** Inserts one row, given as column -> value. */
export function insertRow(client: pg.Client, table: string, row: Record<string, unknown>) {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  return client.query(
    `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`,
    Object.values(row),
  );
}
