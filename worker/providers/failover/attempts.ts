import type { Attempt, ProviderKind } from '../../../contracts/usage.ts';
import type { Completion, ProviderFailure, ProviderResult } from '../provider.ts';
import { wasCancelled } from '../transport/failure.ts';
import { type Breaker, CLOSED, onAnswer, onAttempt, onFailure } from './breaker.ts';
import { type GiveUpReason, nextStep } from './failover.ts';

/** One way to answer, as the loop sees it. Callers add what their `call` needs. */
export type AttemptCandidate = {
  /** Provider id and key version: candidates that share a credential share its breaker, and a new key starts afresh. */
  breaker_key: string;
  provider_id: string;
  provider_kind: ProviderKind;
  provider_name: string;
  provider_model: string;
  context_window_tokens: number;
};

/** Where breakers live: a Map of the isolate. A credential that answers is forgotten, so it stays small. */
export type BreakerStore = Pick<Map<string, Breaker>, 'get' | 'set' | 'delete'>;

/** What every series of attempts needs, whether its answer comes in one piece or as a stream. */
export type FailoverPlan<Candidate extends AttemptCandidate> = {
  /** In priority order. */
  candidates: readonly Candidate[];
  /** No attempt starts so late, or lasts so long, that it would end after this. */
  deadline_ms: number;
  /** How long an attempt may take to answer; a stream, to begin. */
  attempt_timeout_ms: number;
  /** The caller's: aborting it ends the running attempt and the loop. */
  signal: AbortSignal;
  /** Whether nobody waits any more. The running attempt may still tell what it used; none is begun. */
  hasLeft?: () => boolean;
  breakers: BreakerStore;
  now: () => number;
};

/** A call that ended because nobody waited any more. */
export type CutShort<Candidate> = {
  candidate: Candidate;
  /** What it had said by then, which nobody heard; null when that is not known. */
  output_bytes: number | null;
};

/** Nobody answered, and why. Every call that was made is in `attempts`. */
export type NoAnswer<Candidate> = {
  ok: false;
  reason: GiveUpReason | 'cancelled';
  /** How the last attempt failed; null when none was made. */
  failure: ProviderFailure | null;
  attempts: Attempt[];
  /** The call that was running when nobody waited any more; null when none was. */
  cut_short: CutShort<Candidate> | null;
};

/** What one attempt came to; `output_bytes` null where it is not known what a failed one said. */
type AttemptResult<Answer> =
  | { ok: true; answer: Answer }
  | { ok: false; failure: ProviderFailure; output_bytes: number | null };

type FirstAnswer<Candidate, Answer> =
  /** `attempts` are the ones before, which failed; the answering one began at `started_at_ms`. */
  | { ok: true; candidate: Candidate; answer: Answer; started_at_ms: number; attempts: Attempt[] }
  | NoAnswer<Candidate>;

/** The breaker of a candidate's credential. */
export function updateBreaker(
  breakers: BreakerStore,
  { breaker_key }: AttemptCandidate,
  change: (breaker: Breaker) => Breaker,
): void {
  const breaker = change(breakers.get(breaker_key) ?? CLOSED);
  if (breaker.state === 'closed' && breaker.failures === 0) breakers.delete(breaker_key);
  else breakers.set(breaker_key, breaker);
}

/** One call as it is written down: whom it asked, how long it took in milliseconds, and how it failed, if it did. */
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
  // What the provider said of it may quote the prompt, and records are for good.
  const { message: _, ...told } = failure;
  return { ...call, failure: told };
}

/**
 * Asks the candidates, one after the other and without waiting in between, until one answers or failover.ts gives up.
 * One reservation covers all of it. Whether the answer speaks for the candidate's credential is the caller's to tell its
 * breaker: a stream has only begun. An exception of `attempt` is a bug and ends the loop.
 */
export async function firstAnswer<Candidate extends AttemptCandidate, Answer>(
  plan: FailoverPlan<Candidate>,
  attempt: (candidate: Candidate, timeout_ms: number) => Promise<AttemptResult<Answer>>,
): Promise<FirstAnswer<Candidate, Answer>> {
  const { candidates, signal, breakers, now } = plan;
  const attempts: Attempt[] = [];
  const attempted: number[] = [];
  let failure: ProviderFailure | null = null;
  const nobody = (
    reason: NoAnswer<Candidate>['reason'],
    cut_short: CutShort<Candidate> | null = null,
  ): NoAnswer<Candidate> => ({ ok: false, reason, failure, attempts, cut_short });
  while (true) {
    if (signal.aborted || plan.hasLeft?.() === true) return nobody('cancelled');
    const started_at_ms = now();
    const step = nextStep({
      breakers: candidates.map(({ breaker_key }) => breakers.get(breaker_key) ?? CLOSED),
      context_windows_tokens: candidates.map(({ context_window_tokens }) => context_window_tokens),
      attempted,
      last_failure: failure,
      attempt_timeout_ms: plan.attempt_timeout_ms,
      deadline_ms: plan.deadline_ms,
      now_ms: started_at_ms,
    });
    if (step.do === 'give_up') return nobody(step.reason);
    const candidate = candidates[step.candidate];
    if (candidate === undefined) throw new Error(`There is no candidate ${step.candidate}`);
    updateBreaker(breakers, candidate, (breaker) => onAttempt(breaker, started_at_ms, step.timeout_ms));
    const result = await attempt(candidate, step.timeout_ms);
    const ended_at_ms = now();
    attempted.push(step.candidate);
    if (result.ok) return { ok: true, candidate, answer: result.answer, started_at_ms, attempts };
    const { failure: failed, output_bytes } = result;
    failure = failed;
    attempts.push(recordOf(candidate, started_at_ms, ended_at_ms, failed));
    // A call the caller cancelled says nothing about the provider.
    if (signal.aborted) return nobody('cancelled', wasCancelled(failed) ? { candidate, output_bytes } : null);
    updateBreaker(breakers, candidate, (breaker) => onFailure(breaker, failed, started_at_ms, ended_at_ms));
  }
}

type AttemptsPlan<Candidate extends AttemptCandidate> = FailoverPlan<Candidate> & {
  /** Calls the candidate, for at most `timeout_ms`. A failure is a value. */
  call: (candidate: Candidate, timeout_ms: number, signal: AbortSignal) => Promise<ProviderResult>;
};

/** How it ended: who answered what, or why nobody did. Every call that was made is in `attempts`. */
export type AttemptsOutcome<Candidate> =
  | { ok: true; candidate: Candidate; completion: Completion; attempts: Attempt[] }
  | NoAnswer<Candidate>;

/** Asks the candidates for an answer in one piece. */
export async function runAttempts<Candidate extends AttemptCandidate>(
  plan: AttemptsPlan<Candidate>,
): Promise<AttemptsOutcome<Candidate>> {
  const outcome = await firstAnswer(plan, async (candidate, timeout_ms) => {
    const result = await plan.call(candidate, timeout_ms, plan.signal);
    return result.ok ? { ok: true, answer: result.completion } : { ...result, output_bytes: null };
  });
  if (!outcome.ok) return outcome;
  const { candidate, answer, started_at_ms, attempts } = outcome;
  updateBreaker(plan.breakers, candidate, (breaker) => onAnswer(breaker, started_at_ms));
  const answered = recordOf(candidate, started_at_ms, plan.now(), null);
  return { ok: true, candidate, completion: answer, attempts: [...attempts, answered] };
}
