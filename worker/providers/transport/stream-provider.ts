import type {
  ProviderFailure,
  ProviderTarget,
  StreamEvent,
  StreamPatience,
  StreamStart,
} from '../provider.ts';
import { cancelled, cutOff, invalidResponse, timedOut } from './failure.ts';
import { redactFailure } from './redact-message.ts';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';
import { failed, type StreamReader } from './stream-reader.ts';

/** How one provider streams: its call, which answers as soon as the headers are there, and its two readings. */
type StreamDialect = {
  open: (signal: AbortSignal) => Promise<Response>;
  readError: (error: unknown, now_ms: number) => ProviderFailure;
  reader: () => StreamReader;
};

type Outcome<T> =
  | { is: 'value'; value: T }
  | { is: 'error'; error: unknown }
  | { is: 'stopped'; failure: ProviderFailure };

/**
 * Everything that ends a stream from our side: the caller, the call's time, patience for the next event. It does not rely
 * on the SDK or the socket noticing an abort.
 */
class Watch {
  readonly #controller = new AbortController();
  #failure: ProviderFailure | null = null;
  /** Ends the wait that is going on. One at a time: a promise to race against would keep every wait of a long stream. */
  #interrupt: (failure: ProviderFailure) => void = () => {};
  readonly #callerSignal: AbortSignal;
  readonly #onCancel = () => this.stop(cancelled);
  readonly #callTimer: ReturnType<typeof setTimeout>;
  readonly #firstEventTimer: ReturnType<typeof setTimeout>;

  constructor(timeout_ms: number, { first_event_timeout_ms }: StreamPatience, callerSignal: AbortSignal) {
    this.#callerSignal = callerSignal;
    callerSignal.addEventListener('abort', this.#onCancel, { once: true });
    this.#callTimer = this.#stopAfter(timeout_ms);
    this.#firstEventTimer = this.#stopAfter(first_event_timeout_ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #stopAfter(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.stop(timedOut(ms)), ms);
  }

  /** The first event is there: from now on patience is for the next one. */
  begun(): void {
    clearTimeout(this.#firstEventTimer);
  }

  /** Ends every wait, present and future, and the connection. Only the first reason counts. */
  stop(failure: ProviderFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.end();
    this.#interrupt(failure);
  }

  /** Ends the connection, if it still is one, and watches no longer. */
  end(): void {
    clearTimeout(this.#callTimer);
    clearTimeout(this.#firstEventTimer);
    this.#callerSignal.removeEventListener('abort', this.#onCancel);
    this.#controller.abort();
  }

  /** Waits for `promise`, at most `timeout_ms` unless null. A rejection is an outcome, also when nobody waits any more. */
  async wait<T>(promise: Promise<T>, timeout_ms: number | null): Promise<Outcome<T>> {
    const ended = Promise.withResolvers<Outcome<T>>();
    this.#interrupt = (failure) => ended.resolve({ is: 'stopped', failure });
    promise.then(
      (value) => ended.resolve({ is: 'value', value }),
      (error: unknown) => ended.resolve({ is: 'error', error }),
    );
    if (this.#failure !== null) this.#interrupt(this.#failure);
    const timer = timeout_ms === null ? null : this.#stopAfter(timeout_ms);
    const outcome = await ended.promise;
    if (timer !== null) clearTimeout(timer);
    return outcome;
  }
}

const isTerminal = ({ type }: StreamEvent): boolean => type === 'done' || type === 'failed';

type Frame = IteratorResult<ServerSentEvent | null, void>;

/**
 * How long a server may keep the connection open after the reason why its answer ended, to tell the usage. Some close it
 * late, or never.
 */
const AFTER_END_MS = 5_000;

/** The terminal event, when no further frame comes; null when one did. An answer that had ended is whole, whoever hung up. */
function endOf(next: Outcome<Frame>, reader: StreamReader, isEmpty: boolean): StreamEvent | null {
  if (next.is === 'stopped') return reader.end() ?? failed(next.failure);
  if (next.is === 'error') return reader.end() ?? failed(cutOff(next.error));
  if (next.value.done !== true) return null;
  return reader.end() ?? failed(isEmpty ? invalidResponse('The answer holds no events') : cutOff(null));
}

/** The events of an opened answer, up to its terminal one. A body is read only when an event is asked for. */
async function* readBody(
  body: ReadableStreamDefaultReader<Uint8Array>,
  reader: StreamReader,
  watch: Watch,
  idle_timeout_ms: number,
): AsyncGenerator<StreamEvent, void> {
  const frames = readServerSentEvents(body);
  let isEmpty = true;
  while (true) {
    const silence_ms = reader.end() === null ? idle_timeout_ms : Math.min(idle_timeout_ms, AFTER_END_MS);
    const next = await watch.wait(frames.next(), silence_ms);
    const end = endOf(next, reader, isEmpty);
    if (end !== null) return yield end;
    const frame = next.is === 'value' ? next.value.value : null;
    if (!frame) continue;
    isEmpty = false;
    for (const event of reader.read(frame)) {
      yield event;
      if (isTerminal(event)) return;
    }
  }
}

/** All events of one call. Its connection is closed before the terminal event is handed on, and when it is left early. */
async function* readAnswer(
  { open, readError, reader }: StreamDialect,
  watch: Watch,
  idle_timeout_ms: number,
): AsyncGenerator<StreamEvent, void> {
  const opening = open(watch.signal);
  const opened = await watch.wait(opening, null);
  if (opened.is !== 'value') {
    // An answer that comes too late is not read, and must not stay open.
    opening.then((response) => response.body?.cancel()).catch(() => {});
    watch.end();
    return yield failed(opened.is === 'stopped' ? opened.failure : readError(opened.error, Date.now()));
  }
  const body = opened.value.body?.getReader();
  if (body === undefined) {
    watch.end();
    return yield failed(invalidResponse('The answer has no body'));
  }
  const close = () => {
    watch.end();
    body.cancel().catch(() => {});
  };
  try {
    for await (const event of readBody(body, reader(), watch, idle_timeout_ms)) {
      if (isTerminal(event)) close();
      yield event;
    }
  } finally {
    close();
  }
}

/** The events from the first one on. `return` works while an event is being waited for: it ends that wait. */
function eventsFrom(
  first: StreamEvent,
  rest: AsyncGenerator<StreamEvent, void>,
  watch: Watch,
): AsyncIterable<StreamEvent> {
  let unread: StreamEvent | null = first;
  const iterator: AsyncIterator<StreamEvent, void> = {
    next() {
      if (unread === null) return rest.next();
      const value = unread;
      unread = null;
      return Promise.resolve({ done: false, value });
    },
    async return() {
      unread = null;
      watch.stop(cancelled);
      await rest.return();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/**
 * One streamed call to one provider: bounded in time, failures as values, and no key in their messages. Answers with the
 * first event at hand, so that a failure before it can still lead to another provider.
 */
export async function streamProvider(
  target: ProviderTarget,
  callerSignal: AbortSignal,
  patience: StreamPatience,
  dialect: StreamDialect,
): Promise<StreamStart> {
  if (callerSignal.aborted) return { ok: false, failure: cancelled };
  const watch = new Watch(target.timeout_ms, patience, callerSignal);
  const redacted = async function* () {
    for await (const event of readAnswer(dialect, watch, patience.idle_timeout_ms)) {
      yield event.type === 'failed' ? failed(redactFailure(event.failure, target.api_key)) : event;
    }
  };
  const events = redacted();
  const first = await events.next();
  watch.begun();
  if (first.done === true) throw new Error('A stream ended without a terminal event');
  if (first.value.type !== 'failed') return { ok: true, events: eventsFrom(first.value, events, watch) };
  return { ok: false, failure: first.value.failure };
}
