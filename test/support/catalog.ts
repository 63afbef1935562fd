import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SettingsInput } from '../../contracts/catalog/provider-settings.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import { simulatedApis } from '../../dev/simulators/apis.ts';
import { type Client, signIn } from './demo.ts';
import { setFault } from './simulators.ts';

/** Helpers for end-to-end tests of the catalog: a tenant's own providers and models, and servers that act as providers. */

export const ACME = 'acme.localhost';
export const GLOBEX = 'globex.localhost';
export const PROVIDERS = '/api/admin/providers';
export const MODELS = '/api/admin/models';

export const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });

let made = 0;
/** Returns a unique name. */
export const named = (what: string) => `${what} ${++made} of ${crypto.randomUUID().slice(0, 8)}`;

const rates = (output: number) => ({ input: 1_000, cache_read: 100, cache_write: 1_000, output });
export const priceOf = (output: number) => ({
  micro_usd_per_million: rates(output),
  wallet_tokens_per_1000: rates(output),
});

/** Posts `body` and expects that it is created. Returns the answer's body. */
export async function add(by: Client, path: string, body: unknown) {
  const answer = await by.post(path, body);
  if (answer.status !== 201) throw new Error(`${path} was not taken: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export const modelOf = (provider_id: string, more: Record<string, unknown> = {}) => ({
  ...{ provider_id, public_name: named('model'), provider_model: 'gpt-own' },
  ...{ context_window_tokens: 8_000, max_output_tokens: 1_000 },
  ...more,
});

/** Settings of a provider that is left after half a minute of silence, so that tests of silent ones end. */
const impatient: SettingsInput = { first_byte_timeout_ms: 30_000 };

/** The fault of a provider: a mode of the simulators (docs/simulators.md) and its options. */
export type Failing = {
  kind?: ProviderKind;
  mode: string;
  remaining?: number;
  delay_ms?: number;
  retry_after_s?: number;
  /** Settings of the provider. Default: half a minute to begin. */
  settings?: SettingsInput;
  /** Context window of its model. Default: 8,000. */
  context_window_tokens?: number;
};

/** Returns an admin of Acme, and functions that add simulated providers and models for Acme's users. */
export async function governAcme(stack: { port: number; simulatorOrigin: string }) {
  const admin = await signIn(stack.port, ACME, 'admin@acme.test');
  const baseUrl = `${stack.simulatorOrigin}/openai/v1`;
  const good = () => ({
    ...{ name: named('provider'), kind: 'openai', base_url: baseUrl, api_key: 'sk-acme-own-1' },
  });
  return {
    admin,
    baseUrl,
    /** Returns the fields of a provider that answers. */
    good,
    async addModel(more: Record<string, unknown> = {}) {
      const provider = await add(admin, PROVIDERS, { ...good(), ...more });
      const model = await add(admin, MODELS, modelOf(provider.id));
      await add(admin, `${MODELS}/${model.id}/prices`, priceOf(4_000));
      return { provider, model };
    },
    /**
     * Adds a model for one test and returns its name. It has one provider for each argument, tried in this order. Each provider has
     * its own key, so its fault and its circuit breaker affect no other test.
     */
    async addFailing(...providers: Failing[]): Promise<string> {
      const public_name = named('model');
      for (const [priority, provided] of providers.entries()) {
        const {
          kind = 'openai',
          mode,
          context_window_tokens = 8_000,
          settings = impatient,
          ...more
        } = provided;
        const key = `sk-${crypto.randomUUID()}`;
        const base_url = `${stack.simulatorOrigin}${simulatedApis[kind].base_path}`;
        const provider = await add(admin, PROVIDERS, { ...good(), kind, base_url, api_key: key, settings });
        await setFault(stack.simulatorOrigin, kind, mode, { ...more, key });
        const model = await add(
          admin,
          MODELS,
          modelOf(provider.id, { public_name, priority, context_window_tokens, max_output_tokens: 4_000 }),
        );
        await add(admin, `${MODELS}/${model.id}/prices`, priceOf(4_000));
      }
      return public_name;
    },
  };
}

export const run = (by: Client, model: string) =>
  by.post('/api/ai/executions', { model, prompt: 'Hello', max_output_tokens: 50 });

/** Runs `work` with the address of a server that gives every request the same answer, like a provider. */
export async function withServer(
  answer: { status: number; headers?: Record<string, string>; body: string },
  work: (origin: string, seen: string[]) => Promise<void>,
): Promise<void> {
  const seen: string[] = [];
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
