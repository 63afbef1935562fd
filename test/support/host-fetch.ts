import { request } from 'node:http';
import { Readable } from 'node:stream';

/**
 * A `fetch` for the official SDKs that reaches *.localhost on this machine. Node does not resolve these names, and its own fetch
 * cannot set the Host header.
 */
export const hostFetch: typeof fetch = async (input, init) => {
  const asked = new Request(input, init);
  const url = new URL(asked.url);
  const body = asked.body === null ? null : Buffer.from(await asked.arrayBuffer());
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: url.port,
      path: url.pathname + url.search,
      method: asked.method,
      headers: { ...Object.fromEntries(asked.headers), host: url.host },
      // Not the request's own signal: it stops following the original when the request is garbage collected.
      signal: init?.signal ?? asked.signal,
    });
    outgoing.on('error', reject);
    outgoing.once('response', (message) => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(message.headers))
        if (value !== undefined) headers.set(name, String(value));
      const stream = Readable.toWeb(message) as unknown as ReadableStream<Uint8Array>;
      const status = message.statusCode ?? 500;
      resolve(new Response(status === 204 ? null : stream, { status, headers }));
    });
    outgoing.end(body);
  });
};
