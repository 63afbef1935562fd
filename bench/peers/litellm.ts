import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../dev/ports.ts';
import { benchModels, modelName } from '../models.ts';
import { chatRequest } from '../targets.ts';
import type { Peer } from './peer.ts';
import { startPeer } from './peer-process.ts';

const run = promisify(execFile);

const VERSION = '1.108.0';
const WORKERS = 2;

/** LiteLLM's proxy: Python, two workers, no database, so without users, limits or stored usage. */
export const litellm: Peer = {
  name: 'LiteLLM',
  version: VERSION,
  async install(folder) {
    const program = path.join(folder, 'bin/litellm');
    if (existsSync(program)) return program;
    await mkdir(folder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(path.join(folder, 'bin/pip'), ['install', '--quiet', `litellm[proxy]==${VERSION}`], {
      maxBuffer: 16 * 1024 ** 2,
    });
    return program;
  },
  async start(program, upstreamPort) {
    const port = await freePort();
    const config = path.join(path.dirname(program), 'bench.json');
    const models = benchModels.map((model) => ({
      model_name: modelName(model),
      litellm_params: {
        model: `openai/${modelName(model)}`,
        api_base: `http://127.0.0.1:${upstreamPort}/v1`,
        api_key: 'bench',
      },
    }));
    // JSON is YAML.
    await writeFile(config, JSON.stringify({ model_list: models, litellm_settings: { telemetry: false } }));
    const args = ['--config', config, '--host', '127.0.0.1', '--port', String(port)];
    const { pids, stop } = await startPeer(program, [...args, '--num_workers', String(WORKERS)], {
      port,
      path: '/health/liveliness',
      mark: randomUUID(),
      env: {
        LITELLM_LOG: 'ERROR',
        LITELLM_MODE: 'PRODUCTION',
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        // Without a database there are no keys to check.
        LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'true',
      },
    });
    const headers = { host: `127.0.0.1:${port}`, authorization: 'Bearer bench' };
    return {
      ...{ name: 'LiteLLM', side: 'peer', port, pids, stop },
      requests: (model, stream) => [chatRequest(modelName(model), stream, headers)],
      begin: async () => undefined,
      settle: async () => undefined,
    };
  },
};
