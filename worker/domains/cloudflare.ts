import { APIError } from 'cloudflare/core/error';
import { BaseCustomHostnames } from 'cloudflare/resources/custom-hostnames/custom-hostnames';
import { createClient } from 'cloudflare/tree-shakable';
import { z } from 'zod';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { CustomHostname } from '../../contracts/tenants/domain-findings.ts';
import type { Log } from '../runtime/log.ts';
import type { CustomDomainSettings } from './custom-domain-settings.ts';
import type { CloudflareFailure } from './decide.ts';
import type { ValidationMethod } from './records.ts';

/** Custom hostnames at Cloudflare, by its official SDK. Every call ends within {@link TIMEOUT_MS}. */

const TIMEOUT_MS = 10_000;
/** Words of Cloudflare's that are kept. */
const MESSAGE_MAX = 300;
const MESSAGES_MAX = 5;

/** Codes of errors of the custom hostnames API. */
const DUPLICATE = 1406;
const UNKNOWN_HOSTNAME = 1436;
const quotaCodes = new Set([1404, 1405]);

const messages = z
  .array(z.unknown())
  .nullish()
  .transform((all) =>
    (all ?? [])
      .map((one) =>
        typeof one === 'string' ? one : String((one as { message?: unknown } | null)?.message ?? ''),
      )
      .filter((text) => text !== '')
      .slice(0, MESSAGES_MAX)
      .map((text) => text.slice(0, MESSAGE_MAX)),
  );

/** A custom hostname as the API reports it. Fields appear one after the other, as the hostname makes progress. */
const reported = z.object({
  id: z.string().min(1),
  status: z.string().nullish(),
  verification_errors: messages,
  ownership_verification: z.object({ name: z.string(), value: z.string() }).nullish().catch(null),
  ssl: z
    .object({
      status: z.string().nullish(),
      validation_errors: messages,
      validation_records: z
        .array(z.object({ txt_name: z.string().nullish(), txt_value: z.string().nullish() }))
        .nullish(),
    })
    .nullish(),
});

/** Converts the API's report. Returns null for something else. Pure. */
export function readCustomHostname(body: unknown): CustomHostname | null {
  const parsed = reported.safeParse(body);
  if (!parsed.success) return null;
  const { id, status, verification_errors, ownership_verification, ssl } = parsed.data;
  return {
    id,
    status: status ?? 'pending',
    certificate_status: ssl?.status ?? 'initializing',
    errors: verification_errors,
    certificate_errors: ssl?.validation_errors ?? [],
    ownership_record: ownership_verification ?? null,
    certificate_records: (ssl?.validation_records ?? []).flatMap(({ txt_name, txt_value }) =>
      txt_name && txt_value ? [{ name: txt_name, value: txt_value }] : [],
    ),
  };
}

const UNREADABLE = { code: 'unreachable', message: 'The answer of Cloudflare could not be read' } as const;

/** Converts an error of the SDK to the reason that matters here. Pure. */
export function failureOf(error: unknown): CloudflareFailure {
  if (!(error instanceof APIError))
    return { code: 'unreachable', message: String(error).slice(0, MESSAGE_MAX) };
  const { status } = error;
  const [first] = error.errors;
  const code = first?.code;
  const message = (first?.message ?? `status ${status}`).slice(0, MESSAGE_MAX);
  if (code === UNKNOWN_HOSTNAME) return { code: 'gone', message };
  if (code === DUPLICATE) return { code: 'duplicate', message };
  if (code !== undefined && quotaCodes.has(code)) return { code: 'quota', message };
  // Other codes are about the zone or the credentials, which no admin of a tenant can mend.
  const isAboutHostname =
    code !== undefined && code >= 1400 && code < 1500 && (status === 400 || status === 409);
  return { code: isAboutHostname ? 'refused' : 'unreachable', message };
}

type Answer<Value> = Promise<Result<Value, CloudflareFailure>>;

/** Custom hostnames of the platform's zone. */
export type CustomHostnames = {
  create(hostname: string, method: ValidationMethod): Answer<CustomHostname>;
  read(id: string): Answer<CustomHostname>;
  /** Reads, and asks Cloudflare to validate at once instead of by its schedule. */
  refresh(id: string, method: ValidationMethod): Answer<CustomHostname>;
  /** Returns the id of the custom hostname with this name, or null. */
  find(hostname: string): Answer<string | null>;
  /** Removes a custom hostname, also one that is gone already. */
  remove(id: string): Answer<null>;
};

/** Ends a request and the reading of its answer. The SDK's own timeout ends with the answer's headers. */
const boundedFetch: typeof fetch = (input, init) => {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  return fetch(input, { ...init, signal });
};

/** Connects to Cloudflare's API. Failures are logged: those of credentials are for the platform's owner. */
export function connectCustomHostnames(
  { api_token, zone_id, base_url }: CustomDomainSettings,
  log: Log,
): CustomHostnames {
  const { customHostnames } = createClient({
    resources: [BaseCustomHostnames],
    ...{ apiToken: api_token, apiKey: null, apiEmail: null, userServiceKey: null },
    ...(base_url === null ? {} : { baseURL: base_url }),
    ...{ fetch: boundedFetch, timeout: TIMEOUT_MS, maxRetries: 0, logLevel: 'off' },
  });
  const attempt = async <Value>(call: () => PromiseLike<Value>): Answer<Value> => {
    try {
      return ok(await call());
    } catch (error) {
      const failure = failureOf(error);
      const isOurs = error instanceof APIError && (error.status === 401 || error.status === 403);
      log[isOurs ? 'error' : 'warn']('cloudflare_refused', {
        status: (error as APIError).status,
        ...failure,
      });
      return fail(failure);
    }
  };
  const report = async (call: () => PromiseLike<unknown>): Answer<CustomHostname> => {
    const answer = await attempt(call);
    if (!answer.ok) return answer;
    const found = readCustomHostname(answer.value);
    return found === null ? fail(UNREADABLE) : ok(found);
  };
  const ssl = (method: ValidationMethod) => ({ method, type: 'dv' }) as const;
  return {
    create: (hostname, method) =>
      report(() => customHostnames.create({ zone_id, hostname, ssl: ssl(method) })),
    read: (id) => report(() => customHostnames.get(id, { zone_id })),
    refresh: (id, method) => report(() => customHostnames.edit(id, { zone_id, ssl: ssl(method) })),
    async find(hostname) {
      const page = await attempt(() => customHostnames.list({ zone_id, hostname: { exact: hostname } }));
      if (!page.ok) return page;
      return ok(page.value.result.find((one) => one.hostname === hostname)?.id ?? null);
    },
    async remove(id) {
      const removed = await attempt(() => customHostnames.delete(id, { zone_id }));
      return removed.ok || removed.failure.code === 'gone' ? ok(null) : removed;
    },
  };
}
