import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from 'wrangler';
import { listProcesses } from '../../dev/processes.ts';
import type { Variables } from '../../dev/worker-variables.ts';
import type { Bundle } from './bundle.ts';
import { loadMiniflare } from './miniflare.ts';

export const WORKER_NAME = 'bench';
/** Marks our workerd in the list of processes. */
const MARK = 'VANILLA_BENCH_WORKER';

export type RunningWorker = {
  /** Answers HTTP without a proxy in between. */
  port: number;
  /** The process of workerd. */
  pid: number;
  bundle: Bundle;
  /** Port of the inspector; null when it is off. */
  inspectorPort: number | null;
  /** The first lines with errors that the Worker has logged. */
  errors(): string[];
  stop(): Promise<void>;
};

export type WorkerSetup = {
  bundle: Bundle;
  /** Folder of the Durable Objects' storage. */
  storage: string;
  variables: Variables;
  inspectorPort?: number;
};

const ERRORS_KEPT = 20;

/** Runs a bundle in workerd with the bindings of wrangler.toml and storage on disk. */
export async function startWorker({
  bundle,
  storage,
  variables,
  inspectorPort,
}: WorkerSetup): Promise<RunningWorker> {
  const { workerOptions } = workerOptionsOf(bundle.config);
  const {
    modulesRules: _unsupported,
    assets: _none,
    ...options
  } = workerOptions as Record<string, unknown> & {
    bindings: Record<string, unknown>;
  };
  const { Miniflare, convertV4MiniflareOptions } = loadMiniflare();
  const mark = randomUUID();
  const errors: string[] = [];
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      resourcePersistencePath: storage,
      unsafeRuntimeEnv: { [MARK]: mark },
      ...(inspectorPort === undefined ? {} : { inspectorPort }),
      handleStructuredLogs({ level, message }: { level: string; message: string }) {
        if (level === 'error' && errors.length < ERRORS_KEPT) errors.push(message);
      },
      workers: [
        {
          ...options,
          name: WORKER_NAME,
          rootPath: path.dirname(bundle.script),
          modulesRoot: path.dirname(bundle.script),
          modules: [{ type: 'ESModule', path: bundle.script }],
          bindings: { ...options.bindings, ...variables },
          unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
        },
      ],
    }),
  );
  const address = await miniflare.unsafeGetDirectURL(WORKER_NAME);
  const process = (await listProcesses()).find(({ command }) => command.includes(`${MARK}=${mark}`));
  return {
    port: Number(address.port),
    pid: process?.pid ?? 0,
    bundle,
    inspectorPort: inspectorPort ?? null,
    errors: () => errors,
    stop: () => miniflare.dispose(),
  };
}
