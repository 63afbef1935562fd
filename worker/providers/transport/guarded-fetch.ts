/** Far more than the longest answer: a hundred million bytes would be all the memory an isolate has. */
const BODY_BYTES_MAX = 16 * 1_024 * 1_024;

/** As `fetch` is called. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const unfollowed: Fetch = (input, init) => fetch(input, { ...init, redirect: 'manual' });

function bounded(response: Response): Response {
  if (response.body === null) return response;
  let received_bytes = 0;
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        received_bytes += chunk.byteLength;
        if (received_bytes > BODY_BYTES_MAX) controller.error(new Error('The answer is larger than 16 MiB'));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

/**
 * `fetch` for servers we do not trust: a tenant's base URL may point anywhere.
 * - Redirects are not followed: they would carry the prompt, and in runtimes that keep credential headers across origins
 *   the key as well, to a host that nobody configured.
 * - The body is bounded, because one endless answer would take the memory of every request in the isolate.
 */
export const guardedFetch: Fetch = async (input, init) => bounded(await unfollowed(input, init));

/**
 * The same for a streamed answer: it is never held as a whole, so only its single events are bounded, by their reader.
 * Anything but a success is read whole, as an error's words.
 */
export const guardedStreamFetch: Fetch = async (input, init) => {
  const response = await unfollowed(input, init);
  return response.ok ? response : bounded(response);
};
