import type { Context } from 'hono';

const utf8 = new TextEncoder();

/** Answers 200 with a JSON text that is written piece by piece as the client takes it. */
export function jsonInPieces(c: Pick<Context, 'body'>, pieces: Iterator<string>): Response {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(utf8.encode(value));
    },
  });
  return c.body(body, 200, { 'content-type': 'application/json' });
}
