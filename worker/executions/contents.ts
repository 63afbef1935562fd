import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { Database } from '../db/client.ts';
import type { EnterRefusal, Principal } from '../db/context.ts';
import { deleteExpiredTenantContents, deleteOwnContents, insertContents } from '../db/executions/contents.ts';
import { listTenantsWithWallets } from '../db/ledger/reconciliation.ts';
import { deleteAnswer } from '../objects/kept-answers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Log } from '../runtime/log.ts';
import { syncAnswerDeletion } from '../wallet-access/wallet-sync.ts';
import { cancelExecution } from './background/cancel.ts';
import type { ReservedExecution } from './begin.ts';
import type { TaskTypes } from './task.ts';

/** Prompts and answers: stored where the tenant says so, deleted by their user or when they expire. */

/** Stores a request and its answer for their user if the tenant wants that. Runs after the answer; a failure is logged and the contents are lost. */
export function keepContents<T extends TaskTypes>(
  { database, log, waitUntil }: Pick<Dependencies, 'database' | 'log' | 'waitUntil'>,
  { start, plan, wallet, stores_contents }: ReservedExecution<T>,
  answer: T['answer'],
): void {
  const { storage } = plan.task;
  if (!stores_contents || storage === null) return;
  const output = { background: null, attempts: [], settlement: null, answer: storage.answerOf(answer) };
  const key = { ...wallet, execution_id: start.id };
  waitUntil(
    insertContents(database, key, storage.input, output, null).catch((error) =>
      log.error('contents_not_kept', { execution_id: start.id, error }),
    ),
  );
}

/** Deletes the answer that was kept of an execution for equal requests. */
async function deleteKept(
  { objects, log }: Pick<Dependencies, 'objects' | 'log'>,
  wallet: WalletIdentity,
  execution_id: string,
): Promise<Result<null, { code: 'unavailable' }>> {
  try {
    await deleteAnswer(objects, wallet, execution_id);
    return ok(null);
  } catch (error) {
    log.error('response_cache_not_deleted', { execution_id, error });
    return fail({ code: 'unavailable' });
  }
}

/**
 * Deletes the stored contents of the caller's own execution, and its answer where it is kept for its Idempotency-Key or for equal requests.
 * Cancels it first if it runs in the background, since it cannot run without its request. `not_found` for another user's execution.
 * `unavailable` if the wallet or the bucket cannot be reached: not all was deleted, and the call can be repeated.
 */
export async function deleteContents(
  deps: Dependencies,
  principal: Principal,
  id: string,
): Promise<Result<null, { code: EnterRefusal | 'not_found' | 'unavailable' }>> {
  const cancelled = await cancelExecution(deps, principal, id);
  if (!cancelled.ok) {
    const { code } = cancelled.failure;
    if (code !== 'execution_over' && code !== 'not_in_background') return { ok: false, failure: { code } };
  }
  const wallet = { tenant_id: principal.tenantId, user_id: principal.userId };
  const synced = await syncAnswerDeletion(deps, wallet, id);
  if (!synced.ok) return synced;
  const deleted = await deleteOwnContents(deps.database, principal, id);
  return deleted.ok ? deleteKept(deps, wallet, id) : deleted;
}

/** Deletes expired contents, tenant by tenant. A tenant that fails is logged and tried again by the next run. */
export async function sweepExpiredContents(database: Database, log: Log): Promise<void> {
  for (const tenant_id of await listTenantsWithWallets(database)) {
    try {
      const deleted = await deleteExpiredTenantContents(database, tenant_id);
      if (deleted > 0) log.info('contents_expired', { tenant_id, deleted });
    } catch (error) {
      log.warn('contents_not_swept', { tenant_id, error });
    }
  }
}
