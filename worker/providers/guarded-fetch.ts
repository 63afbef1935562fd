/** Far more than the longest answer: a hundred million bytes would be all the memory an isolate has. */
const BODY_BYTES_MAX = 16 * 1_024 * 1_024;

/**
 * `fetch` for servers we do not trust: a tenant's base URL may point anywhere.
 * - Redirects are not followed: they would carry the prompt, and in runtimes that keep credential headers across origins
 *   the key as well, to a host that nobody configured.
 * - The body is bounded, because one endless answer would take the memory of every request in the isolate.
 */
export async function guardedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: 'manual' });
  if (response.body === null) return response;
  let received_bytes = 0;
  const bounded = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        received_bytes += chunk.byteLength;
        if (received_bytes > BODY_BYTES_MAX) controller.error(new Error('The answer is larger than 16 MiB'));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(bounded, { status, statusText, headers });
}
