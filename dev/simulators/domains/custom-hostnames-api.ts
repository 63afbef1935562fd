import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readJson, sendJson } from '../http.ts';
import {
  type CustomHostname,
  type HostnameChange,
  newCustomHostname,
  present,
  step,
} from './custom-hostname.ts';
import type { DnsZone } from './dns-zone.ts';

/** Cloudflare's API of custom hostnames, at the level of the wire, so that its official SDK runs unchanged. */

/** Faults of the API: 429, 500, a full zone, an answer after `delay_ms`, or none. */
export const apiFault = z.strictObject({
  mode: z.enum(['none', 'rate_limited', 'server_error', 'quota', 'slow', 'hang']),
  delay_ms: z.int().min(0).max(120_000).default(1_000),
  /** For how many requests; left out, until changed. */
  remaining: z.int().min(1).optional(),
});
type ApiFault = z.infer<typeof apiFault>;

const SOUND: ApiFault = { mode: 'none', delay_ms: 0 };

const ssl = z.object({ method: z.enum(['http', 'txt', 'email']), type: z.literal('dv') });
const createBody = z.object({ hostname: z.string(), ssl: ssl.optional() });
const editBody = z.object({ ssl: ssl.optional() });

type Refusal = [status: number, code: number, message: string];

const refusals = {
  malformed: [400, 1400, 'Unable to decode the JSON request body.'],
  invalid: [400, 1407, 'Invalid custom hostname.'],
  reserved: [
    400,
    1411,
    'Custom hostnames ending in example.com, example.net, or example.org are prohibited.',
  ],
  duplicate: [409, 1406, 'Duplicate custom hostname found.'],
  quota: [403, 1405, 'Quota exceeded.'],
  unknown: [404, 1436, 'The custom hostname was not found.'],
  no_token: [400, 9106, 'Missing X-Auth-Key, X-Auth-Email or Authorization headers'],
  bad_token: [403, 9109, 'Invalid access token'],
  rate_limited: [429, 971, 'Please wait and consider throttling your request speed'],
  server_error: [500, 1500, 'Internal Server Error'],
} satisfies Record<string, Refusal>;

type Reply = { status: number; body: object };

const success = (status: number, result: object, more: object = {}): Reply => ({
  status,
  body: { success: true, errors: [], messages: ['This answer is simulated.'], result, ...more },
});

function refusal(why: keyof typeof refusals): Reply {
  const [status, code, message] = refusals[why];
  return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } };
}

/** The wait that 429 asks for, in seconds. */
const RETRY_AFTER_S = '5';

/** The custom hostnames of the simulated zone. */
export class CustomHostnamesApi {
  readonly #dns: DnsZone;
  readonly #target: string;
  #byId = new Map<string, CustomHostname>();
  /** Changes of hostnames that are still to be made, by hostname. */
  #prepared = new Map<string, HostnameChange>();
  #fault = SOUND;

  constructor(dns: DnsZone, target: string) {
    this.#dns = dns;
    this.#target = target;
  }

  setFault(fault: ApiFault): void {
    this.#fault = { ...fault };
  }

  /** Makes a hostname be something, now and when it is made anew. */
  prepare(hostname: string, change: HostnameChange): void {
    this.#prepared.set(hostname, { ...this.#prepared.get(hostname), ...change });
    for (const found of this.#all()) if (found.hostname === hostname) Object.assign(found.forced, change);
  }

  list(): object[] {
    return this.#all().map((found) => present(found, this.#dns));
  }

  reset(): void {
    this.#byId.clear();
    this.#prepared.clear();
    this.#fault = SOUND;
  }

  #takeFault(): ApiFault {
    const { remaining, ...fault } = this.#fault;
    if (remaining !== undefined)
      this.#fault = remaining === 1 ? SOUND : { ...fault, remaining: remaining - 1 };
    return fault;
  }

  #all(): CustomHostname[] {
    return [...this.#byId.values()];
  }

  #create(body: unknown): Reply {
    const parsed = createBody.safeParse(body);
    if (!parsed.success) return refusal('malformed');
    const { hostname, ssl } = parsed.data;
    if (!/^(?:[a-z0-9-]+\.)+[a-z0-9-]+$/.test(hostname)) return refusal('invalid');
    if (/(?:^|\.)example\.(?:com|net|org)$/.test(hostname)) return refusal('reserved');
    if (this.#all().some((one) => one.hostname === hostname)) return refusal('duplicate');
    const made = newCustomHostname(hostname, ssl?.method ?? 'http', this.#prepared.get(hostname) ?? {});
    this.#byId.set(made.id, made);
    return success(201, present(made, this.#dns));
  }

  #find(query: URLSearchParams): Reply {
    const exact = query.get('hostname.exact');
    const found = this.#all().filter(({ hostname }) => exact === null || hostname === exact);
    const result_info = {
      ...{ page: 1, per_page: 20, count: found.length, total_count: found.length, total_pages: 1 },
    };
    return success(
      200,
      found.map((one) => present(one, this.#dns)),
      { result_info },
    );
  }

  #remove(id: string): Reply {
    this.#byId.delete(id);
    return { status: 200, body: { id } };
  }

  #edit(found: CustomHostname, body: unknown): Reply {
    const parsed = editBody.safeParse(body);
    if (!parsed.success) return refusal('malformed');
    const wasMoved = found.forced.status === 'moved';
    Object.assign(found, {
      method: parsed.data.ssl?.method ?? found.method,
      status: wasMoved ? 'pending' : found.status,
      forced: { ...found.forced, certificate_status: null, status: wasMoved ? null : found.forced.status },
    });
    return { ...this.#look(found), status: 202 };
  }

  #look(found: CustomHostname): Reply {
    step(found, this.#dns, this.#target);
    return success(200, present(found, this.#dns));
  }

  #reply(method: string, id: string | undefined, query: URLSearchParams, body: unknown): Reply {
    if (id === undefined) return method === 'GET' ? this.#find(query) : this.#create(body);
    const found = this.#byId.get(id);
    if (found === undefined || found.forced.status === 'deleted') return refusal('unknown');
    if (method === 'DELETE') return this.#remove(id);
    return method === 'PATCH' ? this.#edit(found, body) : this.#look(found);
  }

  /** Answers a request of the API. Returns false for other paths. */
  async handle(incoming: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const path = /^\/cloudflare\/client\/v4\/zones\/[^/]+\/custom_hostnames(?:\/([^/]+))?$/.exec(
      url.pathname,
    );
    if (path === null) return false;
    const method = incoming.method ?? 'GET';
    const body = method === 'POST' || method === 'PATCH' ? await readJson(incoming) : undefined;
    const token = incoming.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const { mode, delay_ms } = this.#takeFault();
    if (mode === 'hang') return true;
    if (mode === 'slow') await sleep(delay_ms);
    const refused = refusedBefore(token, mode, method);
    const reply = refused === null ? this.#reply(method, path[1], url.searchParams, body) : refusal(refused);
    sendJson(
      response,
      reply.status,
      reply.body,
      reply.status === 429 ? { 'retry-after': RETRY_AFTER_S } : {},
    );
    return true;
  }
}

/** Returns the reason to refuse a request whatever it asks for, or null. */
function refusedBefore(token: string, mode: ApiFault['mode'], method: string): keyof typeof refusals | null {
  if (token === '') return 'no_token';
  if (token === 'invalid-token') return 'bad_token';
  if (mode === 'rate_limited' || mode === 'server_error') return mode;
  return mode === 'quota' && method === 'POST' ? 'quota' : null;
}
