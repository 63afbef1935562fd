import { BoundedMap } from '../../../contracts/bounded-map.ts';
import type { AdapterTarget } from '../provider-kind.ts';
import { guardedStreamFetch } from './guarded-fetch.ts';
import { jsonOf } from './stream-reader.ts';

/** A request of an SDK without its body. */
type Prepared = { url: string; headers: Headers };

/** The part of an SDK that is used: its client writes the URL and the headers of a call, its errors are those of a status. */
type Sdk = {
  clientOf(target: AdapterTarget): {
    buildRequest(options: {
      method: 'post';
      path: string;
      body: object;
    }): Promise<{ url: string; req: { headers: Headers } }>;
  };
  errorOf(status: number, body: object | undefined, message: string | undefined, headers: Headers): Error;
};

/** The headers of a form: `fetch` names its type, with the boundary of its parts. */
function formHeaders(headers: Headers): Headers {
  const own = new Headers(headers);
  own.delete('content-type');
  return own;
}

/** Addresses, credentials and headers whose requests an isolate keeps prepared. */
const PREPARED_MAX = 500;

/** The prepared headers with those of one call. */
function withHeaders(prepared: Headers, ofCall: Readonly<Record<string, string>>): Headers {
  const names = Object.keys(ofCall);
  if (names.length === 0) return prepared;
  const headers = new Headers(prepared);
  for (const name of names) headers.set(name, ofCall[name] ?? '');
  return headers;
}

/**
 * Returns a function that posts a body, JSON or a form, to `path` as the SDK would. What is the same in each call is prepared once per
 * address, credential and extra headers, since it takes the SDK longer than everything else in the call. A call can have headers of its
 * own. Rejects for an error status.
 */
export function preparedPost(path: string, { clientOf, errorOf }: Sdk) {
  const prepared = new BoundedMap<string, Prepared>(PREPARED_MAX);
  const prepare = async (target: AdapterTarget): Promise<Prepared> => {
    const { base_url, credential, settings } = target;
    const name = JSON.stringify([base_url, credential.api_key, settings.extra_headers]);
    const known = prepared.get(name);
    if (known !== undefined) return known;
    const { url, req } = await clientOf(target).buildRequest({ method: 'post', path, body: {} });
    for (const [header, value] of Object.entries(settings.extra_headers)) req.headers.set(header, value);
    const made = { url, headers: req.headers };
    prepared.set(name, made);
    return made;
  };
  return async (
    target: AdapterTarget,
    body: object,
    signal: AbortSignal,
    headersOfCall: Readonly<Record<string, string>> = {},
  ): Promise<Response> => {
    const { url, headers } = await prepare(target);
    const own = withHeaders(headers, headersOfCall);
    const sent =
      body instanceof FormData
        ? { headers: formHeaders(own), body }
        : { headers: own, body: JSON.stringify(body) };
    const response = await guardedStreamFetch(url, { method: 'POST', ...sent, signal });
    if (response.ok) return response;
    const text = await response.text().catch(({ message }) => String(message));
    const json = jsonOf(text);
    const isObject = typeof json === 'object' && json !== null;
    throw errorOf(
      response.status,
      isObject ? json : undefined,
      isObject ? undefined : text,
      response.headers,
    );
  };
}
