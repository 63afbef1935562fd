import type { ProviderKind } from '../../../contracts/usage.ts';
import type { Script } from '../../../dev/simulators/script.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../../../dev/simulators/scripted-upstream.ts';
import { ACME, add, MODELS, modelOf, named, PROVIDERS, priceOf } from '../catalog.ts';
import { type Client, eventually, registerSomebody, setBalance, signIn } from '../demo.ts';
import { inherit, userPath } from '../governance.ts';
import { type JsonAnswer, request, type TextAnswer } from '../http.ts';
import { type GatewayCase, plainAnswers } from './case.ts';
import type { Outcome } from './judge.ts';
import { readAnswer } from './observed.ts';

/** The version in the base URL of each kind. */
const VERSION: Record<ProviderKind, string> = { openai: '/v1', deepseek: '/v1', anthropic: '', google: '' };

const PATHS = { chat: '/v1/chat/completions', messages: '/v1/messages' };

/** Fields of a request that does not say them. Null takes one away. */
const DEFAULTS = {
  chat: { max_completion_tokens: 1_000 },
  messages: { max_tokens: 1_000 },
};

export type Served = { public_name: string; script_id: string; provider_id: string; model_id: string };

type Serving = {
  kind?: ProviderKind;
  model?: string;
  base_url?: (origin: string) => string;
  /** Fields of the model beside its names. */
  more?: Record<string, unknown>;
};

/** The gateway with providers that follow a script. */
export type ScriptedGateway = {
  upstream: ScriptedUpstream;
  admin: Client;
  /** Returns a new user with this balance, in wallet tokens. */
  user(balance: number): Promise<Client & { email: string }>;
  /**
   * Adds a model of a provider that follows the script. It costs 1 wallet token per input token, 4 per output token and 0.1 per
   * cached token, and answers at most 32,000 tokens.
   */
  serve(script: Script, serving?: Serving): Promise<Served>;
  /** Sends a chat completion. The request names the model, says "Hello" and is limited to 1,000 tokens, unless `fields` say otherwise. */
  chat(
    token: string,
    model: string,
    fields?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<TextAnswer>;
  /** Waits for the end of an execution and returns its receipt. */
  receiptOf(by: Client, id: unknown): Promise<JsonAnswer['body']>;
  /** Runs a case for a user. */
  run(by: Client, gatewayCase: GatewayCase): Promise<Outcome>;
  stop(): Promise<void>;
};

/** Opens a gateway in a tenant: Acme, unless its hostname and an admin are named. */
export async function openGateway({
  port,
  host = ACME,
  admin_email = 'admin@acme.test',
}: {
  port: number;
  host?: string;
  admin_email?: string;
}): Promise<ScriptedGateway> {
  const upstream = await startScriptedUpstream();
  const admin = await signIn(port, host, admin_email);

  const serve: ScriptedGateway['serve'] = async (
    script,
    { kind = 'openai', model = 'm', base_url, more = {} } = {},
  ) => {
    const { id, base_url: origin } = upstream.add(script);
    const provider = await add(admin, PROVIDERS, {
      ...{ name: named('provider'), kind, api_key: `sk-${id}` },
      base_url: base_url?.(origin) ?? `${origin}${VERSION[kind]}`,
    });
    const fields = { context_window_tokens: 200_000, max_output_tokens: 32_000, provider_model: model };
    const added = await add(admin, MODELS, modelOf(provider.id, { ...fields, ...more }));
    await add(admin, `${MODELS}/${added.id}/prices`, priceOf(4_000));
    return {
      ...{ public_name: added.public_name, script_id: id },
      ...{ provider_id: provider.id, model_id: added.id },
    };
  };

  const ask = (
    surface: 'chat' | 'messages',
    token: string,
    model: string,
    fields: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) =>
    request(port, host, PATHS[surface], {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        ...{ model, messages: [{ role: 'user', content: 'Hello' }] },
        ...DEFAULTS[surface],
        ...fields,
      }),
    });

  const receiptOf: ScriptedGateway['receiptOf'] = (by, id) =>
    eventually(
      async () => (await by.get(`/api/ai/executions/${id}`)).body,
      ({ ledger, status }) => status !== 'running' && ledger?.length >= 2,
      60_000,
    );
  /** Returns what was charged for an execution. An answer without one costs nothing. */
  const chargeOf = async (by: Client, id: unknown) => {
    if (id === undefined) return { charged: 0, usage_source: null };
    const receipt = await receiptOf(by, id);
    return { charged: receipt.tokens_charged, usage_source: receipt.usage_source };
  };

  return {
    upstream,
    admin,
    serve,
    receiptOf,
    chat: (token, model, fields, headers) => ask('chat', token, model, fields, headers),
    async user(balance) {
      const user = await registerSomebody(port, host);
      await setBalance(admin, user, balance);
      await put(admin, `${userPath(user)}/token-policy`, { ...inherit, in_flight_max: 1_000 });
      return user;
    },
    async run(by, { surface = 'chat', kind = 'openai', model = 'm', request: fields, upstream: answers }) {
      const script = { answers: answers === 'plain' ? plainAnswers[kind] : answers };
      const { public_name, script_id } = await serve(script, { kind, model });
      const answer = await ask(surface, by.token, public_name, fields);
      const charge = await chargeOf(by, answer.headers['x-execution-id']);
      const bodies = upstream.requests(script_id).map((asked) => asked.body);
      return { ...readAnswer(answer, surface), ...charge, bodies };
    },
    stop: () => upstream.stop(),
  };
}

/** Puts `body` and expects that it is taken. */
async function put(by: Client, path: string, body: unknown): Promise<void> {
  const answer = await by.put(path, body);
  if (answer.status !== 200) throw new Error(`${path} was not taken: ${JSON.stringify(answer.body)}`);
}
