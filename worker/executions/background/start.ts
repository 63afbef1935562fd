import type { Execution } from '../../../contracts/api/executions.ts';
import type { ExecutionJob, KeptOutput } from '../../../contracts/execution-job.ts';
import { fail, ok } from '../../../contracts/result.ts';
import type { Attempt } from '../../../contracts/usage.ts';
import { DatabaseUnavailable } from '../../db/client.ts';
import { deleteContents, insertContents, presentBackground } from '../../db/contents.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import type { Begun } from '../begin-execution.ts';
import type { OrFailure } from '../failure.ts';
import { settleExecution } from '../settle-execution.ts';
import { settlementOf } from '../settlement.ts';

/** How long an execution in the background holds its tokens, and so how long it may take: the most a wallet allows. */
export const BACKGROUND_LIFETIME_MS = 3_600_000;
/** How long what was said in the background can be fetched, where the tenant keeps no contents. */
const KEPT_MS = 86_400_000;

export type BackgroundTenant = { id: string; slug: string };

/** What is kept of an execution that has just been reserved. */
const outputOf = ({ start, plan, shortfall, keeps_answer }: Begun, attempts: Attempt[]): KeptOutput => ({
  background: {
    start,
    worst_case_tokens: plan.worst_case_tokens,
    fitted: plan.fitted,
    shortfall,
    keeps_answer,
  },
  attempts,
  settlement: null,
  answer: null,
});

/** Gives the tokens back: it could not be stored, or not be sent. What of it was stored is deleted, now or when it expires. */
async function giveBack(deps: Dependencies, begun: Begun, attempts: Attempt[]): Promise<void> {
  const { start, plan, wallet } = begun;
  const failed = { how: 'failed', error_code: 'unavailable', attempts } as const;
  await settleExecution(deps, begun, settlementOf(start, plan, failed, Date.now()), null);
  const deleting = deleteContents(deps.database, { ...wallet, execution_id: start.id });
  deps.waitUntil(
    deleting.catch((error) => deps.log.warn('contents_not_deleted', { execution_id: start.id, error })),
  );
}

/**
 * Sends a reserved execution on its way in the background, with the attempts made so far. What it asks is stored first, so that it
 * may be of any size. When either fails, the tokens are given back and the failure is `unavailable`.
 */
export async function runInBackground(
  deps: Dependencies,
  tenant: BackgroundTenant,
  begun: Begun,
  attempts: Attempt[] = [],
): OrFailure<Execution> {
  const { start, plan, wallet, user_id, stores_contents } = begun;
  const output = outputOf(begun, attempts);
  const key = { ...wallet, execution_id: start.id };
  const job: ExecutionJob = {
    version: 1,
    tenant: { id: tenant.id, slug: tenant.slug },
    user_id,
    execution_id: start.id,
  };
  try {
    const expires_at_ms = stores_contents ? null : Date.now() + KEPT_MS;
    await insertContents(deps.database, key, { chat: plan.chat }, output, expires_at_ms);
    await deps.executionJobs.send(job);
  } catch (error) {
    const part = error instanceof DatabaseUnavailable ? 'database' : 'queue';
    deps.log.error('background_not_begun', { execution_id: start.id, part, error });
    await giveBack(deps, begun, attempts);
    return fail({ code: 'unavailable', execution_id: start.id, details: { part } });
  }
  const execution = presentBackground(user_id, output);
  if (execution === null) throw new Error('What was begun in the background runs there');
  return ok(execution);
}
