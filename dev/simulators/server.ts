import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { simulatedApis } from './apis.ts';
import { control } from './control.ts';
import { count } from './count.ts';
import { SimulatedDomains } from './domains/simulated-domains.ts';
import { FaultSwitchboard } from './faults.ts';
import { generate, keyRefusal, refuse } from './generate.ts';
import { readForm, readJson, sendJson } from './http.ts';
import { SimulatedIssuer } from './issuer/simulated-issuer.ts';
import { listenLocally } from './local-server.ts';
import { Mailbox } from './mail/mailbox.ts';
import { fingerprint, RequestLog } from './request-log.ts';
import type { GenerateOperation, SimulatedApi, WholeOperation } from './simulated-api.ts';
import { SimulatedTurnstile } from './turnstile/simulated-turnstile.ts';
import { WebhookReceiver } from './webhooks/receiver.ts';
import { answerWhole } from './whole.ts';

/**
 * The APIs of all kinds of providers, Cloudflare's custom hostnames, mail and Turnstile, a DNS resolver, an issuer of OpenID Connect and a
 * receiver of webhooks on one local server, at the level of the wire, so
 * that official SDKs run unchanged. Run by itself: `node dev/simulators/server.ts --port 9100`.
 */

const apis = Object.values(simulatedApis);

type Workings = {
  faults: FaultSwitchboard;
  log: RequestLog;
  domains: SimulatedDomains;
  mailbox: Mailbox;
  issuer: SimulatedIssuer;
  turnstile: SimulatedTurnstile;
  webhooks: WebhookReceiver;
};

async function handleGenerate(
  incoming: IncomingMessage,
  response: ServerResponse,
  api: SimulatedApi,
  operation: GenerateOperation,
  url: URL,
  { faults, log }: Workings,
): Promise<void> {
  response.once('close', log.begin());
  const key = api.keyOf(incoming.headers, url.searchParams);
  const body = await readJson(incoming);
  const parsed = api.parse(operation, body, incoming.headers);
  const fault = faults.take('generate', api.provider, key);
  log.add({
    at_ms: Date.now(),
    provider: api.provider,
    path: url.pathname,
    model: parsed.ok ? parsed.request.model : null,
    stream: parsed.ok && parsed.request.stream,
    max_output_tokens: parsed.ok ? parsed.request.max_output_tokens : null,
    fault: fault.mode,
    key_fingerprint: fingerprint(key),
  });
  await generate(incoming, response, api, { key, parsed, fault });
}

async function handleWhole(
  incoming: IncomingMessage,
  response: ServerResponse,
  api: SimulatedApi,
  operation: WholeOperation,
  url: URL,
  { faults, log }: Workings,
): Promise<void> {
  response.once('close', log.begin());
  const key = api.keyOf(incoming.headers, url.searchParams);
  const isForm = incoming.headers['content-type']?.startsWith('multipart/form-data') ?? false;
  const body = isForm ? await readForm(incoming) : await readJson(incoming);
  const parsed = api.parseWhole?.(operation, body) ?? { ok: false, message: 'Not served' };
  const fault = faults.take('generate', api.provider, key);
  log.add({
    ...{ at_ms: Date.now(), provider: api.provider, path: url.pathname },
    model: parsed.ok ? parsed.model : null,
    ...{ stream: false, max_output_tokens: null, fault: fault.mode, key_fingerprint: fingerprint(key) },
  });
  await answerWhole(incoming, response, api, { key, parsed, fault });
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  workings: Workings,
): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://simulators');
  if (await control(incoming, response, url.pathname, workings)) return;
  if (await workings.domains.handle(incoming, response, url)) return;
  if (await workings.mailbox.handle(incoming, response, url)) return;
  if (await workings.issuer.handle(incoming, response, url)) return;
  if (await workings.turnstile.handle(incoming, response, url)) return;
  if (await workings.webhooks.handle(incoming, response, url)) return;
  const api = apis.find(({ prefix }) => url.pathname.startsWith(`${prefix}/`));
  const operation = api?.operationOf(incoming.method ?? 'GET', url.pathname.slice(api.prefix.length)) ?? null;
  if (api === undefined || operation === null)
    return sendJson(response, 404, { error: 'Nothing is simulated here' });
  if (operation.kind === 'generate') return handleGenerate(incoming, response, api, operation, url, workings);
  if (operation.kind === 'whole') return handleWhole(incoming, response, api, operation, url, workings);
  const key = api.keyOf(incoming.headers, url.searchParams);
  if (operation.kind === 'count') {
    const fault = workings.faults.take('count', api.provider, key);
    workings.log.addCount(api.provider);
    return count(incoming, response, api, operation, { key, fault });
  }
  const refusal = keyRefusal(key);
  if (refusal !== null) refuse(response, api, refusal);
  else sendJson(response, 200, api.listModels());
}

/**
 * Starts the simulators on 127.0.0.1, on a free port unless one is given. The base URL of a kind is the origin with its base path,
 * such as `${origin}/openai/v1`. `stop` also ends the requests that hang.
 */
export async function startSimulators({ port = 0 }: { port?: number } = {}): Promise<{
  origin: string;
  port: number;
  stop(): Promise<void>;
}> {
  const workings = {
    faults: new FaultSwitchboard(),
    log: new RequestLog(),
    domains: new SimulatedDomains(),
    mailbox: new Mailbox(),
    issuer: new SimulatedIssuer(),
    turnstile: new SimulatedTurnstile(),
    webhooks: new WebhookReceiver(),
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response, workings).catch((error: unknown) => {
      // A client that disconnects during its request is not an error.
      if (response.destroyed) return;
      console.error('A simulator failed:', error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'The simulator failed; see its output' });
    });
  });
  return listenLocally(server, port);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
  const simulators = await startSimulators({ port: Number(values.port) });
  console.log(`Simulated providers at ${simulators.origin}`);
  process.once('SIGINT', () => simulators.stop());
  process.once('SIGTERM', () => simulators.stop());
}
