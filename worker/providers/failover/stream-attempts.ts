import type { Attempt } from '../../../contracts/usage.ts';
import type { ProviderFailure } from '../provider.ts';
import { cancelled } from '../transport/failure.ts';
import {
  type AttemptCandidate,
  type FailoverPlan,
  firstAnswer,
  type NoAnswer,
  recordOf,
} from './attempts.ts';
import {
  isDone,
  isFailed,
  type PieceRules,
  type StreamTimeouts,
  type TaskEvent,
  type TaskStream,
  type Typed,
} from './task-stream.ts';

/**
 * The point from which a failure no longer leads to the next candidate, because the client has received something.
 * `live`: the first piece of the answer or of reasoning. `live_content`: the first piece of the answer; reasoning before it is held back. `whole`: the end of the
 * answer; all of it is held back.
 */
export type Delivery = 'live' | 'live_content' | 'whole';

type StreamPlan<Candidate extends AttemptCandidate, Piece extends Typed> = FailoverPlan<Candidate> & {
  delivery: Delivery;
  pieces: PieceRules<Piece>;
  /** Most bytes of a whole answer. A longer one is delivered as far as it came, and can be left there. */
  answer_bytes_max: number;
  /** Opens a stream. A failure before its first event is a value. */
  call: (candidate: Candidate, timeouts: StreamTimeouts, signal: AbortSignal) => Promise<TaskStream<Piece>>;
};

/**
 * A stream that has begun, or no answer. `events` ends with one terminal event and can be left at any time. The attempt that streams
 * is added to `attempts` when it has ended: read them after the events.
 */
export type StreamOutcome<Candidate, Piece extends Typed> =
  | { ok: true; candidate: Candidate; events: AsyncIterable<TaskEvent<Piece>>; attempts: Attempt[] }
  | NoAnswer<Candidate>;

/** Most bytes of reasoning that are held back: an isolate has 128 MB for all its requests. */
const REASONING_HELD_BYTES_MAX = 262_144;

/** A stream that has begun for its client, or the failure before that and the bytes that were held back by then. */
type Beginning<Piece extends Typed> =
  | { ok: true; answer: AsyncIterable<TaskEvent<Piece>> }
  | { ok: false; failure: ProviderFailure; output_bytes: number };

/** Returns the events that were read already, then the rest. Leaving it leaves the rest. */
function resumed<Event>(read: readonly Event[], rest: AsyncIterator<Event, void>): AsyncIterable<Event> {
  const unread = [...read];
  const iterator: AsyncIterator<Event, void> = {
    next: async () => {
      const value = unread.shift();
      return value === undefined ? rest.next() : { done: false, value };
    },
    return: async () => {
      await rest.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** Adds a piece to those held back, merged into the last one if possible, so that many small pieces take little memory. */
function hold<Piece extends Typed>(held: Piece[], piece: Piece, { merge }: PieceRules<Piece>): void {
  const last = held.at(-1);
  const merged = last === undefined ? null : merge(last, piece);
  if (merged === null) held.push(piece);
  else held[held.length - 1] = merged;
}

type Holding<Piece extends Typed> = Pick<
  StreamPlan<AttemptCandidate, Piece>,
  'delivery' | 'pieces' | 'answer_bytes_max'
>;

/** Reads a stream up to the event from which it has begun for its client, and holds back the pieces before it. */
async function begin<Piece extends Typed>(
  events: AsyncIterable<TaskEvent<Piece>>,
  { delivery, pieces, answer_bytes_max }: Holding<Piece>,
): Promise<Beginning<Piece>> {
  const held_bytes_max = delivery === 'whole' ? answer_bytes_max : REASONING_HELD_BYTES_MAX;
  const rest = events[Symbol.asyncIterator]();
  const held: Piece[] = [];
  let output_bytes = 0;
  while (true) {
    const { done, value } = await rest.next();
    if (done === true) throw new Error('A stream ended without a terminal event');
    if (isFailed(value)) return { ok: false, failure: value.failure, output_bytes };
    const isLive = delivery === 'live' && !isDone(value) && pieces.isPrelude?.(value) !== true;
    if (isDone(value) || isLive || (delivery === 'live_content' && pieces.isContent(value)))
      return { ok: true, answer: resumed([...held, value], rest) };
    hold(held, value, pieces);
    output_bytes += pieces.bytesOf(value);
    if (output_bytes > held_bytes_max) return { ok: true, answer: resumed(held, rest) };
  }
}

/** Returns the same events. Calls `onEnd` once with the failure or null; leaving the events early is a cancellation. */
function watched<Piece extends Typed>(
  events: AsyncIterable<TaskEvent<Piece>>,
  onEnd: (failure: ProviderFailure | null) => void,
): AsyncIterable<TaskEvent<Piece>> {
  const source = events[Symbol.asyncIterator]();
  let hasEnded = false;
  const end = (failure: ProviderFailure | null) => {
    if (!hasEnded) onEnd(failure);
    hasEnded = true;
  };
  const iterator: AsyncIterator<TaskEvent<Piece>, void> = {
    async next() {
      const { done, value } = await source.next();
      if (done === true) return { done, value: undefined };
      if (isDone(value)) end(null);
      if (isFailed(value)) end(value.failure);
      return { done: false, value };
    },
    async return() {
      end(cancelled);
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** Time limits of one call to a candidate, which has `first_event_timeout_ms` to begin and may not last beyond the plan's deadline. */
function timeoutsOf(
  {
    delivery,
    deadline_ms,
    now,
  }: Pick<StreamPlan<AttemptCandidate, Typed>, 'delivery' | 'deadline_ms' | 'now'>,
  { whole_timeout_ms, idle_timeout_ms }: AttemptCandidate,
  first_event_timeout_ms: number,
): StreamTimeouts {
  const left_ms = deadline_ms - now();
  const timeout_ms = delivery === 'whole' ? Math.min(whole_timeout_ms, left_ms) : left_ms;
  return { timeout_ms, first_event_timeout_ms, idle_timeout_ms };
}

/**
 * Opens a stream at the first candidate whose stream begins. Until it begins for the client (see {@link Delivery}), a failure leads to
 * the next candidate. After that a failure is the stream's terminal event: the client has received part of an answer, and another
 * candidate would give another answer.
 */
export async function runStream<Candidate extends AttemptCandidate, Piece extends Typed>(
  plan: StreamPlan<Candidate, Piece>,
): Promise<StreamOutcome<Candidate, Piece>> {
  const { signal, breakers, now } = plan;
  const outcome = await firstAnswer(plan, async (candidate, first_event_timeout_ms) => {
    const start = await plan.call(candidate, timeoutsOf(plan, candidate, first_event_timeout_ms), signal);
    if (start.ok) return begin(start.events, plan);
    const { failure, asked_whole = false } = start;
    return { ok: false, failure, output_bytes: asked_whole ? null : 0 };
  });
  if (!outcome.ok) return outcome;
  const { candidate, started_at_ms, attempts } = outcome;
  const events = watched(outcome.answer, (failure) => {
    const ended_at_ms = now();
    attempts.push(recordOf(candidate, started_at_ms, ended_at_ms, failure));
    // A cancelled stream says nothing about the provider. Only a whole stream closes the breaker, so that a provider whose streams
    // begin and always break is skipped as well.
    if (failure === cancelled || (failure !== null && signal.aborted)) return;
    if (failure === null) breakers.answered(candidate.breaker_key, started_at_ms);
    else breakers.failed(candidate.breaker_key, failure, started_at_ms, ended_at_ms);
  });
  return { ok: true, candidate, events, attempts };
}
