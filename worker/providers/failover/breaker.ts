import type { ProviderFailure } from '../provider.ts';

/**
 * A circuit breaker per provider credential: it stops us from sending request after request to a provider that told us,
 * or showed us, that it cannot answer. Pure: the caller keeps the state and brings the time. Times are epoch
 * milliseconds.
 */
export type Breaker =
  /** Answering, or not failing often enough: `failures` in a row, the first of them at `first_failure_ms`. */
  | { state: 'closed'; failures: number; first_failure_ms: number }
  /** Left alone until `until_ms`. `openings` counts how often it opened in a row. */
  | { state: 'open'; opened_ms: number; until_ms: number; openings: number }
  /** One attempt is finding out whether it answers again; if that never reports, another may from `until_ms` on. */
  | { state: 'half_open'; opened_ms: number; until_ms: number; openings: number };

/** Failures by which a provider refuses a request that it understood. */
const refusals = new Set<ProviderFailure['kind']>(['invalid_request', 'context_length', 'content_filter']);

/** True for a failure that shows that the credential answers. */
export const isRefusal = ({ kind }: Pick<ProviderFailure, 'kind'>): boolean => refusals.has(kind);

/** The breaker of a credential without failures. */
export const CLOSED: Breaker = { state: 'closed', failures: 0, first_failure_ms: 0 };

/** This many failures in a row, within the window, open the breaker. */
export const FAILURES_TO_OPEN = 3;
/** Time from the first failure in a row during which further ones are counted with it. */
export const FAILURE_WINDOW_MS = 30_000;
/** Duration of the first opening. Each further one in a row lasts twice as long, up to the maximum. */
export const FIRST_COOLDOWN_MS = 5_000;
/** Longest cooldown, even if a Retry-After is longer: a limit can be lifted sooner. */
export const COOLDOWN_MS_MAX = 60_000;

/** Returns true if other credentials are tried first: the breaker is open, or half open while its probe runs. */
export const isCoolingDown = (breaker: Breaker, now_ms: number): boolean =>
  breaker.state !== 'closed' && now_ms < breaker.until_ms;

/** Returns the time from which the credential can be tried, in epoch milliseconds; a time in the past means now. */
export const availableFromMs = (breaker: Breaker): number =>
  breaker.state === 'closed' ? 0 : breaker.until_ms;

/** An attempt of at most `timeout_ms` starts: after a cooldown it is the one probe, and others keep away until it ends. */
export function onAttempt(breaker: Breaker, now_ms: number, timeout_ms: number): Breaker {
  if (breaker.state === 'closed' || isCoolingDown(breaker, now_ms)) return breaker;
  return { ...breaker, state: 'half_open', until_ms: now_ms + timeout_ms };
}

/**
 * The credential answered an attempt that started at `started_ms`. An answer to an attempt from before the breaker
 * opened is old news and does not close it.
 */
export function onAnswer(breaker: Breaker, started_ms: number): Breaker {
  return breaker.state !== 'closed' && started_ms < breaker.opened_ms ? breaker : CLOSED;
}

function opened(breaker: Breaker, now_ms: number, retry_after_ms: number | null): Breaker {
  const openings = breaker.state === 'closed' ? 1 : breaker.openings + 1;
  const cooldown_ms = retry_after_ms ?? FIRST_COOLDOWN_MS * 2 ** Math.min(openings - 1, 10);
  const until_ms = now_ms + Math.min(cooldown_ms, COOLDOWN_MS_MAX);
  const stays_until_ms = breaker.state === 'open' ? Math.max(breaker.until_ms, until_ms) : until_ms;
  return { state: 'open', opened_ms: now_ms, until_ms: stays_until_ms, openings };
}

/**
 * An attempt that started at `started_ms` failed. A refused credential opens the breaker for the longest time, a provider
 * that asks to be left alone for as long as it asks; other failures open it when they come in a burst, or when the
 * failed attempt was the probe. A request the provider understood and refused shows that the credential answers.
 */
export function onFailure(
  breaker: Breaker,
  failure: ProviderFailure,
  started_ms: number,
  now_ms: number,
): Breaker {
  if (isRefusal(failure)) return onAnswer(breaker, started_ms);
  if (failure.kind === 'authentication') return opened(breaker, now_ms, COOLDOWN_MS_MAX);
  if (failure.retry_after_ms !== null && failure.retry_after_ms > 0) {
    return opened(breaker, now_ms, failure.retry_after_ms);
  }
  // An attempt that began before the breaker opened belongs to the burst that opened it.
  if (breaker.state !== 'closed')
    return started_ms < breaker.opened_ms ? breaker : opened(breaker, now_ms, null);
  const sameBurst = breaker.failures > 0 && now_ms - breaker.first_failure_ms <= FAILURE_WINDOW_MS;
  const failures = sameBurst ? breaker.failures + 1 : 1;
  if (failures >= FAILURES_TO_OPEN) return opened(breaker, now_ms, null);
  return { state: 'closed', failures, first_failure_ms: sameBurst ? breaker.first_failure_ms : now_ms };
}
