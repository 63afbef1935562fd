import type { RequestContext } from '../app-env.ts';

/** Proxies and clients give up on a connection that is silent: a comment now and then says that it lives. */
const KEEP_ALIVE_MS = 10_000;

/**
 * A comment without the empty line that would end an event: strict clients, such as openai-go before 3.43, take that for an event
 * without data and fail.
 */
const COMMENT = ': keep-alive\n';

/** Line separators are valid in JSON, but some clients cut lines at them, as Python's `splitlines` does. Events hold JSON alone, in which they can be escaped. */
const escaped = (text: string): string =>
  text.replace(
    /[\u0085\u2028\u2029]/g,
    (separator) => `\\u${separator.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The most characters that wait for the client. With more, whoever sends has to wait as well. */
const WAITING_CHARS_MAX = 65_536;

const encoder = new TextEncoder();

/** Server-sent events of one answer. What is sent during a write goes out together, in the next one. */
export class EventWriter {
  /** True once something was sent since this was last set to false. */
  hasSpoken = false;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #waiting = '';
  #writing: Promise<void> | null = null;
  #isGone = false;

  constructor(writable: WritableStream<Uint8Array>) {
    this.#writer = writable.getWriter();
  }

  /** Returns null while there is room for more, else a promise: it resolves when there is, and rejects when the client is gone. */
  send(text: string): Promise<void> | null {
    this.hasSpoken = true;
    this.#waiting += escaped(text);
    if (this.#writing === null) {
      this.#writing = this.#write();
      this.#writing.catch(() => undefined);
    }
    return this.#isGone || this.#waiting.length > WAITING_CHARS_MAX ? this.#writing : null;
  }

  /** Ends the stream after what waits. Rejects when the client is gone. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#writer.close();
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting !== '') {
        const bytes = encoder.encode(this.#waiting);
        this.#waiting = '';
        await this.#writer.write(bytes);
      }
      this.#writing = null;
    } catch (error) {
      this.#isGone = true;
      throw error;
    }
  }
}

/**
 * Answers with server-sent events (WHATWG HTML, section 9.2) that `speak` writes: nothing is held back while the client takes what comes,
 * and little is read from a provider that it does not take. `speak` runs on to its end when the client hangs up.
 */
export function eventStream(
  c: Pick<RequestContext, 'executionCtx'>,
  { headers, keep_alive = COMMENT }: { headers: Record<string, string>; keep_alive?: string | undefined },
  speak: (writer: EventWriter) => Promise<void>,
): Response {
  const { readable, writable } = new IdentityTransformStream();
  const writer = new EventWriter(writable);
  const keepAlive = setInterval(() => {
    if (!writer.hasSpoken) writer.send(keep_alive)?.catch(() => clearInterval(keepAlive));
    writer.hasSpoken = false;
  }, KEEP_ALIVE_MS);
  const spoken = speak(writer).finally(() => {
    clearInterval(keepAlive);
    return writer.close().catch(() => undefined);
  });
  c.executionCtx.waitUntil(spoken);
  return new Response(readable, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      ...headers,
    },
  });
}
