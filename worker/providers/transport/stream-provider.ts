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
import { eventsOfCompletion, type FrameCutter, failed, jsonOf, type StreamReader } from './stream-reader.ts';
import { Watch } from './watch.ts';

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

type Body = ReadableStreamDefaultReader<Uint8Array>;

const isTerminal = ({ type }: StreamEvent): boolean => type === 'done' || type === 'failed';

/**
 * The time for a server to report the usage after the answer has ended, in milliseconds. Some servers close the connection
 * late, or never.
 */
const AFTER_END_MS = 5_000;

/** The time for a server to end the body of an answer that is complete, in milliseconds. Its connection is closed otherwise. */
const DRAIN_MS = 1_000;

/** The body as text. The fetch that opened it bounds its length. */
async function textOfBody(body: Body): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  while (true) {
    const { done, value } = await body.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * The events of one call, up to the terminal one. The body is read only when an event is requested and none is at hand. `return`
 * also works while an event is awaited: it ends that wait.
 */
class Answer<Frame> implements AsyncIterator<StreamEvent, void> {
  /** True if the answer was sent in one piece. */
  isWhole = false;
  readonly #dialect: StreamDialect<Frame>;
  readonly #credential: CredentialFields;
  readonly #watch: Watch;
  readonly #idle_timeout_ms: number;
  readonly #cutter: FrameCutter<Frame>;
  readonly #reader: StreamReader<Frame>;
  #body: Body | null = null;
  #isEmpty = true;
  /** Events that were read and not yet taken. */
  #atHand: StreamEvent[] = [];
  /** True once the terminal event was read, or the answer was left. */
  #hasEnded = false;

  constructor(
    dialect: StreamDialect<Frame>,
    credential: CredentialFields,
    watch: Watch,
    idle_timeout_ms: number,
  ) {
    this.#dialect = dialect;
    this.#credential = credential;
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

  /** Makes the call. Returns the events of an answer in one piece, and none for a stream: they are read from its body. */
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
    return this.isWhole ? this.#readWhole(body) : [];
  }

  /** The events of a body that is labelled as JSON: an answer in one piece or, when the label is wrong, a streamed one. */
  async #readWhole(body: Body): Promise<StreamEvent[]> {
    const text = await this.#watch.wait(textOfBody(body), null);
    if (text.is === 'stopped') return [failed(text.failure)];
    if (text.is === 'error') return [failed(cutOff(text.error))];
    const json = jsonOf(text.value);
    if (json === undefined) {
      this.#body = new Blob([text.value]).stream().getReader();
      return [];
    }
    const whole = this.#dialect.readWhole(json);
    return whole.ok ? eventsOfCompletion(whole.completion) : [failed(whole.failure)];
  }

  /** The events that the next piece of the body completes. */
  async #readPiece(body: Body): Promise<StreamEvent[]> {
    const idle_ms = this.#idle_timeout_ms;
    const silence_ms = this.#reader.end() === null ? idle_ms : Math.min(idle_ms, AFTER_END_MS);
    const piece = await this.#watch.wait(body.read(), silence_ms);
    if (piece.is === 'stopped') return [this.#reader.end() ?? failed(piece.failure)];
    if (piece.is === 'error') return [this.#reader.end() ?? failed(cutOff(piece.error))];
    const { done, value } = piece.value;
    try {
      const events = this.#eventsOf(done ? this.#cutter.end() : this.#cutter.cut(value));
      return done && !events.some(isTerminal) ? [...events, this.#endOfBody()] : events;
    } catch (error) {
      return [this.#reader.end() ?? failed(cutOff(error))];
    }
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

  /** The terminal event when nothing follows. An answer that had ended is complete. */
  #endOfBody(): StreamEvent {
    const failure = this.#isEmpty ? invalidResponse('The answer holds no events') : cutOff(null);
    return this.#reader.end() ?? failed(failure);
  }

  /** Ends the call with its terminal event, from whose message the credential is removed. */
  #end(event: StreamEvent): StreamEvent {
    this.#hasEnded = true;
    if (event.type !== 'failed') {
      void this.#drain();
      return event;
    }
    this.#close();
    return failed(redactFailure(event.failure, this.#credential));
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
  { credential, timeout_ms }: AdapterTarget<CredentialFields>,
  callerSignal: AbortSignal,
  patience: StreamPatience,
  dialect: StreamDialect<Frame>,
): Promise<StreamStart> {
  if (callerSignal.aborted) return { ok: false, failure: cancelled };
  const watch = new Watch(timeout_ms, patience, callerSignal);
  const answer = new Answer(dialect, credential, watch, patience.idle_timeout_ms);
  const first = await answer.first();
  watch.begun();
  return first.type === 'failed'
    ? { ok: false, failure: first.failure, asked_whole: answer.isWhole }
    : { ok: true, events: { [Symbol.asyncIterator]: () => answer } };
}
