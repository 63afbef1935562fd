import type { Attempt } from '../../../contracts/usage.ts';
import { eventBytes } from '../metering/token-bound.ts';
import type { ProviderFailure, StreamEvent, StreamPatience, StreamStart } from '../provider.ts';
import { cancelled } from '../transport/failure.ts';
import {
  type AttemptCandidate,
  type FailoverPlan,
  firstAnswer,
  type NoAnswer,
  recordOf,
  updateBreaker,
} from './attempts.ts';
import { onAnswer, onFailure } from './breaker.ts';

/** How long a streamed call may take: as a whole, to its first event, and between events. */
type StreamTimeouts = StreamPatience & { timeout_ms: number };

type StreamPlan<Candidate extends AttemptCandidate> = FailoverPlan<Candidate> & {
  /** How long a stream that has begun may stay silent. */
  idle_timeout_ms: number;
  /**
   * Whether whoever listens hears what a model thinks. If not, a stream has begun for them with its first word or call, and one that
   * fails before still leads to the next candidate.
   */
  hears_reasoning: boolean;
  /** Begins a stream. A failure before its first event is a value. */
  call: (candidate: Candidate, timeouts: StreamTimeouts, signal: AbortSignal) => Promise<StreamStart>;
};

/**
 * A stream that has begun, or why none did. `events` ends with one terminal event and can be left at any time. The attempt
 * that streams is added to `attempts` when it has ended, in whatever way: read them after the events.
 */
export type StreamOutcome<Candidate> =
  | { ok: true; candidate: Candidate; events: AsyncIterable<StreamEvent>; attempts: Attempt[] }
  | NoAnswer<Candidate>;

/** More thought than this is not held back: an isolate has other uses for its memory. */
const REASONING_HELD_BYTES_MAX = 262_144;

/** A stream that has begun for its listener, or failed before, when it may have thought for so many bytes. */
type Beginning =
  | { ok: true; answer: AsyncIterable<StreamEvent> }
  | { ok: false; failure: ProviderFailure; output_bytes: number };

/** The events read already, then the rest, which is left when the whole is. */
function resumed(
  read: readonly StreamEvent[],
  rest: AsyncIterator<StreamEvent, void>,
): AsyncIterable<StreamEvent> {
  const unread = [...read];
  const iterator: AsyncIterator<StreamEvent, void> = {
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

/** Reads on over thoughts, to the first event that is none. */
async function beginning(events: AsyncIterable<StreamEvent>): Promise<Beginning> {
  const rest = events[Symbol.asyncIterator]();
  let thought = '';
  let output_bytes = 0;
  while (true) {
    const { done, value } = await rest.next();
    if (done === true) throw new Error('A stream ended without a terminal event');
    if (value.type === 'failed') return { ok: false, failure: value.failure, output_bytes };
    if (value.type !== 'reasoning') {
      const before: StreamEvent[] = thought === '' ? [] : [{ type: 'reasoning', text: thought }];
      return { ok: true, answer: resumed([...before, value], rest) };
    }
    thought += value.text;
    output_bytes += eventBytes(value);
    if (output_bytes > REASONING_HELD_BYTES_MAX)
      return { ok: true, answer: resumed([{ type: 'reasoning', text: thought }], rest) };
  }
}

/** The same events, unhurried and unbuffered. `onEnd` hears once how they ended; leaving them early is a cancellation. */
function watched(
  events: AsyncIterable<StreamEvent>,
  onEnd: (failure: ProviderFailure | null) => void,
): AsyncIterable<StreamEvent> {
  const source = events[Symbol.asyncIterator]();
  let hasEnded = false;
  const end = (failure: ProviderFailure | null) => {
    if (!hasEnded) onEnd(failure);
    hasEnded = true;
  };
  const iterator: AsyncIterator<StreamEvent, void> = {
    async next() {
      const { done, value } = await source.next();
      if (done === true) return { done, value: undefined };
      if (value.type === 'done') end(null);
      if (value.type === 'failed') end(value.failure);
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

/**
 * Asks the candidates for a stream. Until one begins, failures lead to the next candidate as they do for answers in one
 * piece; after it the stream is the caller's, and a failure is its terminal event: what was said cannot be taken back, and a
 * second beginning would be another answer.
 */
export async function runStream<Candidate extends AttemptCandidate>(
  plan: StreamPlan<Candidate>,
): Promise<StreamOutcome<Candidate>> {
  const { deadline_ms, idle_timeout_ms, hears_reasoning, signal, breakers, now } = plan;
  const outcome = await firstAnswer(plan, async (candidate, first_event_timeout_ms) => {
    const timeouts = { timeout_ms: deadline_ms - now(), first_event_timeout_ms, idle_timeout_ms };
    const start = await plan.call(candidate, timeouts, signal);
    if (!start.ok) {
      const { failure, asked_whole = false } = start;
      return { ok: false, failure, output_bytes: asked_whole ? null : 0 };
    }
    return hears_reasoning ? { ok: true, answer: start.events } : beginning(start.events);
  });
  if (!outcome.ok) return outcome;
  const { candidate, started_at_ms, attempts } = outcome;
  const events = watched(outcome.answer, (failure) => {
    const ended_at_ms = now();
    attempts.push(recordOf(candidate, started_at_ms, ended_at_ms, failure));
    // Who cancelled says nothing about the provider. A provider whose streams begin and always break is spared as well,
    // so only the end of one is an answer.
    if (failure === cancelled || (failure !== null && signal.aborted)) return;
    updateBreaker(breakers, candidate, (breaker) =>
      failure === null
        ? onAnswer(breaker, started_at_ms)
        : onFailure(breaker, failure, started_at_ms, ended_at_ms),
    );
  });
  return { ok: true, candidate, events, attempts };
}
