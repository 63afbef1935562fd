import type { Result } from '../../contracts/result.ts';
import { deleteOwnContents } from '../db/contents.ts';
import type { EnterRefusal, Principal } from '../db/context.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { syncAnswerDeletion } from '../wallet-access/wallet-sync.ts';
import { cancelExecution } from './background/cancel-execution.ts';

/**
 * Deletes what is kept of the caller's own execution, and with it what its Idempotency-Key would be answered. One that still runs in
 * the background is cancelled first, since it cannot go on without. Others' executions are `not_found`. `unavailable` when the wallet
 * could not be told: then nothing was deleted, and it may be asked again.
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
  const told = await syncAnswerDeletion(deps, wallet, id);
  return told.ok ? deleteOwnContents(deps.database, principal, id) : told;
}
