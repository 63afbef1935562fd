import { fieldsOf } from '../metering/reported-usage.ts';
import type { Adapter, NeutralRequest, ProviderFailure, ProviderTarget } from '../provider.ts';
import { callProvider } from '../transport/call-provider.ts';
import { configurationFault, failureWithoutStatus } from '../transport/failure.ts';
import { type Fetch, guardedFetch, guardedStreamFetch } from '../transport/guarded-fetch.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { readApiError, readContent } from './answer.ts';
import { generateContentParams, isModelName } from './request.ts';
import { readContentStream } from './stream.ts';

const OFFICIAL_BASE_URL = 'https://generativelanguage.googleapis.com';

const impossibleModel = configurationFault({
  status: 404,
  message: 'The model is not a name that Google could have',
  retry_after_ms: null,
});

/** A refusal, as the provider words it. */
class Refused extends Error {
  readonly failure: ProviderFailure;

  constructor(failure: ProviderFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

const readError = (error: unknown): ProviderFailure =>
  error instanceof Refused ? error.failure : failureWithoutStatus(error);

/**
 * The SDK takes no `fetch` of ours: it follows redirects, reads bodies of any size, and reads a stream to its end whether
 * anybody takes the events or not. So its types say what is sent, and the call is made here, as the SDK makes it.
 */
async function post(
  guarded: Fetch,
  method: 'generateContent' | 'streamGenerateContent?alt=sse',
  { api_key, base_url }: ProviderTarget,
  request: NeutralRequest,
  signal: AbortSignal,
): Promise<Response> {
  const model = request.model.includes('/') ? request.model : `models/${request.model}`;
  const response = await guarded(`${base_url ?? OFFICIAL_BASE_URL}/v1beta/${model}:${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': api_key },
    body: JSON.stringify(generateContentParams(request)),
    signal,
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  throw new Refused(readApiError(fieldsOf(body)?.error, response.status));
}

/** Google's generated content. */
export const googleAdapter: Adapter = {
  async complete(target, request, callerSignal) {
    if (!isModelName(request.model)) return { ok: false, failure: impossibleModel };
    return callProvider(target, callerSignal, {
      call: async (signal) => (await post(guardedFetch, 'generateContent', target, request, signal)).json(),
      readAnswer: readContent,
      readError,
    });
  },
  async stream(target, request, callerSignal, patience) {
    if (!isModelName(request.model)) return { ok: false, failure: impossibleModel };
    return streamProvider(target, callerSignal, patience, {
      open: (signal) => post(guardedStreamFetch, 'streamGenerateContent?alt=sse', target, request, signal),
      readError,
      reader: readContentStream,
    });
  },
};
