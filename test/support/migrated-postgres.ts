import pg from 'pg';
import { migrate } from '../../dev/migrate.ts';
import { startNeonGateway } from '../../dev/neon-gateway.ts';
import { startTestPostgres, type TestPostgres } from './postgres.ts';

export const WORKER_PASSWORD = 'a-password-for-one-test-run';

/** Starts a Postgres with all migrations applied. The Worker's role has {@link WORKER_PASSWORD}. */
export async function startMigratedPostgres(): Promise<TestPostgres> {
  const postgres = await startTestPostgres();
  const gateway = await startNeonGateway(postgres.port);
  await migrate(postgres.ownerUrl, `127.0.0.1:${gateway.port}`);
  await gateway.stop();
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  await owner.connect();
  await owner.query(`alter role app_worker password '${WORKER_PASSWORD}'`);
  await owner.end();
  return postgres;
}

async function asSuperuser(ownerUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const url = new URL(ownerUrl);
  url.username = 'postgres';
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

export type DatabaseCopy = { ownerUrl: string; drop(): Promise<void> };

/** Copies the database of `ownerUrl`, which must have no connections. Much faster than a new Postgres with migrations. */
export async function copyDatabase(ownerUrl: string): Promise<DatabaseCopy> {
  const original = new URL(ownerUrl).pathname.slice(1);
  const name = `copy_${crypto.randomUUID().replaceAll('-', '')}`;
  await asSuperuser(ownerUrl, async (client) => {
    await client.query(`create database ${name} template ${original} owner ${new URL(ownerUrl).username}`);
    // Postgres copies everything except the grants on the database itself.
    await client.query(
      'update pg_database set datacl = (select datacl from pg_database where datname = $1) where datname = $2',
      [original, name],
    );
  });
  const url = new URL(ownerUrl);
  url.pathname = `/${name}`;
  const drop = () =>
    asSuperuser(ownerUrl, async (client) => void (await client.query(`drop database ${name} with (force)`)));
  return { ownerUrl: url.href, drop };
}
