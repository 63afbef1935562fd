import type { RequestContext } from '../app-env.ts';

/** Proxies and clients give up on a connection that is silent: a comment now and then says that it lives. */
const KEEP_ALIVE_MS = 10_000;

const encoder = new TextEncoder();

/** Server-sent events of one answer. `send` resolves when there is room for more, and rejects when the client is gone. */
export type EventWriter = { send(text: string): Promise<void> };

/**
 * Answers with server-sent events (WHATWG HTML, section 9.2) that `speak` writes, piece by piece: nothing is held back, and nothing is
 * read from a provider before the client has taken what came before. `speak` runs on to its end when the client hangs up.
 */
export function eventStream(
  c: Pick<RequestContext, 'executionCtx' | 'header'>,
  headers: Record<string, string>,
  speak: (writer: EventWriter) => Promise<void>,
): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const write = (text: string) => writer.write(encoder.encode(text));
  let hasSpoken = false;
  const keepAlive = setInterval(() => {
    if (!hasSpoken) write(': keep-alive\n\n').catch(() => clearInterval(keepAlive));
    hasSpoken = false;
  }, KEEP_ALIVE_MS);
  const send = (text: string) => {
    hasSpoken = true;
    return write(text);
  };
  const spoken = speak({ send }).finally(() => {
    clearInterval(keepAlive);
    return writer.close().catch(() => undefined);
  });
  c.executionCtx.waitUntil(spoken);
  return new Response(readable, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...headers,
    },
  });
}
