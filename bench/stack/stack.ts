import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../dev/migrate.ts';
import { freePort } from '../../dev/ports.ts';
import { deletePostgres, startPostgres } from '../../dev/postgres.ts';
import { seed } from '../../dev/seed.ts';
import { ensureSecrets, type Variables } from '../../dev/worker-variables.ts';
import { buildBundle } from './bundle.ts';
import { type Child, startServer } from './child.ts';
import { Cleanup } from './cleanup.ts';
import { Driver } from './driver.ts';
import { JournalWatch } from './journal-watch.ts';
import { type BenchUser, seedBench } from './seed.ts';
import { type RunningWorker, startWorker } from './worker.ts';

/** The product under test, and all that it needs: Postgres, Neon's protocol in front of it, a provider, the Worker. */

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Everything the benchmarks make is in here. Git ignores it. */
export const benchFolder = path.join(root, '.data/bench');

/** Users of the product's Worker, and those of the driver's. A wallet lives in the storage of one Worker only. */
const PRODUCT_USERS = 64;
const DRIVER_USERS = 192;

type Server = Child & { port: number };

export type BenchStack = {
  ownerUrl: string;
  /** The connection string of the server's superuser. */
  superuserUrl: string;
  /** The connection string of the Worker's role, which row security binds. */
  workerUrl: string;
  gateway: Server;
  upstream: Server;
  users: BenchUser[];
  driverUsers: BenchUser[];
  journal: JournalWatch;
  worker: RunningWorker;
  /** Starts the product with the driver around it, with storage of its own. It stops with the stack. */
  startDriver(): Promise<Driver>;
  stop(): Promise<void>;
};

/** The superuser of a local Postgres has the password of its owner. */
function superuserUrlOf(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  url.username = 'postgres';
  return url.href;
}

async function startDatabase(cleanup: Cleanup, pepper: string, workerPassword: string) {
  const folder = path.join(benchFolder, 'postgres');
  await deletePostgres(folder);
  const postgres = await startPostgres(folder);
  cleanup.add(async () => {
    await postgres.stop();
    await deletePostgres(folder);
  });
  const gateway = await startServer(new URL('./neon-gateway-server.ts', import.meta.url), [
    String(postgres.port),
  ]);
  cleanup.add(() => gateway.stop());
  const { ownerUrl } = postgres;
  const address = `127.0.0.1:${gateway.port}`;
  await migrate(ownerUrl, address);
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query(`alter role app_worker password ${pg.escapeLiteral(workerPassword)}`);
  await owner.end();
  await seed({ ownerUrl, gateway: address, pepper });
  const users = await seedBench(ownerUrl, address, PRODUCT_USERS + DRIVER_USERS);
  const journal = await JournalWatch.connect(ownerUrl);
  cleanup.add(() => journal.stop());
  return {
    ...{ ownerUrl, superuserUrl: superuserUrlOf(ownerUrl), gateway, journal },
    workerUrl: `postgresql://app_worker:${workerPassword}@127.0.0.1:${postgres.port}/vanilla`,
    users: users.slice(0, PRODUCT_USERS),
    driverUsers: users.slice(PRODUCT_USERS),
  };
}

/** Builds the Worker whose program is `entry`, relative to the checkout, and starts it with storage of its own. */
async function startBundle(
  {
    checkout,
    name,
    entry,
    variables,
  }: { checkout: string; name: string; entry: string; variables: Variables },
  more: { inspectorPort?: number } = {},
): Promise<RunningWorker> {
  const bundle = await buildBundle(checkout, path.join(benchFolder, name), path.join(checkout, entry));
  const storage = path.join(benchFolder, `${name}-storage`);
  await rm(storage, { recursive: true, force: true });
  return startWorker({ bundle, storage, variables, ...more });
}

/**
 * Starts everything with empty data. With `inspected`, the Worker can be profiled. `checkout` is where its sources are.
 */
export async function startStack({ inspected = false, checkout = root } = {}): Promise<BenchStack> {
  const cleanup = new Cleanup();
  try {
    await mkdir(benchFolder, { recursive: true });
    const secrets = await ensureSecrets(benchFolder);
    const database = await startDatabase(cleanup, secrets.password_pepper, secrets.app_worker_password);
    const upstream = await startServer(new URL('./upstream.ts', import.meta.url));
    cleanup.add(() => upstream.stop());
    const variables: Variables = {
      DATABASE_URL: database.workerUrl,
      NEON_FETCH_ENDPOINT: `http://127.0.0.1:${database.gateway.port}/sql`,
      JWT_SECRET: secrets.jwt_secret,
      PASSWORD_PEPPER: secrets.password_pepper,
      KEY_RING: secrets.key_ring,
      OPENAI_API_KEY: 'bench',
      OPENAI_BASE_URL: `http://127.0.0.1:${upstream.port}/v1`,
      ALLOW_LOCAL_BASE_URLS: 'true',
    };
    const inspector = inspected ? { inspectorPort: await freePort() } : {};
    const worker = await startBundle(
      { checkout, name: 'worker', entry: 'bench/stack/worker-entry.ts', variables },
      inspector,
    );
    cleanup.add(() => worker.stop());
    return {
      ...{ ...database, upstream, worker },
      async startDriver() {
        const driver = await startBundle({
          ...{ checkout, name: 'driver', variables },
          entry: 'bench/driver/worker.ts',
        });
        cleanup.add(() => driver.stop());
        return new Driver(driver);
      },
      stop: () => cleanup.run(),
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
