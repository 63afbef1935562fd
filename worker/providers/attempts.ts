import type { Attempt, ProviderKind } from '../../contracts/usage.ts';
import { type Breaker, CLOSED, onAnswer, onAttempt, onFailure } from './breaker.ts';
import { type GiveUpReason, nextStep } from './failover.ts';
import type { Completion, ProviderFailure, ProviderResult } from './provider.ts';

/** One way to answer, as the loop sees it. Callers add what their `call` needs. */
export type AttemptCandidate = {
  /** Provider id and key version: candidates that share a credential share its breaker, and a new key starts afresh. */
  breaker_key: string;
  provider_kind: ProviderKind;
  provider_name: string;
  provider_model: string;
};

/** Where breakers live: a Map of the isolate. A credential that answers is forgotten, so it stays small. */
export type BreakerStore = Pick<Map<string, Breaker>, 'get' | 'set' | 'delete'>;

type AttemptsPlan<Candidate extends AttemptCandidate> = {
  /** In priority order. */
  candidates: readonly Candidate[];
  /** No attempt starts so late, or lasts so long, that it would end after this. */
  deadline_ms: number;
  attempt_timeout_ms: number;
  /** The caller's: aborting it ends the running attempt and the loop. */
  signal: AbortSignal;
  breakers: BreakerStore;
  /** Calls the candidate, for at most `timeout_ms`. A failure is a value; an exception is a bug and ends the loop. */
  call: (candidate: Candidate, timeout_ms: number, signal: AbortSignal) => Promise<ProviderResult>;
  now: () => number;
};

/** How it ended: who answered what, or why nobody did. Every call that was made is in `attempts`. */
export type AttemptsOutcome<Candidate> =
  | { ok: true; candidate: Candidate; completion: Completion; attempts: Attempt[] }
  | {
      ok: false;
      reason: GiveUpReason | 'cancelled';
      /** How the last attempt failed; null when none was made. */
      failure: ProviderFailure | null;
      attempts: Attempt[];
    };

function remember(breakers: BreakerStore, breaker_key: string, breaker: Breaker): void {
  if (breaker.state === 'closed' && breaker.failures === 0) breakers.delete(breaker_key);
  else breakers.set(breaker_key, breaker);
}

function recordOf(
  candidate: AttemptCandidate,
  started_at_ms: number,
  ended_at_ms: number,
  failure: ProviderFailure | null,
): Attempt {
  const { provider_kind, provider_name, provider_model } = candidate;
  const latency_ms = Math.max(0, ended_at_ms - started_at_ms);
  return { provider_kind, provider_name, provider_model, started_at_ms, latency_ms, failure };
}

/**
 * Asks the candidates, one after the other and without waiting in between, until one answers or failover.ts gives up.
 * One reservation covers all of it.
 */
export async function runAttempts<Candidate extends AttemptCandidate>(
  plan: AttemptsPlan<Candidate>,
): Promise<AttemptsOutcome<Candidate>> {
  const { candidates, signal, breakers, call, now } = plan;
  const breakerOf = (candidate: Candidate) => breakers.get(candidate.breaker_key) ?? CLOSED;
  const attempts: Attempt[] = [];
  const attempted: number[] = [];
  let failure: ProviderFailure | null = null;
  while (true) {
    if (signal.aborted) return { ok: false, reason: 'cancelled', failure, attempts };
    const started_at_ms = now();
    const step = nextStep({
      breakers: candidates.map(breakerOf),
      attempted,
      last_failure: failure,
      attempt_timeout_ms: plan.attempt_timeout_ms,
      deadline_ms: plan.deadline_ms,
      now_ms: started_at_ms,
    });
    if (step.do === 'give_up') return { ok: false, reason: step.reason, failure, attempts };
    const candidate = candidates[step.candidate];
    if (candidate === undefined) throw new Error(`There is no candidate ${step.candidate}`);
    remember(
      breakers,
      candidate.breaker_key,
      onAttempt(breakerOf(candidate), started_at_ms, step.timeout_ms),
    );
    const result = await call(candidate, step.timeout_ms, signal);
    const ended_at_ms = now();
    attempted.push(step.candidate);
    failure = result.ok ? null : result.failure;
    attempts.push(recordOf(candidate, started_at_ms, ended_at_ms, failure));
    if (result.ok) {
      remember(breakers, candidate.breaker_key, onAnswer(breakerOf(candidate), started_at_ms));
      return { ok: true, candidate, completion: result.completion, attempts };
    }
    // A call the caller cancelled says nothing about the provider.
    if (signal.aborted) return { ok: false, reason: 'cancelled', failure: result.failure, attempts };
    remember(
      breakers,
      candidate.breaker_key,
      onFailure(breakerOf(candidate), result.failure, started_at_ms, ended_at_ms),
    );
  }
}
