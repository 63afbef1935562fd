/** The longest body held as a whole, far above the longest answer: an isolate has 128 MB for all its requests. */
export const BODY_BYTES_MAX = 16 * 1_024 * 1_024;

/** A function with the signature of `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** `fetch` that follows no redirect. */
export const unfollowed: Fetch = (input, init) => fetch(input, { ...init, redirect: 'manual' });

/** True for a body of JSON: an error, a list, or an answer in one piece. */
export const isJson = (response: Response): boolean =>
  /\bjson\b/i.test(response.headers.get('content-type') ?? '');

/** The response with a body of at most `bytes_max`. */
export function bounded(response: Response, bytes_max = BODY_BYTES_MAX): Response {
  if (response.body === null) return response;
  let received_bytes = 0;
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        received_bytes += chunk.byteLength;
        if (received_bytes > bytes_max)
          controller.error(new Error(`The answer is larger than ${bytes_max / 1_048_576} MiB`));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

/**
 * `fetch` for servers that are not trusted: a tenant's base URL may point anywhere.
 * - Redirects are not followed: they would carry the prompt, and in runtimes that keep credential headers across origins
 *   the key as well, to a host that nobody configured.
 * - The body is bounded at 16 MiB, because an endless one would take the memory of every request in the isolate.
 */
export const guardedFetch: Fetch = async (input, init) => bounded(await unfollowed(input, init));

/**
 * The same for a streamed answer. Its body is not bounded, since only one frame is held at a time and the frame reader bounds
 * those. Errors and answers in one piece are.
 */
export const guardedStreamFetch: Fetch = async (input, init) => {
  const response = await unfollowed(input, init);
  return response.ok && !isJson(response) ? response : bounded(response);
};
