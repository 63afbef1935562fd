import type { ReservedExecution } from '../../executions/begin.ts';
import type { ExecutionFailure } from '../../executions/failure.ts';
import type { CacheChoice } from '../../executions/response-cache/use.ts';
import type { Executed, TaskTypes } from '../../executions/task.ts';
import type { RequestContext } from '../app-env.ts';
import { insufficientBalanceProblem, problem, tokensHeldProblem } from '../errors.ts';
import { refusedLimitHeaders } from './limit-headers.ts';

/** The headers and refusals that the answers of all tasks share. */

export function setHeaders(c: RequestContext, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
}

/** Tells the output limit that fits the balance. */
export const FITTED_HEADER = 'x-max-output-tokens-fitted';

/** Returns the request's choice about the response cache. Routes that read it refuse other values. */
export function cacheChoiceOf({ req }: Pick<RequestContext, 'req'>): CacheChoice | undefined {
  const choice = req.header('x-response-cache');
  return choice === 'skip' || choice === 'refresh' ? choice : undefined;
}

/** Returns the header that tells the use of the response cache, if the execution uses it. */
export const cacheHeader = ({ cache }: Pick<ReservedExecution, 'cache'>, isHit: boolean) =>
  cache === null ? {} : { 'x-response-cache': isHit ? 'hit' : 'miss' };

/** Sets the headers that describe a finished execution. */
export function describeFinished<T extends TaskTypes>(
  c: RequestContext,
  { response, warning }: Executed<T>,
): void {
  c.header('x-execution-id', response.id);
  c.header('x-wallet-tokens-reserved', String(response.tokens_reserved));
  c.header('x-wallet-tokens-charged', String(response.tokens_charged));
  c.header('x-wallet-balance-after', String(response.balance_after));
  c.header('x-attempts', String(response.attempts.length));
  if (response.response_cache !== null) c.header('x-response-cache', 'hit');
  if (response.fitted_max_output_tokens !== null)
    c.header(FITTED_HEADER, String(response.fitted_max_output_tokens));
  if (warning !== null)
    c.header('x-wallet-warning', `used=${warning.used_percent}%; threshold=${warning.threshold_percent}%`);
}

/** Answers with the failure of an execution that did not begin, or ended without an answer. */
export function executionProblem(c: RequestContext, failure: ExecutionFailure) {
  if (failure.execution_id !== undefined) c.header('x-execution-id', failure.execution_id);
  setHeaders(c, refusedLimitHeaders(failure));
  if (failure.code === 'insufficient_balance') return insufficientBalanceProblem(c, failure.refusal);
  if (failure.code === 'tokens_held') return tokensHeldProblem(c, failure.refusal);
  return problem(c, failure.code, failure);
}
