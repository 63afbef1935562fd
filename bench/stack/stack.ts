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
import { JournalWatch } from './journal-watch.ts';
import { type BenchUser, seedBench } from './seed.ts';
import { type RunningWorker, startWorker } from './worker.ts';

/** What is measured, and all that it needs: Postgres, Neon's protocol in front of it, a provider, the Worker. */

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Everything the benchmarks make is in here. Git ignores it. */
export const benchFolder = path.join(root, '.data/bench');

const USERS = 64;

type Server = Child & { port: number };

export type BenchDatabase = {
  ownerUrl: string;
  /** The connection string of the Worker's role, which is bound by row security. */
  workerUrl: string;
  gateway: Server;
  users: BenchUser[];
  journal: JournalWatch;
};

export type BenchStack = BenchDatabase & {
  upstream: Server;
  worker: RunningWorker;
  postgresPid: number;
  stop(): Promise<void>;
};

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
  const users = await seedBench(ownerUrl, address, USERS);
  const journal = await JournalWatch.connect(ownerUrl);
  cleanup.add(() => journal.stop());
  const workerUrl = `postgresql://app_worker:${workerPassword}@127.0.0.1:${postgres.port}/vanilla`;
  return { ownerUrl, workerUrl, gateway, users, journal, postgresPid: postgres.pid };
}

/** Starts everything with empty data. With `inspected`, the Worker can be profiled. `checkout` is where its sources are. */
export async function startStack({ inspected = false, checkout = root } = {}): Promise<BenchStack> {
  const cleanup = new Cleanup();
  try {
    await mkdir(benchFolder, { recursive: true });
    const secrets = await ensureSecrets(benchFolder);
    const bundle = await buildBundle(checkout, path.join(benchFolder, 'worker'));
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
    const storage = path.join(benchFolder, 'storage');
    await rm(storage, { recursive: true, force: true });
    const worker = await startWorker({
      ...{ bundle, storage, variables },
      ...(inspected ? { inspectorPort: await freePort() } : {}),
    });
    cleanup.add(() => worker.stop());
    return { ...database, upstream, worker, stop: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
