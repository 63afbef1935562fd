import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../dev/ports.ts';
import { modelName } from '../models.ts';
import { chatRequest } from '../targets.ts';
import type { Peer } from './peer.ts';
import { startPeer } from './peer-process.ts';

const run = promisify(execFile);

const VERSION = '1.15.2';

/** Portkey's gateway: one Node process that forwards a request, without users, limits or metering. */
export const portkey: Peer = {
  name: 'Portkey',
  version: VERSION,
  async install(folder) {
    const program = path.join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
    if (existsSync(program)) return program;
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'package.json'), '{ "private": true }');
    await run('npm', ['install', '--no-audit', '--no-fund', `@portkey-ai/gateway@${VERSION}`], {
      cwd: folder,
    });
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
      ...{ name: 'Portkey', side: 'peer', port, pids, stop },
      requests: (model, stream) => [chatRequest(modelName(model), stream, headers)],
      begin: async () => undefined,
      settle: async () => undefined,
    };
  },
};
