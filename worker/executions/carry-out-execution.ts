import type { Execution } from '../../contracts/api/executions.ts';
import { ok } from '../../contracts/result.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { type BackgroundTenant, runInBackground } from './background/start.ts';
import type { Begun } from './begin-execution.ts';
import { askForCompletion, type Executed, type Outcome, settleCompletion } from './complete-execution.ts';
import { failureCodeOf, type OrFailure } from './failure.ts';

/** Whether time may heal what happened: everybody who was asked failed, and nobody refused the request itself. */
const mayHeal = (outcome: Outcome) => !outcome.ok && failureCodeOf(outcome.reason) === 'provider_failed';

/** `deferred`: it goes on in the background; this is how it stands. */
type Carried = { is: 'finished'; executed: Executed } | { is: 'deferred'; execution: Execution };

async function defer(
  deps: Dependencies,
  tenant: BackgroundTenant,
  begun: Begun,
  outcome: Outcome | null,
): OrFailure<Carried> {
  const deferred = await runInBackground(deps, tenant, begun, outcome?.attempts);
  return deferred.ok ? ok({ is: 'deferred', execution: deferred.value }) : deferred;
}

/**
 * Carries out a reserved execution whose answer comes in one piece: now, in the background, or, with `falls_back`, in the background
 * when no provider could answer now, with the same reservation and what was tried so far.
 */
export async function carryOutExecution(
  deps: Dependencies,
  tenant: BackgroundTenant,
  begun: Begun,
  { background, falls_back }: { background: boolean; falls_back: boolean },
  clientGone: AbortSignal,
): OrFailure<Carried> {
  if (background) return defer(deps, tenant, begun, null);
  const outcome = await askForCompletion(deps, begun, clientGone);
  if (falls_back && mayHeal(outcome)) return defer(deps, tenant, begun, outcome);
  const settled = await settleCompletion(deps, begun, outcome);
  return settled.ok ? ok({ is: 'finished', executed: settled.value }) : settled;
}
