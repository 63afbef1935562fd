import type { ExecutionReceipt } from '../../../../contracts/api/executions.ts';
import type { AttemptReceipt } from '../../../../contracts/usage.ts';

/** The places of attempts on the time from the start of an execution to its end. Pure. */

/** An attempt with the place of its bar, in percent of the whole time. */
export type PlacedAttempt = {
  attempt: AttemptReceipt;
  start_percent: number;
  width_percent: number;
  /** The first piece of the answer, if this attempt gave it. `after_ms` counts from the start of the attempt. */
  first_token: { after_ms: number; at_percent: number } | null;
};

/** Places the attempts of an execution, oldest first. */
export function placeAttempts({
  attempts,
  created_at,
  first_token_ms,
}: Pick<ExecutionReceipt, 'attempts' | 'created_at' | 'first_token_ms'>): PlacedAttempt[] {
  const start_ms = Math.min(Date.parse(created_at), ...attempts.map(({ started_at_ms }) => started_at_ms));
  const end_ms = Math.max(...attempts.map(({ started_at_ms, latency_ms }) => started_at_ms + latency_ms));
  const length_ms = Math.max(1, end_ms - start_ms);
  const percentAt = (ms: number) => (100 * (ms - start_ms)) / length_ms;
  const first_ms = first_token_ms === null ? null : Date.parse(created_at) + first_token_ms;
  return attempts.map((attempt) => {
    const { started_at_ms, latency_ms } = attempt;
    const isWithin = first_ms !== null && first_ms >= started_at_ms && first_ms <= started_at_ms + latency_ms;
    return {
      attempt,
      start_percent: percentAt(started_at_ms),
      width_percent: (100 * latency_ms) / length_ms,
      first_token: isWithin ? { after_ms: first_ms - started_at_ms, at_percent: percentAt(first_ms) } : null,
    };
  });
}
