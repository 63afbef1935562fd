import type {
  ProviderFailure,
  ProviderResult,
  StreamEvent,
  StreamPatience,
  StreamStart,
} from '../provider.ts';
import type { AdapterTarget, CredentialFields } from '../provider-kind.ts';
import { cancelled, cutOff, invalidResponse, redactFailure } from './failure.ts';
import { BODY_BYTES_MAX, isJson } from './guarded-fetch.ts';
import { eventsOfCompletion, type FrameCutter, failed, jsonOf, type StreamReader } from './stream-reader.ts';
import { Watch } from './watch.ts';

/** The lines of a text in which each is an object of JSON; none for any other text. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.every((line) => jsonOf(line) !== undefined) ? lines : [];
}

/** The parts of a streamed call that differ between kinds. */
export type StreamDialect<Frame> = {
  /** Makes the call. Resolves when the headers have arrived, and rejects for an error status. */
  open: (signal: AbortSignal) => Promise<Response>;
  /** Reads the error that `open` rejected with. */
  readError: (error: unknown, now_ms: number) => ProviderFailure;
  /** A cutter for one body. Kinds that stream server-sent events use `cutServerSentEvents`. */
  cutter: () => FrameCutter<Frame>;
  /** A reader for the frames of one stream. */
  reader: () => StreamReader<Frame>;
  /** Reads an answer in one piece: some servers and models send one although a stream was requested. */
  readWhole: (body: unknown) => ProviderResult;
};

/** The parts of a target that a stream needs: its time, and what no message may show. */
type StreamTarget = Pick<AdapterTarget<CredentialFields>, 'credential' | 'timeout_ms'> &
  Partial<AdapterTarget<CredentialFields>>;

type Body = ReadableStreamDefaultReader<Uint8Array>;

const isTerminal = ({ type }: StreamEvent): boolean => type === 'done' || type === 'failed';

/**
 * The time for a server to end the body of an answer of which nothing more is expected, in milliseconds. Some servers close the
 * connection late, or never. While its usage is expected, the answer is waited for as long as within it.
 */
const AFTER_END_MS = 5_000;

/** The time for a server to end the body of an answer that is complete, in milliseconds. Its connection is closed otherwise. */
const DRAIN_MS = 1_000;

/** The body as text, after a piece of it that was read. Rejects when it is longer than {@link BODY_BYTES_MAX}. */
async function textOfBody(body: Body, first: Uint8Array): Promise<string> {
  const decoder = new TextDecoder();
  let text = decoder.decode(first, { stream: true });
  let received_bytes = first.byteLength;
  while (true) {
    const { done, value } = await body.read();
    if (done) return text + decoder.decode();
    received_bytes += value.byteLength;
    if (received_bytes > BODY_BYTES_MAX) throw new Error('The answer is larger than 16 MiB');
    text += decoder.decode(value, { stream: true });
  }
}

/** The first byte that is neither white space nor part of a byte order mark; undefined when all are. */
const firstByteOf = (piece: Uint8Array): number | undefined =>
  piece.find((byte) => byte > 0x20 && ![0xef, 0xbb, 0xbf].includes(byte));

/** True for the first byte of an object or a list of JSON, with which no frame of a stream begins. */
const beginsJson = (byte: number): boolean => byte === 0x7b || byte === 0x5b;

/**
 * The events of one call, up to the terminal one. The body is read only when an event is requested and none is at hand. `return`
 * also works while an event is awaited: it ends that wait.
 */
class Answer<Frame> implements AsyncIterator<StreamEvent, void> {
  /** True if the answer was sent in one piece. */
  isWhole = false;
  readonly #dialect: StreamDialect<Frame>;
  readonly #target: StreamTarget;
  readonly #watch: Watch;
  readonly #idle_timeout_ms: number;
  readonly #cutter: FrameCutter<Frame>;
  readonly #reader: StreamReader<Frame>;
  #body: Body | null = null;
  /** True until the first byte of the body tells if it is an answer in one piece. */
  #isUntold = true;
  #isEmpty = true;
  /** Events that were read and not yet taken. */
  #atHand: StreamEvent[] = [];
  /** True once the terminal event was read, or the answer was left. */
  #hasEnded = false;

  constructor(dialect: StreamDialect<Frame>, target: StreamTarget, watch: Watch, idle_timeout_ms: number) {
    this.#dialect = dialect;
    this.#target = target;
    this.#watch = watch;
    this.#idle_timeout_ms = idle_timeout_ms;
    this.#cutter = dialect.cutter();
    this.#reader = dialect.reader();
  }

  /** Returns the first event without taking it. */
  async first(): Promise<StreamEvent> {
    await this.#fill();
    const [event] = this.#atHand;
    if (event === undefined) throw new Error('A stream ended without a terminal event');
    return event;
  }

  async next(): Promise<IteratorResult<StreamEvent, void>> {
    await this.#fill();
    const event = this.#atHand.shift();
    return event === undefined ? { done: true, value: event } : { done: false, value: event };
  }

  async return(): Promise<IteratorResult<StreamEvent, void>> {
    this.#atHand = [];
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#watch.stop(cancelled);
      this.#close();
    }
    return { done: true, value: undefined };
  }

  /** Reads until an event is at hand, unless the answer has ended. */
  async #fill(): Promise<void> {
    while (this.#atHand.length === 0 && !this.#hasEnded) {
      const events = this.#body === null ? await this.#open() : await this.#readPiece(this.#body);
      // The answer was left meanwhile.
      if (this.#hasEnded) return;
      this.#atHand = events.map((event) => (isTerminal(event) ? this.#end(event) : event));
    }
  }

  /** Makes the call. Returns no events, unless it failed: they are read from its body. */
  async #open(): Promise<StreamEvent[]> {
    const { open, readError } = this.#dialect;
    const opening = open(this.#watch.signal);
    const opened = await this.#watch.wait(opening, null);
    if (opened.is !== 'value') {
      // A response that arrives too late is not read, and must not stay open.
      opening.then((response) => response.body?.cancel()).catch(() => {});
      return [failed(opened.is === 'stopped' ? opened.failure : readError(opened.error, Date.now()))];
    }
    const body = opened.value.body?.getReader();
    if (body === undefined) return [failed(invalidResponse('The answer has no body'))];
    this.#body = body;
    this.isWhole = isJson(opened.value);
    return [];
  }

  /**
   * The events of a body that begins as JSON: an answer in one piece, a list or lines of events, as some servers stream them, or, when
   * it is not JSON, a stream.
   */
  async #readWhole(body: Body, first: Uint8Array): Promise<StreamEvent[]> {
    const text = await this.#watch.wait(textOfBody(body, first), null);
    if (text.is === 'stopped') return [failed(text.failure)];
    if (text.is === 'error') return [failed(cutOff(text.error))];
    const json = jsonOf(text.value);
    if (json === undefined || Array.isArray(json)) {
      this.#isUntold = false;
      const events = Array.isArray(json) ? json.map((event) => JSON.stringify(event)) : linesOf(text.value);
      const stream = events.length === 0 ? text.value : events.map((data) => `data: ${data}\n\n`).join('');
      this.#body = new Blob([stream]).stream().getReader();
      return [];
    }
    const whole = this.#dialect.readWhole(json);
    return whole.ok ? eventsOfCompletion(whole.completion) : [failed(whole.failure)];
  }

  /** The part of the stream that has not come. */
  #expected() {
    const { end, expects } = this.#reader;
    return expects?.() ?? (end() === null ? 'answer' : 'nothing');
  }

  /** The end of a body that was broken off or fell silent: the failure, unless the answer had ended. */
  #endBy(failure: ProviderFailure): StreamEvent[] {
    return this.#expected() === 'answer' ? [failed(failure)] : this.#endOr(failure);
  }

  /** The end of the answer with what it owes before, or a failure if its end was not told. */
  #endOr(failure: ProviderFailure): StreamEvent[] {
    const end = this.#reader.end();
    if (end === null) return [failed(failure)];
    const rest = this.#reader.rest?.() ?? [];
    const last = rest.find(isTerminal) ?? end;
    return [...rest.filter((event) => !isTerminal(event)), last];
  }

  /** The events that the next piece of the body completes. */
  async #readPiece(body: Body): Promise<StreamEvent[]> {
    const idle_ms = this.#idle_timeout_ms;
    const silence_ms = this.#expected() === 'nothing' ? Math.min(idle_ms, AFTER_END_MS) : idle_ms;
    const piece = await this.#watch.wait(body.read(), silence_ms);
    if (piece.is === 'stopped') return this.#endBy(piece.failure);
    if (piece.is === 'error') return this.#endBy(cutOff(piece.error));
    const { done, value } = piece.value;
    if (!done && this.#beginsWhole(value)) return this.#readWhole(body, value);
    try {
      const events = this.#eventsOf(done ? this.#cutter.end() : this.#cutter.cut(value));
      return done && !events.some(isTerminal) ? [...events, ...this.#endOfBody()] : events;
    } catch (error) {
      return this.#endBy(cutOff(error));
    }
  }

  /** True for the first piece of an answer in one piece. Its label can be wrong, so its first byte decides. */
  #beginsWhole(piece: Uint8Array): boolean {
    if (!this.#isUntold) return false;
    const first = firstByteOf(piece);
    if (first === undefined) return this.isWhole;
    this.#isUntold = false;
    this.isWhole = beginsJson(first);
    return this.isWhole;
  }

  #eventsOf(frames: Frame[]): StreamEvent[] {
    const events: StreamEvent[] = [];
    for (const frame of frames) {
      this.#isEmpty = false;
      for (const event of this.#reader.read(frame)) {
        events.push(event);
        if (isTerminal(event)) return events;
      }
    }
    return events;
  }

  /** The end of a body: of the answer, if it had ended. */
  #endOfBody(): StreamEvent[] {
    return this.#endOr(this.#isEmpty ? invalidResponse('The answer holds no events') : cutOff(null));
  }

  /** Ends the call with its terminal event, from whose message what is secret is removed. */
  #end(event: StreamEvent): StreamEvent {
    this.#hasEnded = true;
    if (event.type !== 'failed') {
      void this.#drain();
      return event;
    }
    const { credential, settings } = this.#target;
    this.#close();
    return failed(redactFailure(event.failure, credential, settings?.extra_headers));
  }

  /** Reads the body of a complete answer to its end, so that its connection can carry another call, or closes it. */
  async #drain(): Promise<void> {
    const body = this.#body;
    const rest = body === null ? null : await this.#watch.wait(body.read(), DRAIN_MS);
    if (rest?.is === 'value' && rest.value.done) this.#watch.end();
    else this.#close();
  }

  #close(): void {
    this.#watch.abort();
    this.#body?.cancel().catch(() => {});
  }
}

/**
 * One call to one provider, as a stream: bounded in time, with failures as values and without credentials in their messages.
 * Resolves with the first event at hand, so that a failure before it can lead to another provider.
 */
export async function streamProvider<Frame>(
  target: StreamTarget,
  callerSignal: AbortSignal,
  patience: StreamPatience,
  dialect: StreamDialect<Frame>,
): Promise<StreamStart> {
  if (callerSignal.aborted) return { ok: false, failure: cancelled };
  const watch = new Watch(target.timeout_ms, patience, callerSignal);
  const answer = new Answer(dialect, target, watch, patience.idle_timeout_ms);
  const first = await answer.first();
  watch.begun();
  return first.type === 'failed'
    ? { ok: false, failure: first.failure, asked_whole: answer.isWhole }
    : { ok: true, events: { [Symbol.asyncIterator]: () => answer }, in_one_piece: answer.isWhole };
}
