import type { Attempt } from '../../../contracts/usage.ts';
import type { PlannedCandidate } from '../plan.ts';

/** The longest a provider is left alone, whatever it asks for: limits may heal sooner. */
const RETRY_AFTER_MAX_MS = 300_000;

/** Whose turn it is, and how long to wait until it may be asked, in milliseconds. */
export type Turn<Candidate> = { candidate: Candidate; wait_ms: number };

type Known = { provider: Pick<PlannedCandidate['provider'], 'id'>; provider_model: string };

/** When a candidate may be asked again, by what it asked for when it failed last; 0 when it did not ask to be left alone. */
function readyAtMs({ provider, provider_model }: Known, attempts: readonly Attempt[]): number {
  const last = attempts.findLast(
    (attempt) => attempt.provider_id === provider.id && attempt.provider_model === provider_model,
  );
  const retry_after_ms = last?.failure?.retry_after_ms ?? null;
  if (last === undefined || retry_after_ms === null) return 0;
  return last.started_at_ms + last.latency_ms + Math.min(retry_after_ms, RETRY_AFTER_MAX_MS);
}

/**
 * Which candidate is attempted next: the one after the last, round and round, unless it asked to be left alone for longer than
 * another. Pure: it rests on what is recorded, so any isolate decides alike.
 */
export function turnOf<Candidate extends Known>(
  candidates: readonly [Candidate, ...Candidate[]],
  attempts: readonly Attempt[],
  now_ms: number,
): Turn<Candidate> {
  const first = attempts.length % candidates.length;
  const inTurn = [...candidates.slice(first), ...candidates.slice(0, first)];
  const turns = inTurn.map((candidate) => ({
    candidate,
    wait_ms: Math.max(0, readyAtMs(candidate, attempts) - now_ms),
  }));
  return turns.reduce((best, turn) => (turn.wait_ms < best.wait_ms ? turn : best));
}
