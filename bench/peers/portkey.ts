import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../dev/ports.ts';
import { modelName } from '../models.ts';
import { chatRequest } from '../targets.ts';
import type { Peer } from './peer.ts';
import { startPeer } from './peer-process.ts';

const run = promisify(execFile);

const VERSION = '1.15.2';

/** With its newest HTTP server (1.14.2 and later) this version of the gateway answers every stream with an error. */
const manifest = {
  private: true,
  dependencies: { '@portkey-ai/gateway': VERSION },
  overrides: { '@hono/node-server': '1.14.1' },
};

/** It waits so long before the first frame of every stream, by a timer in its code. */
const PAUSE_MS = 25;

/** Portkey's gateway: one Node process that forwards a request, without users, limits or metering. */
export const portkey: Peer = {
  name: 'Portkey',
  version: VERSION,
  async install(folder) {
    const program = path.join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
    const file = path.join(folder, 'package.json');
    const wanted = JSON.stringify(manifest);
    if (existsSync(program) && (await readFile(file, 'utf8')) === wanted) return program;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(file, wanted);
    await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder });
    return program;
  },
  async start(program, upstreamPort) {
    const port = await freePort();
    const { pids, stop } = await startPeer(process.execPath, [program, '--headless', `--port=${port}`], {
      port,
      path: '/',
      mark: randomUUID(),
      env: { NODE_ENV: 'production' },
    });
    const headers = {
      host: `127.0.0.1:${port}`,
      authorization: 'Bearer bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    };
    return {
      ...{ name: 'Portkey', side: 'peer', port, pids, stop, pause_ms: PAUSE_MS },
      requests: (model, stream) => [chatRequest(modelName(model), stream, headers)],
      begin: async () => undefined,
      settle: async () => undefined,
    };
  },
};
