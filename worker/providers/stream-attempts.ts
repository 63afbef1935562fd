import type { Attempt } from '../../contracts/usage.ts';
import {
  type AttemptCandidate,
  type FailoverPlan,
  firstAnswer,
  type NoAnswer,
  recordOf,
  updateBreaker,
} from './attempts.ts';
import { onAnswer, onFailure } from './breaker.ts';
import { cancelled } from './failure.ts';
import type { ProviderFailure, StreamEvent, StreamPatience, StreamStart } from './provider.ts';

/** How long a streamed call may take: as a whole, to its first event, and between events. */
type StreamTimeouts = StreamPatience & { timeout_ms: number };

type StreamPlan<Candidate extends AttemptCandidate> = FailoverPlan<Candidate> & {
  /** How long a stream that has begun may stay silent. */
  idle_timeout_ms: number;
  /** Begins a stream. A failure before its first event is a value. */
  call: (candidate: Candidate, timeouts: StreamTimeouts, signal: AbortSignal) => Promise<StreamStart>;
};

/**
 * A stream that has begun, or why none did. `events` ends with one terminal event and can be left at any time. The attempt
 * that streams is added to `attempts` when it has ended, in whatever way: read them after the events.
 */
export type StreamOutcome<Candidate> =
  | { ok: true; candidate: Candidate; events: AsyncIterable<StreamEvent>; attempts: Attempt[] }
  | NoAnswer;

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
 * Asks the candidates for a stream. Until the first event of one, failures lead to the next candidate as they do for
 * answers in one piece; after it the stream is the caller's, and a failure is its terminal event: what was said cannot be
 * taken back, and a second beginning would be another answer.
 */
export async function runStream<Candidate extends AttemptCandidate>(
  plan: StreamPlan<Candidate>,
): Promise<StreamOutcome<Candidate>> {
  const { deadline_ms, idle_timeout_ms, signal, breakers, now } = plan;
  const outcome = await firstAnswer(plan, async (candidate, first_event_timeout_ms) => {
    const timeouts = { timeout_ms: deadline_ms - now(), first_event_timeout_ms, idle_timeout_ms };
    const start = await plan.call(candidate, timeouts, signal);
    return start.ok ? { ok: true, answer: start.events } : start;
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
