import type { Execution } from '../../../contracts/api/executions.ts';
import type { ExecutionJob, KeptOutput } from '../../../contracts/execution-job.ts';
import { fail, ok } from '../../../contracts/result.ts';
import type { Attempt } from '../../../contracts/usage.ts';
import { DatabaseUnavailable } from '../../db/client.ts';
import { deleteStoredContents, insertContents, presentBackground } from '../../db/executions/contents.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import type { ReservedExecution } from '../begin.ts';
import { failureCodeOf, type OrFailure } from '../failure.ts';
import { ExecutionRun } from '../run.ts';
import { settleExecution } from '../settle.ts';
import { settlementOf } from '../settlement.ts';
import type { Executed, TaskTypes } from '../task.ts';

/** Lifetime of the reservation of an execution in the background, and so its longest duration: the most that a wallet allows. */
export const BACKGROUND_LIFETIME_MS = 3_600_000;
/** Time for which an answer of the background can be read if the tenant does not store contents. */
const KEPT_MS = 86_400_000;

type BackgroundTenant = { id: string; slug: string };

/** Returns the stored state of an execution that has just been reserved. */
const outputOf = (
  { start, plan, shortfall, keeps_answer, wholesale }: ReservedExecution,
  attempts: Attempt[],
): KeptOutput => ({
  background: {
    start: { ...start, max_output_tokens: plan.max_output_tokens },
    worst_case_tokens: plan.worst_case_tokens,
    held_output_tokens: plan.held_output_tokens,
    fitted: plan.fitted,
    shortfall,
    keeps_answer,
    wholesale,
  },
  attempts,
  settlement: null,
  answer: null,
});

/** Releases the reservation of an execution that could not be stored or queued, and deletes its contents. */
async function release(deps: Dependencies, execution: ReservedExecution, attempts: Attempt[]): Promise<void> {
  const { start, plan, wallet } = execution;
  const failed = { how: 'failed', error_code: 'unavailable', attempts } as const;
  await settleExecution(deps, execution, settlementOf(start, plan, failed, Date.now()), null);
  const deleting = deleteStoredContents(deps.database, { ...wallet, execution_id: start.id });
  deps.waitUntil(
    deleting.catch((error) => deps.log.warn('contents_not_deleted', { execution_id: start.id, error })),
  );
}

/**
 * Queues a reserved execution for the background, with the attempts so far. Its request is stored first, since a queue message is
 * limited to 128 KB. If either fails, the reservation is released and the failure is `unavailable`.
 */
async function runInBackground(
  deps: Dependencies,
  tenant: BackgroundTenant,
  execution: ReservedExecution,
  attempts: Attempt[],
): OrFailure<Execution> {
  const { start, plan, wallet, user_id, stores_contents } = execution;
  const { storage } = plan.task;
  if (storage === null) throw new Error(`A task of kind ${plan.task.kind} does not run in the background`);
  const output = outputOf(execution, attempts);
  const key = { ...wallet, execution_id: start.id };
  const job: ExecutionJob = {
    version: 1,
    tenant: { id: tenant.id, slug: tenant.slug },
    user_id,
    execution_id: start.id,
  };
  try {
    const expires_at_ms = stores_contents ? null : Date.now() + KEPT_MS;
    await insertContents(deps.database, key, storage.input, output, expires_at_ms);
    await deps.executionJobs.send(job);
  } catch (error) {
    const part = error instanceof DatabaseUnavailable ? 'database' : 'queue';
    deps.log.error('background_not_begun', { execution_id: start.id, part, error });
    await release(deps, execution, attempts);
    return fail({ code: 'unavailable', execution_id: start.id, details: { part } });
  }
  const presented = presentBackground(user_id, output);
  if (presented === null) throw new Error('An execution in the background has no background state');
  return ok(presented);
}

/** `deferred`: the execution continues in the background; this is its state. */
type Run<T extends TaskTypes> =
  | { is: 'finished'; executed: Executed<T> }
  | { is: 'deferred'; execution: Execution };

/**
 * Runs a reserved execution whose answer comes in one piece: now, in the background, or, with `falls_back`, in the background after
 * every provider failed now, with the same reservation and the attempts so far.
 */
export async function runWhole<T extends TaskTypes>(
  deps: Dependencies,
  tenant: BackgroundTenant,
  execution: ReservedExecution<T>,
  { background, falls_back }: { background: boolean; falls_back: boolean },
  clientGone: AbortSignal,
): OrFailure<Run<T>> {
  const defer = async (attempts: Attempt[]): OrFailure<Run<T>> => {
    const deferred = await runInBackground(deps, tenant, execution, attempts);
    return deferred.ok ? ok({ is: 'deferred', execution: deferred.value }) : deferred;
  };
  if (background) return defer([]);
  const run = new ExecutionRun(deps, execution, { clientGone, delivery: 'whole' });
  const outcome = await run.outcome();
  // A later try can succeed if every provider failed; it cannot if one refused the request.
  if (falls_back && !outcome.ok && failureCodeOf(outcome.reason) === 'provider_failed') {
    run.handOver();
    return defer(outcome.attempts);
  }
  const executed = await run.collect();
  return executed.ok ? ok({ is: 'finished', executed: executed.value }) : executed;
}
