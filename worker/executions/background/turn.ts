import type { Attempt } from '../../../contracts/usage.ts';
import type { PlannedCandidate } from '../plan.ts';

/** Longest wait for a provider, even if its Retry-After is longer: a limit can be lifted sooner. */
const RETRY_AFTER_MAX_MS = 300_000;

/** The next candidate, and the milliseconds to wait before its attempt. */
export type NextAttempt<Candidate> = { candidate: Candidate; wait_ms: number };

type Known = { provider: Pick<PlannedCandidate['provider'], 'id'>; provider_model: string };

/** Returns the time at which a candidate can be tried again by its last Retry-After, in epoch milliseconds; 0 without one. */
function readyAtMs({ provider, provider_model }: Known, attempts: readonly Attempt[]): number {
  const last = attempts.findLast(
    (attempt) => attempt.provider_id === provider.id && attempt.provider_model === provider_model,
  );
  const retry_after_ms = last?.failure?.retry_after_ms ?? null;
  if (last === undefined || retry_after_ms === null) return 0;
  return last.started_at_ms + last.latency_ms + Math.min(retry_after_ms, RETRY_AFTER_MAX_MS);
}

/** Returns the candidates of models that have not refused the request. Pure. */
export const notRefused = <Candidate extends Known & { public_name: string }>(
  candidates: readonly Candidate[],
  attempts: readonly Attempt[],
): Candidate[] => {
  const refused = attempts.filter(({ failure }) => failure?.retryable === false);
  const names = candidates.flatMap(({ provider, provider_model, public_name }) =>
    refused.some((one) => one.provider_id === provider.id && one.provider_model === provider_model)
      ? [public_name]
      : [],
  );
  return candidates.filter(({ public_name }) => !names.includes(public_name));
};

/**
 * Returns the candidate of the next attempt: the one after the last, in rotation, unless another one can be tried sooner. Pure: it depends
 * on recorded attempts alone, so every isolate decides the same.
 */
export function turnOf<Candidate extends Known>(
  candidates: readonly [Candidate, ...Candidate[]],
  attempts: readonly Attempt[],
  now_ms: number,
): NextAttempt<Candidate> {
  const first = attempts.length % candidates.length;
  const inTurn = [...candidates.slice(first), ...candidates.slice(0, first)];
  const turns = inTurn.map((candidate) => ({
    candidate,
    wait_ms: Math.max(0, readyAtMs(candidate, attempts) - now_ms),
  }));
  return turns.reduce((best, turn) => (turn.wait_ms < best.wait_ms ? turn : best));
}
