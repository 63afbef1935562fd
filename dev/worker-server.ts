import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { experimental_readRawConfig as readWranglerConfig } from 'wrangler';
import { freePort } from './ports.ts';
import { endProcesses, listProcesses } from './processes.ts';
import { STACK_MARK } from './stack-state.ts';
import { StackFailure } from './supervisor.ts';
import type { Variables } from './worker-variables.ts';

const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 8_000;

export type WorkerServer = {
  pid: number;
  /** Resolves when the server ends for any reason. */
  exited: Promise<void>;
  stop(): Promise<void>;
};

type WorkerServerOptions = {
  root: string;
  dataFolder: string;
  port: number;
  variables: Variables;
  onLine: (line: string) => void;
};

/**
 * Writes a copy of wrangler.toml for this machine: without `[secrets]`, which would exclude the stack's own variables, with absolute
 * paths, and with a stand-in for the binding that sends mail. Each data folder has its own copy, so that two stacks share nothing.
 */
async function writeConfig(root: string, folder: string): Promise<string> {
  const { rawConfig } = readWranglerConfig({ config: path.join(root, 'wrangler.toml') });
  const { secrets: _required, send_email: _real, main: _product, assets, ...rest } = rawConfig;
  if (assets?.directory === undefined) throw new Error('wrangler.toml names no assets');
  const config = {
    ...rest,
    main: path.resolve(root, 'dev/local-worker.ts'),
    services: [{ binding: 'EMAIL', service: rest.name, entrypoint: 'SimulatedMail' }],
    assets: { ...assets, directory: path.resolve(root, assets.directory) },
  };
  const file = path.join(folder, 'wrangler.json');
  await writeFile(file, JSON.stringify(config, null, 2));
  return file;
}

/** Returns one line of a dotenv file. Wrangler expands `$`, even in quotes, unless it is escaped. */
function envLine(name: string, value: string): string {
  const quote = [`'`, `"`, '`'].find((mark) => !value.includes(mark));
  if (quote === undefined) throw new Error(`The variable ${name} holds every kind of quotation mark`);
  return `${name}=${quote}${value.replaceAll('$', '\\$')}${quote}\n`;
}

async function writeVariables(folder: string, variables: Variables): Promise<string> {
  const file = path.join(folder, 'worker.env');
  const lines = Object.entries(variables).map(([name, value]) => envLine(name, value));
  await writeFile(file, lines.join(''), { mode: 0o600 });
  return file;
}

function environment(dataFolder: string, folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    [STACK_MARK]: dataFolder,
    // No prompts, no telemetry, and no files outside the data folder.
    CI: 'true',
    NO_COLOR: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_LOG_PATH: path.join(folder, 'logs'),
    WRANGLER_REGISTRY_PATH: path.join(folder, 'registry'),
    WRANGLER_CACHE_DIR: path.join(folder, 'cache'),
  };
}

/** Starts `wrangler dev`. It is ready when {@link waitUntilHealthy} resolves. */
export async function startWorkerServer(options: WorkerServerOptions): Promise<WorkerServer> {
  const { root, dataFolder, port, variables, onLine } = options;
  const folder = path.join(dataFolder, 'worker');
  await mkdir(folder, { recursive: true });
  const config = await writeConfig(root, folder);
  const envFile = await writeVariables(folder, variables);
  const flags = {
    config,
    'env-file': envFile,
    port: String(port),
    ip: '127.0.0.1',
    'inspector-port': String(await freePort()),
    'persist-to': path.join(folder, 'state'),
    'show-interactive-dev-session': 'false',
  };
  const wrangler = path.join(root, 'node_modules/wrangler/bin/wrangler.js');
  const args = [wrangler, 'dev', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])];
  // A process group of its own: Ctrl-C in a terminal reaches only this process, which stops the server in order.
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: environment(dataFolder, folder),
  });
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', onLine);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return { pid: child.pid ?? 0, exited, stop: () => stopWorkerServer(child, exited, dataFolder) };
}

/** Stops wrangler, then kills any process it left behind. */
async function stopWorkerServer(
  child: ChildProcess,
  exited: Promise<void>,
  dataFolder: string,
): Promise<void> {
  child.kill('SIGTERM');
  await Promise.race([exited, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  const mark = ` ${STACK_MARK}=${dataFolder} `;
  const left = (await listProcesses()).filter((one) => one.command.includes(mark)).map((one) => one.pid);
  await endProcesses(left, 'SIGKILL', STOP_TIMEOUT_MS);
}

/** Polls `GET /api/health` until it succeeds. Throws with the last answer after a timeout. */
export async function waitUntilHealthy(port: number, signal: AbortSignal): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  let last = 'no answer';
  while (Date.now() < deadlineMs) {
    signal.throwIfAborted();
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/health`, {
        signal: AbortSignal.timeout(10_000),
      });
      if (response.ok) return;
      last = `${response.status} ${await response.text()}`;
    } catch (error) {
      last = String(error);
    }
    await sleep(200, undefined, { signal });
  }
  throw new StackFailure(`The Worker did not get ready in time: ${last.slice(0, 2_000)}`);
}
