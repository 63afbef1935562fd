import type { Executed } from '../../executions/complete-execution.ts';
import type { ExecutionFailure } from '../../executions/failure.ts';
import type { RequestContext } from '../app-env.ts';
import { insufficientBalance, problem } from '../errors.ts';

/**
 * Lets work run on to its end when its client hangs up, from before anything is reserved: the platform stops it at once otherwise, and
 * what was reserved would be held, with its Idempotency-Key, until its deadline.
 */
export function outliving<Answer>(c: RequestContext, work: Promise<Answer>): Promise<Answer> {
  c.executionCtx.waitUntil(work.catch(() => undefined));
  return work;
}

/** What a client may want to know of a finished execution without reading the body. */
export function answerHeaders(c: RequestContext, { execution, warning }: Executed): void {
  c.header('x-execution-id', execution.id);
  c.header('x-wallet-tokens-reserved', String(execution.tokens_reserved));
  c.header('x-wallet-tokens-charged', String(execution.tokens_charged));
  c.header('x-wallet-balance-after', String(execution.balance_after));
  c.header('x-attempts', String(execution.attempts.length));
  if (warning !== null)
    c.header('x-wallet-warning', `used=${warning.used_percent}%; threshold=${warning.threshold_percent}%`);
}

/** An execution that did not happen, or ended without an answer. */
export function executionProblem(c: RequestContext, failure: ExecutionFailure) {
  if (failure.execution_id !== undefined) c.header('x-execution-id', failure.execution_id);
  if (failure.code === 'insufficient_balance') return insufficientBalance(c, failure.refusal);
  return problem(c, failure.code, failure);
}
