import type { ProviderFailure } from '../provider.ts';
import { availableFromMs, type Breaker, isCoolingDown } from './breaker.ts';

/**
 * Which provider to try next, and when to give up. Pure: table-tested, no clock, no I/O. Candidates are known by their
 * place in priority order.
 */

/** At most this many provider calls for one execution, and one more for each further model of the request. */
export const ATTEMPTS_MAX = 3;
/** With less time left than this, an attempt would only end as one more timeout. */
export const ATTEMPT_TIMEOUT_MS_MIN = 1_000;

/** Everything the decision rests on. Times are epoch milliseconds. */
export type FailoverSituation = {
  /** One per candidate, in priority order. Candidates that share a credential share its breaker. */
  breakers: readonly Breaker[];
  /** The name of the model that each candidate serves. Those of one model follow each other. */
  models: readonly string[];
  /** Context window of each candidate's model in tokens, for prompt and answer together. */
  context_windows_tokens: readonly number[];
  /** The candidates attempted so far, in that order. */
  attempted: readonly number[];
  /** Failure of the last attempt; null before the first. */
  last_failure: ProviderFailure | null;
  /** Longest time to begin of each candidate. Less than the whole budget, or a provider that hangs leaves nothing for the next. */
  attempt_timeouts_ms: readonly number[];
  deadline_ms: number;
  now_ms: number;
};

/**
 * not_retryable: the request itself was refused. attempts_exhausted: the most attempts were made. candidates_exhausted:
 * every candidate was attempted, or the rest are cooling down. deadline_reached: too little time for another attempt.
 * context_too_long: no candidate is left whose context window is larger than the one that was too small.
 */
export type GiveUpReason =
  | 'no_candidates'
  | 'not_retryable'
  | 'context_too_long'
  | 'attempts_exhausted'
  | 'candidates_exhausted'
  | 'deadline_reached';

export type NextStep =
  | { do: 'attempt'; candidate: number; timeout_ms: number }
  | { do: 'give_up'; reason: GiveUpReason };

const giveUp = (reason: GiveUpReason): NextStep => ({ do: 'give_up', reason });

/** Returns the place of each candidate's model among the models. */
function placesOf(models: readonly string[]): number[] {
  const names = [...new Set(models)];
  return models.map((name) => names.indexOf(name));
}

/**
 * The candidates not attempted yet; after a context window that was too small, those with a larger one. Once a model was left it is not
 * asked again, and one that refused the request is left.
 */
function untriedOf(situation: FailoverSituation): number[] {
  const { breakers, models, context_windows_tokens, attempted, last_failure } = situation;
  const windowOf = (candidate: number | undefined) => context_windows_tokens[candidate ?? -1] ?? 0;
  const tooSmall = last_failure?.kind === 'context_length' ? windowOf(attempted.at(-1)) : 0;
  const places = placesOf(models);
  const asked = places[attempted.at(-1) ?? 0] ?? 0;
  const first = last_failure?.retryable === false ? asked + 1 : asked;
  return breakers
    .map((_, candidate) => candidate)
    .filter(
      (candidate) =>
        !attempted.includes(candidate) &&
        windowOf(candidate) > tooSmall &&
        (places[candidate] ?? 0) >= first &&
        // The attempts of a model leave one to each further model.
        attempted.length < ATTEMPTS_MAX + (places[candidate] ?? 0),
    );
}

/** The first candidate that may be attempted and is not cooling down. When all are cooling down, the first to recover. */
function nextCandidate({ breakers, attempted, now_ms }: FailoverSituation, untried: number[]): number | null {
  const coolingUntil = (candidate: number) => {
    const breaker = breakers[candidate];
    return breaker !== undefined && isCoolingDown(breaker, now_ms) ? availableFromMs(breaker) : 0;
  };
  const [soonest, ...others] = untried;
  if (soonest === undefined) return null;
  const best = others.reduce(
    (best, candidate) => (coolingUntil(candidate) < coolingUntil(best) ? candidate : best),
    soonest,
  );
  // A credential that asked to be left alone is troubled only for an execution that nobody has been asked to answer yet.
  return coolingUntil(best) > 0 && attempted.length > 0 ? null : best;
}

/** Returns the next step: an attempt with its time limit, or the reason to give up. */
export function nextStep(situation: FailoverSituation): NextStep {
  const { breakers, models, attempted, last_failure, attempt_timeouts_ms, deadline_ms, now_ms } = situation;
  if (breakers.length === 0) return giveUp('no_candidates');
  const untried = untriedOf(situation);
  if (last_failure !== null && !last_failure.retryable && untried.length === 0)
    return giveUp('not_retryable');
  const further = new Set(models).size - 1;
  if (attempted.length >= ATTEMPTS_MAX + further) return giveUp('attempts_exhausted');
  if (last_failure?.kind === 'context_length' && untried.length === 0) return giveUp('context_too_long');
  const candidate = nextCandidate(situation, untried);
  if (candidate === null)
    return giveUp(last_failure?.retryable === false ? 'not_retryable' : 'candidates_exhausted');
  const timeout_ms = Math.min(attempt_timeouts_ms[candidate] ?? 0, deadline_ms - now_ms);
  if (timeout_ms < ATTEMPT_TIMEOUT_MS_MIN) return giveUp('deadline_reached');
  return { do: 'attempt', candidate, timeout_ms };
}
