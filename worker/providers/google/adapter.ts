import { fieldsOf } from '../metering/reported-usage.ts';
import type { NeutralRequest, ProviderFailure } from '../provider.ts';
import type { Adapter, AdapterTarget } from '../provider-kind.ts';
import { configurationFault, failureWithoutStatus } from '../transport/failure.ts';
import { guardedStreamFetch } from '../transport/guarded-fetch.ts';
import { cutServerSentEvents } from '../transport/server-sent-events.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { readContent, readGoogleError } from './answer.ts';
import { generateContentParams, isModelName } from './request.ts';
import { readContentStream } from './stream.ts';

const impossibleModel = configurationFault({
  status: 404,
  message: 'The model is not a name that Google could have',
  retry_after_ms: null,
});

/** A refusal that has been read. */
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
 * Makes the call as the SDK would. The SDK takes no `fetch`: it follows redirects, reads bodies of any size, and reads a stream
 * to its end even when nobody takes the events. Only its types are used.
 */
async function post(
  { credential, base_url }: AdapterTarget,
  request: NeutralRequest,
  signal: AbortSignal,
): Promise<Response> {
  const model = request.model.includes('/') ? request.model : `models/${request.model}`;
  const response = await guardedStreamFetch(`${base_url}/v1beta/${model}:streamGenerateContent?alt=sse`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': credential.api_key },
    body: JSON.stringify(generateContentParams(request)),
    signal,
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  throw new Refused(readGoogleError(fieldsOf(body)?.error, response.status));
}

/** Calls Google's generateContent. */
export const googleAdapter: Adapter = {
  async stream(target, request, callerSignal, patience) {
    if (!isModelName(request.model)) return { ok: false, failure: impossibleModel };
    return streamProvider(target, callerSignal, patience, {
      open: (signal) => post(target, request, signal),
      readError,
      cutter: cutServerSentEvents,
      reader: readContentStream,
      readWhole: readContent,
    });
  },
};
