import type {
  ProviderFailure,
  ProviderResult,
  StreamEvent,
  StreamPatience,
  StreamStart,
} from '../provider.ts';
import type { AdapterTarget, CredentialFields } from '../provider-kind.ts';
import { cancelled, cutOff, invalidResponse, redactFailure } from './failure.ts';
import { isJson } from './guarded-fetch.ts';
import { eventsOfCompletion, failed, jsonOf, type StreamReader } from './stream-reader.ts';
import { type Outcome, Watch } from './watch.ts';

/** Yields null as a sign of life. */
type Frames<Frame> = AsyncGenerator<Frame | null, void>;

/** The parts of a streamed call that differ between kinds. */
export type StreamDialect<Frame> = {
  /** Makes the call. Resolves when the headers have arrived, and rejects for an error status. */
  open: (signal: AbortSignal) => Promise<Response>;
  /** Reads the error that `open` rejected with. */
  readError: (error: unknown, now_ms: number) => ProviderFailure;
  /** Cuts the body into frames. Kinds that stream server-sent events use `readServerSentEvents`. */
  frames: (body: ReadableStreamDefaultReader<Uint8Array>) => Frames<Frame>;
  /** A reader for the frames of one stream. */
  reader: () => StreamReader<Frame>;
  /** Reads an answer in one piece: some servers and models send one although a stream was requested. */
  readWhole: (body: unknown) => ProviderResult;
};

const isTerminal = ({ type }: StreamEvent): boolean => type === 'done' || type === 'failed';

/**
 * The time for a server to report the usage after the answer has ended, in milliseconds. Some servers close the connection
 * late, or never.
 */
const AFTER_END_MS = 5_000;

/** The terminal event when no further frame arrives; null when one did. An answer that had ended is complete. */
function endOf<Frame>(
  next: Outcome<IteratorResult<Frame | null, void>>,
  reader: StreamReader<Frame>,
  isEmpty: boolean,
): StreamEvent | null {
  if (next.is === 'stopped') return reader.end() ?? failed(next.failure);
  if (next.is === 'error') return reader.end() ?? failed(cutOff(next.error));
  if (next.value.done !== true) return null;
  return reader.end() ?? failed(isEmpty ? invalidResponse('The answer holds no events') : cutOff(null));
}

/** The events of a streamed body, up to the terminal one. The body is read only when an event is requested. */
async function* readFrames<Frame>(
  frames: Frames<Frame>,
  reader: StreamReader<Frame>,
  watch: Watch,
  idle_timeout_ms: number,
): AsyncGenerator<StreamEvent, void> {
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

/** The body as text. The fetch that opened it bounds its length. */
async function textOfBody(body: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  while (true) {
    const { done, value } = await body.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
}

/** The events of a body that is labelled as JSON: an answer in one piece or, when the label is wrong, a streamed one. */
async function* readWholeBody<Frame>(
  body: ReadableStreamDefaultReader<Uint8Array>,
  dialect: StreamDialect<Frame>,
  watch: Watch,
  idle_timeout_ms: number,
): AsyncGenerator<StreamEvent, void> {
  const text = await watch.wait(textOfBody(body), null);
  if (text.is === 'stopped') return yield failed(text.failure);
  if (text.is === 'error') return yield failed(cutOff(text.error));
  const json = jsonOf(text.value);
  if (json === undefined) {
    const frames = dialect.frames(new Blob([text.value]).stream().getReader());
    return yield* readFrames(frames, dialect.reader(), watch, idle_timeout_ms);
  }
  const whole = dialect.readWhole(json);
  if (whole.ok) yield* eventsOfCompletion(whole.completion);
  else yield failed(whole.failure);
}

/** All events of one call. Its connection is closed before the terminal event is yielded, and when the caller leaves early. */
async function* readAnswer<Frame>(
  dialect: StreamDialect<Frame>,
  watch: Watch,
  idle_timeout_ms: number,
  onWhole: () => void,
): AsyncGenerator<StreamEvent, void> {
  const opening = dialect.open(watch.signal);
  const opened = await watch.wait(opening, null);
  if (opened.is !== 'value') {
    // A response that arrives too late is not read, and must not stay open.
    opening.then((response) => response.body?.cancel()).catch(() => {});
    watch.end();
    const { readError } = dialect;
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
  const isWhole = isJson(opened.value);
  if (isWhole) onWhole();
  const events = isWhole
    ? readWholeBody(body, dialect, watch, idle_timeout_ms)
    : readFrames(dialect.frames(body), dialect.reader(), watch, idle_timeout_ms);
  try {
    for await (const event of events) {
      if (isTerminal(event)) close();
      yield event;
    }
  } finally {
    close();
  }
}

/** The events from the first one on. `return` also works while an event is awaited: it ends that wait. */
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
 * One call to one provider, as a stream: bounded in time, with failures as values and without credentials in their messages.
 * Resolves with the first event at hand, so that a failure before it can lead to another provider.
 */
export async function streamProvider<Frame>(
  { credential, timeout_ms }: AdapterTarget<CredentialFields>,
  callerSignal: AbortSignal,
  patience: StreamPatience,
  dialect: StreamDialect<Frame>,
): Promise<StreamStart> {
  if (callerSignal.aborted) return { ok: false, failure: cancelled };
  const watch = new Watch(timeout_ms, patience, callerSignal);
  let asked_whole = false;
  const onWhole = () => {
    asked_whole = true;
  };
  const redacted = async function* () {
    for await (const event of readAnswer(dialect, watch, patience.idle_timeout_ms, onWhole)) {
      yield event.type === 'failed' ? failed(redactFailure(event.failure, credential)) : event;
    }
  };
  const events = redacted();
  const first = await events.next();
  watch.begun();
  if (first.done === true) throw new Error('A stream ended without a terminal event');
  if (first.value.type !== 'failed') return { ok: true, events: eventsFrom(first.value, events, watch) };
  return { ok: false, failure: first.value.failure, asked_whole };
}
