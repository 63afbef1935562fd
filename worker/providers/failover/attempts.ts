import type { Attempt, ProviderKind } from '../../../contracts/usage.ts';
import type { ProviderFailure } from '../provider.ts';
import { wasCancelled } from '../transport/failure.ts';
import type { Breakers } from './breakers.ts';
import { type GiveUpReason, nextStep } from './failover.ts';

/** A provider's model that can answer, as failover sees it. Callers add the fields that their `call` needs. */
export type AttemptCandidate = {
  /** Provider id and key version. Candidates that share a credential share its breaker; a new key gets a new breaker. */
  breaker_key: string;
  provider_id: string;
  provider_kind: ProviderKind;
  provider_name: string;
  provider_model: string;
  /** The name of the model that it serves. Further models of a request follow the first one. */
  public_name: string;
  context_window_tokens: number;
  /** Longest time, in milliseconds, until a call's first event. */
  first_event_timeout_ms: number;
  /** Longest time of an answer that is held back to its end, in milliseconds. */
  whole_timeout_ms: number;
  /** Longest silence within an answer, in milliseconds. */
  idle_timeout_ms: number;
};

/** The candidates and limits of a series of attempts. Times are epoch milliseconds. */
export type FailoverPlan<Candidate extends AttemptCandidate> = {
  /** In priority order. */
  candidates: readonly Candidate[];
  /** No attempt starts or lasts beyond this time. */
  deadline_ms: number;
  /** The caller's signal. Aborting it ends the running attempt and the series. */
  signal: AbortSignal;
  /** Returns true once the client has left. The running attempt may finish to report its usage; no other begins. */
  hasLeft?: () => boolean;
  /** As the caller's tenant finds them. */
  breakers: Breakers;
  now: () => number;
};

/** The attempt that was running when the caller cancelled the series. */
export type CancelledAttempt<Candidate> = {
  candidate: Candidate;
  /** Bytes of output received by then, none of which was delivered; null if unknown. */
  output_bytes: number | null;
};

/** No candidate answered. `attempts` holds every call that was made. */
export type NoAnswer<Candidate> = {
  ok: false;
  reason: GiveUpReason | 'cancelled';
  /** Failure of the last attempt; null if no attempt was made. */
  failure: ProviderFailure | null;
  attempts: Attempt[];
  /** Null if no attempt was running when the caller cancelled. */
  cancelled_attempt: CancelledAttempt<Candidate> | null;
};

/** Result of one attempt. `output_bytes` is null if the size of a failed answer is unknown. */
type AttemptResult<Answer> =
  | { ok: true; answer: Answer }
  | { ok: false; failure: ProviderFailure; output_bytes: number | null };

type FirstAnswer<Candidate, Answer> =
  /** `attempts` holds the failed attempts before this one, which began at `started_at_ms`. */
  | { ok: true; candidate: Candidate; answer: Answer; started_at_ms: number; attempts: Attempt[] }
  | NoAnswer<Candidate>;

/** Returns the record of one call: its provider, its duration in milliseconds, and its failure or null. */
export function recordOf(
  candidate: AttemptCandidate,
  started_at_ms: number,
  ended_at_ms: number,
  failure: ProviderFailure | null,
): Attempt {
  const { provider_id, provider_kind, provider_name, provider_model } = candidate;
  const latency_ms = Math.max(0, ended_at_ms - started_at_ms);
  const call = { provider_id, provider_kind, provider_name, provider_model, started_at_ms, latency_ms };
  if (failure === null) return { ...call, failure };
  // A provider's message may quote the prompt, and records are immutable.
  const { message: _, ...recorded } = failure;
  return { ...call, failure: recorded };
}

/**
 * Calls the candidates one after the other, without a pause, until one answers or failover.ts gives up. One reservation
 * covers all attempts. The caller closes the breaker of the candidate that answers, since its stream has only begun. An
 * exception of `attempt` is a bug and ends the series.
 */
export async function firstAnswer<Candidate extends AttemptCandidate, Answer>(
  plan: FailoverPlan<Candidate>,
  attempt: (candidate: Candidate, timeout_ms: number) => Promise<AttemptResult<Answer>>,
): Promise<FirstAnswer<Candidate, Answer>> {
  const { candidates, signal, breakers, now } = plan;
  const attempts: Attempt[] = [];
  const attempted: number[] = [];
  let failure: ProviderFailure | null = null;
  const noAnswer = (
    reason: NoAnswer<Candidate>['reason'],
    cancelled_attempt: CancelledAttempt<Candidate> | null = null,
  ): NoAnswer<Candidate> => ({ ok: false, reason, failure, attempts, cancelled_attempt });
  while (true) {
    if (signal.aborted || plan.hasLeft?.() === true) return noAnswer('cancelled');
    const started_at_ms = now();
    const step = nextStep({
      breakers: candidates.map(({ breaker_key }) => breakers.of(breaker_key, started_at_ms)),
      models: candidates.map(({ public_name }) => public_name),
      context_windows_tokens: candidates.map(({ context_window_tokens }) => context_window_tokens),
      attempted,
      last_failure: failure,
      attempt_timeouts_ms: candidates.map(({ first_event_timeout_ms }) => first_event_timeout_ms),
      deadline_ms: plan.deadline_ms,
      now_ms: started_at_ms,
    });
    if (step.do === 'give_up') return noAnswer(step.reason);
    const candidate = candidates[step.candidate];
    if (candidate === undefined) throw new Error(`There is no candidate ${step.candidate}`);
    breakers.attempted(candidate.breaker_key, started_at_ms, step.timeout_ms);
    const result = await attempt(candidate, step.timeout_ms);
    const ended_at_ms = now();
    attempted.push(step.candidate);
    if (result.ok) return { ok: true, candidate, answer: result.answer, started_at_ms, attempts };
    const { failure: failed, output_bytes } = result;
    failure = failed;
    attempts.push(recordOf(candidate, started_at_ms, ended_at_ms, failed));
    // A call that the caller cancelled says nothing about the provider.
    if (signal.aborted)
      return noAnswer('cancelled', wasCancelled(failed) ? { candidate, output_bytes } : null);
    breakers.failed(candidate.breaker_key, failed, started_at_ms, ended_at_ms);
  }
}
