import type { Attempt } from '../../../contracts/usage.ts';
import type { Completion, ProviderFailure } from '../../providers/provider.ts';
import type { Chat, ChatTask } from '../chat-task.ts';
import type { GrowingHold } from '../growing-hold.ts';
import { isOverTime } from '../patience.ts';
import type { PlannedCandidate } from '../plan.ts';
import { readStream } from '../read-stream.ts';
import { openStream } from '../run.ts';
import { type ExecutionEnd, endOfCancelledAttempt, estimateOf, estimateOfLeft } from '../settlement.ts';

/**
 * Longest time of one attempt whose provider keeps streaming; the platform ends a delivery after 15 minutes. The output by then is the
 * answer, since another attempt would take as long and be billed again.
 */
const ATTEMPT_MAX_MS = 720_000;
/** Time between the end of the last attempt and the reservation's deadline, in which it is settled. */
const SETTLE_MARGIN_MS = 5_000;

/** The end of one attempt. `left`: it was cancelled, so what it has used by then is estimated. */
export type Attempted =
  | Extract<ExecutionEnd<Completion>, { how: 'answered' | 'left' }>
  /** `failure` is null if there was no time for an attempt. */
  | { how: 'broken'; failure: ProviderFailure | null; attempts: Attempt[] };

/** Makes one attempt. Its stream is read to the end, so it can take long, and a silent provider is left early. */
export async function attempt(
  task: ChatTask,
  candidate: PlannedCandidate,
  max_output_tokens: number,
  {
    tenant_id,
    expires_at_ms,
    hold,
    signal,
  }: { tenant_id: string; expires_at_ms: number; hold: GrowingHold<Chat>; signal: AbortSignal },
): Promise<Attempted> {
  const deadline_ms = Math.min(Date.now() + ATTEMPT_MAX_MS, expires_at_ms - SETTLE_MARGIN_MS);
  const candidates: [PlannedCandidate] = [candidate];
  const plan = { task, candidates, max_output_tokens };
  const outcome = await openStream(plan, { tenant_id, hold, delivery: 'live', signal, deadline_ms });
  if (!outcome.ok) {
    const left = endOfCancelledAttempt(outcome, plan);
    if (left !== null && left.how !== 'failed') return left;
    return { how: 'broken', failure: outcome.failure, attempts: outcome.attempts };
  }
  const { events, attempts } = outcome;
  const read = await readStream(plan, events);
  const { answer, output_bytes } = read;
  const estimate = estimateOf(plan, candidate, answer, { is_too_long: read.end === 'too_long' });
  const received = { candidate, estimate, attempts };
  if (read.end === 'done') return { how: 'answered', answer, ...received };
  if (signal.aborted) {
    const left = { candidate, answer, attempts };
    return { how: 'left', ...left, estimate: estimateOfLeft(plan, left, read.content_began_at_ms) };
  }
  const isCut = read.end === 'failed' ? isOverTime(deadline_ms) : read.end === 'too_long';
  if (isCut && output_bytes > 0) return { how: 'answered', answer: task.truncate(answer), ...received };
  return { how: 'broken', failure: read.end === 'failed' ? read.failure : null, attempts };
}
