import { randomUUID } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { readyMessage } from './announce.ts';
import { makeHistory } from './demo-history/make-history.ts';
import { migrate } from './migrate.ts';
import { startNeonGateway } from './neon-gateway.ts';
import { HELP, parseOptions, type StackOptions, UsageError } from './options.ts';
import { isPortFree } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { seed } from './seed.ts';
import { seedSignIn } from './seed-sign-in.ts';
import { startSimulators } from './simulators/server.ts';
import {
  AlreadyRunning,
  deleteData,
  endOrphans,
  type HeldFolder,
  holdDataFolder,
  postgresFolderOf,
} from './stack-state.ts';
import { Interrupted, StackFailure, Supervisor } from './supervisor.ts';
import { buildWeb } from './web-build.ts';
import { WorkerLog } from './worker-log.ts';
import { startWorkerServer, waitUntilHealthy } from './worker-server.ts';
import {
  ensureSecrets,
  readDevVars,
  simulatedTurnstile,
  type Variables,
  workerVariables,
} from './worker-variables.ts';

/** `npm start`: runs the local stack until it is told to stop. */

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (line: string) => console.log(line);

/** Ctrl-C reaches us from the terminal and once more from npm: within this time the two are one. */
const SAME_SIGNAL_MS = 1_000;

/** Starts Postgres and the gateway in front of it, and brings the database to where the Worker expects it. */
async function startDatabase(
  supervisor: Supervisor,
  { dataFolder, empty }: StackOptions,
  pepper: string,
  workerPassword: string,
) {
  const log = path.join(dataFolder, 'postgres.log');
  await writeFile(log, '');
  const postgres = await supervisor.start(`Postgres (see ${log})`, () =>
    startPostgres(
      postgresFolderOf(dataFolder),
      (line) => void appendFile(log, `${line}\n`).catch(() => undefined),
    ),
  );
  const gateway = await supervisor.start('The Neon gateway', () => startNeonGateway(postgres.port));
  const { ownerUrl } = postgres;
  const address = `127.0.0.1:${gateway.port}`;
  await migrate(ownerUrl, address);
  await setWorkerPassword(ownerUrl, workerPassword);
  if (!empty) await seed({ ownerUrl, gateway: address, pepper });
  return { postgres, gateway };
}

/** The migrations make the Worker's role without a password. */
async function setWorkerPassword(ownerUrl: string, password: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query(`alter role app_worker password ${pg.escapeLiteral(password)}`);
  await owner.end();
}

async function startStack(supervisor: Supervisor, held: HeldFolder, options: StackOptions) {
  const { port, dataFolder } = options;
  const secrets = await ensureSecrets(dataFolder);
  const user = await readDevVars(root);
  say('Starting Postgres ...');
  const { postgres, gateway } = await startDatabase(
    supervisor,
    options,
    secrets.password_pepper,
    secrets.app_worker_password,
  );
  const simulators = await supervisor.start('The provider simulators', () => startSimulators());
  if (!options.empty)
    await seedSignIn({
      ...{ ownerUrl: postgres.ownerUrl, gateway: `127.0.0.1:${gateway.port}` },
      ...{ keyRing: secrets.key_ring, simulatorOrigin: simulators.origin },
    });
  if (await buildWeb(root, supervisor.signal)) say('Built the web app.');
  say('Starting the Worker ...');
  const addresses = {
    postgresPort: postgres.port,
    gatewayOrigin: gateway.origin,
    simulatorOrigin: simulators.origin,
  };
  const historyToken = randomUUID();
  const variables: Variables = {
    ...workerVariables(user, secrets, addresses),
    ...(options.demoData ? { HISTORY_TOKEN: historyToken } : {}),
    ...(options.verbose || user.LOG_LEVEL ? {} : { LOG_LEVEL: 'warn' }),
    ...(options.turnstile ? simulatedTurnstile(simulators.origin) : {}),
  };
  const log = new WorkerLog(say);
  const worker = await supervisor.start('The Worker', () =>
    startWorkerServer({ root, dataFolder, port, variables, onLine: log.add }),
  );
  const running = {
    gateway_origin: gateway.origin,
    simulator_origin: simulators.origin,
    owner_url: postgres.ownerUrl,
    pids: { postgres: postgres.pid, worker: worker.pid },
  };
  await held.record(running);
  await waitUntilHealthy(port, supervisor.signal).catch((error) => {
    log.show();
    throw error;
  });
  log.ready();
  if (options.demoData) {
    say('Making three months of demo history ...');
    const { ownerUrl } = postgres;
    await makeHistory({ port, ownerUrl, simulatorOrigin: simulators.origin, token: historyToken });
  }
  await held.record({ ready: true });
  const simulated = (variables.SIMULATED_PROVIDERS ?? '').split(',').filter((kind) => kind !== '');
  const origins = { port, gatewayOrigin: gateway.origin, simulatorOrigin: simulators.origin };
  say(readyMessage(origins, simulated, options.empty ? postgres.ownerUrl : null));
}

/** The first signal stops everything in order, a second one at once. */
function obeySignals(supervisor: Supervisor): void {
  let firstAtMs: number | null = null;
  const onSignal = () => {
    if (firstAtMs === null) {
      firstAtMs = Date.now();
      say('\nStopping ... (again to force)');
      supervisor.interrupt();
    } else if (Date.now() - firstAtMs > SAME_SIGNAL_MS) {
      supervisor.kill();
      process.exit(1);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // A terminal that went away is no reason to crash in the middle of stopping.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

async function prepare(options: StackOptions): Promise<void> {
  const orphans = await endOrphans(options.dataFolder);
  if (orphans.length > 0) say(`Ended what an earlier run left behind: ${orphans.length} processes.`);
  if (options.reset) {
    await deleteData(options.dataFolder);
    say(`Deleted the data in ${options.dataFolder}.`);
  }
  if (!(await isPortFree(options.port))) {
    throw new UsageError(
      `Port ${options.port} is in use by another program. Choose one: npm start -- --port ${options.port + 1}`,
    );
  }
}

function report(failure: unknown): void {
  if (failure instanceof UsageError) console.error(failure.message);
  else if (failure instanceof StackFailure) console.error(`The local stack failed. ${failure.message}`);
  else console.error('The local stack failed.', failure);
}

/** Runs the stack; answers the exit code. */
async function supervise(options: StackOptions): Promise<number> {
  const supervisor = new Supervisor();
  obeySignals(supervisor);
  const held = await holdDataFolder(options.dataFolder, options.port);
  let failure: unknown = null;
  try {
    await prepare(options);
    await startStack(supervisor, held, options);
    await supervisor.untilAborted();
  } catch (error) {
    failure = supervisor.signal.aborted ? supervisor.signal.reason : error;
  }
  if (!(failure instanceof Interrupted)) report(failure);
  for (const problem of await supervisor.stop()) console.error(problem);
  await held.release();
  if (failure instanceof Interrupted) say('Stopped.');
  return failure instanceof Interrupted ? 0 : 1;
}

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2), process.env.PORT, root);
    if (options !== null) return await supervise(options);
    say(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof AlreadyRunning)) throw error;
    console.error(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exit(await main());
