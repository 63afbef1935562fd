import type { Execution } from '../../contracts/api/executions.ts';
import { ok } from '../../contracts/result.ts';
import { type BackgroundTenant, runInBackground } from './background-execution.ts';
import type { Begun } from './begin-execution.ts';
import { askForCompletion, type Executed, type Outcome, settleCompletion } from './complete-execution.ts';
import type { Dependencies } from './dependencies.ts';
import type { OrFailure } from './execution-failure.ts';

/** Whether time may heal what happened: everybody who was asked failed, and none of them refused the request itself. */
const mayHeal = (outcome: Outcome) =>
  !outcome.ok && outcome.reason !== 'not_retryable' && outcome.reason !== 'cancelled';

/**
 * As completeExecution, but when no provider could answer it goes on in the background, with the same reservation and what was tried
 * so far.
 */
export async function completeWithFallback(
  deps: Dependencies,
  tenant: BackgroundTenant,
  begun: Begun,
  clientGone: AbortSignal,
): OrFailure<{ is: 'finished'; executed: Executed } | { is: 'deferred'; execution: Execution }> {
  const outcome = await askForCompletion(deps, begun, clientGone);
  if (mayHeal(outcome)) {
    const deferred = await runInBackground(deps, tenant, begun, outcome.attempts);
    return deferred.ok ? ok({ is: 'deferred', execution: deferred.value }) : deferred;
  }
  const settled = await settleCompletion(deps, begun, outcome);
  return settled.ok ? ok({ is: 'finished', executed: settled.value }) : settled;
}
