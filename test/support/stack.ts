import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../dev/ports.ts';
import { endProcesses, signalProcess, waitUntilGone } from '../../dev/processes.ts';
import { deleteData, endOrphans, readStackState, type StackState } from '../../dev/stack-state.ts';
import { ensureSecrets } from '../../dev/worker-variables.ts';
import { findAbandonedFolders, makeThrowawayFolder } from './throwaway.ts';

const startScript = fileURLToPath(new URL('../../dev/start.ts', import.meta.url));
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 30_000;

export type TestStack = {
  port: number;
  dataFolder: string;
  gatewayOrigin: string;
  simulatorOrigin: string;
  /** Connection string of the owner, directly to Postgres without the gateway. */
  ownerUrl: string;
  pids: { supervisor: number; worker: number; postgres: number };
  /** The secret that signs session tokens. */
  jwtSecret: string;
  /** Returns the origin of a hostname: `http://acme.localhost:PORT`. */
  origin(host: string): string;
  /** Returns everything that the stack has printed. */
  logs(): string;
  /** Kills every process of the stack at once, like a power cut. `startTestStack` with this folder continues with its data. */
  kill9(): Promise<void>;
  /** Kills workerd and its queues at once; the rest of the stack notices and stops. Continue as after `kill9`. */
  killWorker(): Promise<void>;
  /** Stops the stack like Ctrl-C and deletes the data. Returns the exit code. Does nothing if the stack has ended. */
  stop(): Promise<number | null>;
};

async function deleteFolder(dataFolder: string): Promise<void> {
  await endOrphans(dataFolder);
  await deleteData(dataFolder);
  await rm(dataFolder, { recursive: true, force: true });
}

async function sweepAbandoned(): Promise<void> {
  for (const folder of await findAbandonedFolders('stack')) {
    const state = await readStackState(folder);
    if (state !== null) await endProcesses([state.supervisor.pid], 'SIGTERM', STOP_TIMEOUT_MS);
    await deleteFolder(folder);
  }
}

type Launched = { child: ChildProcess; logs: () => string };

function launch(port: number, dataFolder: string, flags: string[]): Launched {
  const child = spawn(
    process.execPath,
    [startScript, '--port', String(port), '--data', dataFolder, '--verbose', ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  }
  return { child, logs: () => text };
}

async function waitUntilReady({ child, logs }: Launched, dataFolder: string): Promise<StackState> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const state = await readStackState(dataFolder);
    if (state?.ready && state.supervisor.pid === child.pid) return state;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`The stack did not start:\n${logs()}`);
    if (Date.now() > deadlineMs) {
      child.kill('SIGTERM');
      throw new Error(`The stack did not get ready in time:\n${logs()}`);
    }
    await sleep(100);
  }
}

const known = <Value>(value: Value | null): Value => {
  if (value === null) throw new Error('A stack that is ready knows all its parts');
  return value;
};

/** Returns the number of HTTP round trips to the database by `applicationName` since the last reset. */
export async function roundTrips(gatewayOrigin: string, applicationName: string): Promise<number> {
  const answer = await fetch(`${gatewayOrigin}/_stats`);
  const stats = (await answer.json()) as { round_trips: Record<string, number> };
  return stats.round_trips[applicationName] ?? 0;
}

export async function resetRoundTrips(gatewayOrigin: string): Promise<void> {
  await fetch(`${gatewayOrigin}/_stats/reset`, { method: 'POST' });
}

/**
 * Starts the whole local stack in processes of its own, like `npm start`, on free ports. With the `dataFolder` of an earlier stack
 * it continues with that data. `empty` leaves out the demo data; `turnstile` turns a simulated one on; `demoData` gives Acme a history. Throws with the stack's output if it does not get ready.
 */
export async function startTestStack(
  earlier: {
    dataFolder?: string;
    port?: number;
    empty?: boolean;
    turnstile?: boolean;
    demoData?: boolean;
  } = {},
): Promise<TestStack> {
  await sweepAbandoned();
  const dataFolder = earlier.dataFolder ?? (await makeThrowawayFolder('stack'));
  const port = earlier.port ?? (await freePort());
  const launched = launch(port, dataFolder, [
    ...(earlier.empty ? ['--empty'] : []),
    ...(earlier.turnstile ? ['--turnstile'] : []),
    ...(earlier.demoData ? ['--demo-data'] : []),
  ]);
  const { child, logs } = launched;
  const state = await waitUntilReady(launched, dataFolder);
  const pids = {
    supervisor: state.supervisor.pid,
    worker: known(state.pids.worker),
    postgres: known(state.pids.postgres),
  };
  const gatewayOrigin = known(state.gateway_origin);
  return {
    port,
    dataFolder,
    gatewayOrigin,
    simulatorOrigin: known(state.simulator_origin),
    ownerUrl: known(state.owner_url),
    pids,
    jwtSecret: (await ensureSecrets(dataFolder)).jwt_secret,
    logs,
    origin: (host) => `http://${host}:${port}`,
    async kill9() {
      // Kills process groups, so that workerd and every backend of Postgres end at the same moment as their parents.
      for (const pid of Object.values(pids)) signalProcess(-pid, 'SIGKILL');
      if (!(await waitUntilGone(Object.values(pids), STOP_TIMEOUT_MS))) throw new Error('The stack survived');
    },
    async killWorker() {
      signalProcess(-pids.worker, 'SIGKILL');
      if (!(await waitUntilGone(Object.values(pids), STOP_TIMEOUT_MS)))
        throw new Error('The stack goes on without its Worker');
    },
    async stop() {
      const exited = child.exitCode !== null || child.signalCode !== null ? null : once(child, 'exit');
      await endProcesses([pids.supervisor], 'SIGTERM', STOP_TIMEOUT_MS);
      await exited;
      await deleteFolder(dataFolder);
      return child.exitCode;
    },
  };
}
