import { z } from 'zod';
import type { ProviderKind } from '../../contracts/usage.ts';
import type { ProviderFailure, ProviderTarget } from './provider.ts';
import {
  credentialFault,
  failureOfStatus,
  failureWithoutStatus,
  invalidResponse,
  timedOut,
} from './transport/failure.ts';
import { guardedFetch } from './transport/guarded-fetch.ts';
import { redactFailure } from './transport/redact-message.ts';

/** Names beyond this are left out: nobody reads them, and a hostile server could send millions. */
const MODELS_MAX = 1_000;
const NAME_LENGTH_MAX = 200;

type Listing = { official: string; path: string; headers: (api_key: string) => Record<string, string> };

/** Where each kind lists its models, and how it takes the key. */
const listings: Record<ProviderKind, Listing> = {
  openai: {
    official: 'https://api.openai.com/v1',
    path: '/models',
    headers: (api_key) => ({ authorization: `Bearer ${api_key}` }),
  },
  anthropic: {
    official: 'https://api.anthropic.com',
    path: '/v1/models?limit=1000',
    headers: (api_key) => ({ 'x-api-key': api_key, 'anthropic-version': '2023-06-01' }),
  },
  google: {
    official: 'https://generativelanguage.googleapis.com',
    path: '/v1beta/models?pageSize=1000',
    headers: (api_key) => ({ 'x-goog-api-key': api_key }),
  },
};

const modelList = z.union([
  z.object({ data: z.array(z.object({ id: z.string() })) }).transform(({ data }) => data.map(({ id }) => id)),
  z
    .object({ models: z.array(z.object({ name: z.string() })) })
    .transform(({ models }) => models.map(({ name }) => name.replace(/^models\//, ''))),
]);

const errorBody = z.object({ error: z.object({ message: z.string() }) });

export type ModelListing = { ok: true; models: string[] } | { ok: false; failure: ProviderFailure };

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Google answers a wrong key with 400; what else 400 means here is for the status alone to say. */
const refusesKey = (kind: ProviderKind, status: number, message: string) =>
  kind === 'google' && status === 400 && /api key/i.test(message);

function readListing(kind: ProviderKind, status: number, text: string): ModelListing {
  const body = parsed(text);
  if (status !== 200) {
    const said = errorBody.safeParse(body);
    const message = said.success ? said.data.error.message : `HTTP ${status}`;
    const http = { status, message, retry_after_ms: null };
    return {
      ok: false,
      failure: refusesKey(kind, status, message) ? credentialFault(http) : failureOfStatus(http),
    };
  }
  const list = modelList.safeParse(body);
  if (!list.success) return { ok: false, failure: invalidResponse('The answer is not a list of models') };
  const models = list.data
    .filter((name) => name !== '' && name.length <= NAME_LENGTH_MAX)
    .slice(0, MODELS_MAX);
  return { ok: true, models };
}

/**
 * What models a key may call: the cheapest question that tells whether key and address are right. Costs nothing at any
 * provider. A failure is a value, and holds no key.
 */
export async function listProviderModels({
  kind,
  base_url,
  api_key,
  timeout_ms,
}: ProviderTarget): Promise<ModelListing> {
  const { official, path, headers } = listings[kind];
  const signal = AbortSignal.timeout(timeout_ms);
  try {
    const url = `${(base_url ?? official).replace(/\/+$/, '')}${path}`;
    const response = await guardedFetch(url, { headers: headers(api_key), signal });
    const listing = readListing(kind, response.status, await response.text());
    return listing.ok ? listing : { ok: false, failure: redactFailure(listing.failure, api_key) };
  } catch (error) {
    const failure = signal.aborted ? timedOut(timeout_ms) : failureWithoutStatus(error);
    return { ok: false, failure: redactFailure(failure, api_key) };
  }
}
