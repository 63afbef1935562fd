import { z } from 'zod';
import { providerKinds } from '../../contracts/catalog/provider-kinds.ts';
import type { ProviderFailure, ProviderTarget } from './provider.ts';
import type { ProviderKindModule } from './provider-kind.ts';
import { kindModules } from './registry.ts';
import {
  credentialFault,
  failureOfStatus,
  failureWithoutStatus,
  invalidResponse,
  redactFailure,
  timedOut,
  unusableCredential,
} from './transport/failure.ts';
import { guardedFetch } from './transport/guarded-fetch.ts';
import { jsonOf } from './transport/stream-reader.ts';

/** The most names that are returned. A hostile server could send millions. */
const MODELS_MAX = 1_000;
const NAME_LENGTH_MAX = 200;

const errorBody = z.object({ error: z.object({ message: z.string() }) });

/** The names of a credential's models, or the failure of the request for them. */
export type ModelListing = { ok: true; models: string[] } | { ok: false; failure: ProviderFailure };

function readListing(list: ProviderKindModule['models'], status: number, text: string): ModelListing {
  const body = jsonOf(text);
  if (status !== 200) {
    const error = errorBody.safeParse(body);
    const message = error.success ? error.data.error.message : `HTTP ${status}`;
    const http = { status, message, retry_after_ms: null };
    const refused = list.refusesCredential?.(status, message) === true;
    return { ok: false, failure: refused ? credentialFault(http) : failureOfStatus(http) };
  }
  const names = list.names.safeParse(body);
  if (!names.success) return { ok: false, failure: invalidResponse('The answer is not a list of models') };
  const models = names.data
    .filter((name) => name !== '' && name.length <= NAME_LENGTH_MAX)
    .slice(0, MODELS_MAX);
  return { ok: true, models };
}

/**
 * Lists the models of a credential. The request is free at every provider and shows that the credential and the address work. A
 * failure is a value, and holds no key.
 */
export async function listProviderModels({
  kind,
  base_url,
  secret,
  timeout_ms,
  settings,
}: ProviderTarget): Promise<ModelListing> {
  const { parseCredential, models } = kindModules[kind];
  const credential = parseCredential(secret);
  if (credential === null) return { ok: false, failure: unusableCredential };
  const signal = AbortSignal.timeout(timeout_ms);
  try {
    const base = (base_url ?? providerKinds[kind].official_base_url).replace(/\/+$/, '');
    const response = await guardedFetch(`${base}${models.path}`, {
      headers: { ...settings?.extra_headers, ...models.headers(credential) },
      signal,
    });
    const listing = readListing(models, response.status, await response.text());
    return listing.ok
      ? listing
      : { ok: false, failure: redactFailure(listing.failure, credential, settings?.extra_headers) };
  } catch (error) {
    const failure = signal.aborted ? timedOut(timeout_ms) : failureWithoutStatus(error);
    return { ok: false, failure: redactFailure(failure, credential, settings?.extra_headers) };
  }
}
