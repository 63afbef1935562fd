import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { listProcesses } from '../../dev/processes.ts';
import { modelName } from '../models.ts';
import { loadMiniflare } from '../stack/miniflare.ts';
import { chatRequest, type Target } from '../targets.ts';

const NAME = 'floor';
/** Marks its workerd in the list of processes. */
const MARK = 'VANILLA_BENCH_FLOOR';

/**
 * Starts the platform's floor (`worker.mjs`): what two calls of an object that stores a row and one call of the upstream cost in this
 * runtime, without a product around them.
 */
export async function startFloor(
  storage: string,
  upstreamPort: number,
): Promise<Target & { stop(): Promise<void> }> {
  await rm(storage, { recursive: true, force: true });
  const { Miniflare, convertV4MiniflareOptions } = loadMiniflare();
  const mark = randomUUID();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      resourcePersistencePath: storage,
      unsafeRuntimeEnv: { [MARK]: mark },
      workers: [
        {
          name: NAME,
          modules: [{ type: 'ESModule', path: path.join(import.meta.dirname, 'worker.mjs') }],
          modulesRoot: import.meta.dirname,
          compatibilityDate: '2026-08-15',
          durableObjects: { FLOOR_WALLET: { className: 'FloorWallet', useSQLite: true } },
          bindings: { UPSTREAM: `http://127.0.0.1:${upstreamPort}` },
          unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
        },
      ],
    }),
  );
  const { port } = await miniflare.unsafeGetDirectURL(NAME);
  const process = (await listProcesses()).find(({ command }) => command.includes(`${MARK}=${mark}`));
  return {
    name: 'the platform alone',
    side: 'peer',
    port: Number(port),
    pids: [process?.pid ?? 0],
    requests: (model, stream) => [chatRequest(modelName(model), stream, { host: 'localhost' })],
    begin: async () => undefined,
    settle: async () => undefined,
    stop: () => miniflare.dispose(),
  };
}
