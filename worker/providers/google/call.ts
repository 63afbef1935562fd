import { fieldsOf } from '../metering/reported-usage.ts';
import type { ProviderFailure } from '../provider.ts';
import type { AdapterTarget } from '../provider-kind.ts';
import { configurationFault, failureWithoutStatus, waitFromHeaders } from '../transport/failure.ts';
import { guardedStreamFetch } from '../transport/guarded-fetch.ts';
import { jsonOf } from '../transport/stream-reader.ts';
import { readGoogleError } from './answer.ts';

/** Calls methods of Google's models. */

/** The failure of a call whose model could not stand in a URL. */
export const impossibleModel = configurationFault({
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

/** Reads an error that {@link post} threw. */
export const readError = (error: unknown): ProviderFailure =>
  error instanceof Refused ? error.failure : failureWithoutStatus(error);

/** The error in a body: an object, the same in a list, or the text of a page that is no JSON. */
function errorIn(text: string): unknown {
  const body = jsonOf(text);
  if (body === undefined) return { message: text };
  return fieldsOf(Array.isArray(body) ? body[0] : body)?.error;
}

/** Returns the resource name of a model. */
export const pathOf = (model: string): string => (model.includes('/') ? model : `models/${model}`);

/**
 * Makes the call as the SDK would. The SDK takes no `fetch`: it follows redirects, reads bodies of any size, and reads a stream
 * to its end even when nobody takes the events. Only its types are used.
 */
export async function post(
  { credential, base_url, settings }: AdapterTarget,
  { method, body }: { method: string; body: object },
  signal: AbortSignal,
): Promise<Response> {
  const response = await guardedStreamFetch(`${base_url}/v1beta/${method}`, {
    method: 'POST',
    headers: {
      ...settings.extra_headers,
      'content-type': 'application/json',
      'x-goog-api-key': credential.api_key,
    },
    body: JSON.stringify(body),
    signal,
  });
  if (response.ok) return response;
  const text = await response.text().catch(({ message }) => String(message));
  const failure = readGoogleError(errorIn(text), response.status);
  const retry_after_ms = failure.retry_after_ms ?? waitFromHeaders(response.headers, Date.now());
  throw new Refused({ ...failure, retry_after_ms });
}
