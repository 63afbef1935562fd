import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text as readText } from 'node:stream/consumers';

/** Many reused connections, so that the client does not limit the load of a test. */
const agent = new Agent({ keepAlive: true, maxSockets: 500 });

export type RequestOptions = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
};

export type TextAnswer = { status: number; headers: IncomingHttpHeaders; text: string };

/** An answer with JSON. `body` is untyped: a test that reads a missing field fails. */
export type JsonAnswer = Omit<TextAnswer, 'text'> & { body: ReturnType<typeof JSON.parse> };

/**
 * Sends a request to 127.0.0.1 as if `host` resolved to it. Node, unlike browsers, does not resolve *.localhost. Does not follow
 * redirects. Rejects if the connection fails.
 */
export function request(
  port: number,
  host: string,
  path: string,
  { method = 'GET', headers = {}, body, signal }: RequestOptions = {},
): Promise<TextAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method,
      agent,
      headers: { host: `${host}:${port}`, ...headers },
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.once('response', (message) => {
      const { statusCode = 0, headers } = message;
      readText(message).then((text) => resolve({ status: statusCode, headers, text }), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Like {@link request}, with JSON in both directions. Rejects if the answer is not JSON. */
export async function requestJson(
  port: number,
  host: string,
  path: string,
  { body, headers = {}, ...options }: Omit<RequestOptions, 'body'> & { body?: unknown } = {},
): Promise<JsonAnswer> {
  const content =
    body === undefined
      ? { headers }
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
  const { text, ...answer } = await request(port, host, path, { ...options, ...content });
  return { ...answer, body: text === '' ? null : JSON.parse(text) };
}
