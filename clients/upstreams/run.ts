import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { startTestStack } from '../../test/support/stack.ts';
import { HOSTNAME, makeAccount } from '../account.ts';
import { openDoor } from '../door.ts';
import type { FeatureResult } from '../run-client.ts';
import { runFeatures } from './features.ts';
import { type Server, startServer, type UpstreamModel } from './servers.ts';

const run = promisify(execFile);
const SERVER_KEY = 'sk-of-the-server';

/** The features of one model of a server. */
export type UpstreamRow = { server: Server; model: UpstreamModel; results: FeatureResult[] };

/** Installs a server into a folder of its own, unless it is there already. Returns the folder of its commands. */
async function install(folder: string, { packages }: Server): Promise<string> {
  const mark = path.join(folder, 'installed.json');
  const wanted = JSON.stringify(packages);
  if (!existsSync(mark) || (await readFile(mark, 'utf8')) !== wanted) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run('python3', ['-m', 'venv', path.join(folder, 'venv')]);
    await run(path.join(folder, 'venv/bin/pip'), ['install', '--quiet', ...packages]);
    await writeFile(mark, wanted);
  }
  return path.join(folder, 'venv/bin');
}

/** The row of a model that could not be asked. */
const failedRow =
  (server: Server, error: unknown) =>
  (model: UpstreamModel): UpstreamRow => ({
    ...{ server, model },
    results: [{ feature: 'start', ok: false, detail: String(error).slice(0, 4_000) }],
  });

/** Starts a stack, and runs the features of every model of these servers behind it. `onRow` gets each row as it is known. */
export async function runUpstreams(
  folder: string,
  chosen: readonly Server[],
  onRow: (row: UpstreamRow) => void,
): Promise<UpstreamRow[]> {
  const stack = await startTestStack();
  const door = await openDoor(stack.port, HOSTNAME);
  const rows: UpstreamRow[] = [];
  const add = (row: UpstreamRow) => {
    rows.push(row);
    onRow(row);
  };
  const runServer = async (server: Server, account: Awaited<ReturnType<typeof makeAccount>>) => {
    const own = path.join(folder, server.name.replace(/\W/g, '-'));
    const bin = await install(own, server);
    const where = { folder: own, bin, key: SERVER_KEY, simulators: stack.simulatorOrigin };
    const running = await startServer(server, where);
    try {
      for (const model of server.models) {
        const upstream = { model, origin: running.origin, secret: SERVER_KEY };
        const results = await runFeatures({ origin: door.origin, ...account }, upstream);
        add({ server, model, results });
      }
    } finally {
      await running.stop();
    }
  };
  try {
    const account = await makeAccount(stack);
    for (const server of chosen)
      await runServer(server, account).catch((error) =>
        server.models.map(failedRow(server, error)).forEach(add),
      );
    return rows;
  } finally {
    await door.stop();
    await stack.stop();
  }
}
