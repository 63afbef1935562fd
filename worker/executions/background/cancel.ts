import type { Execution } from '../../../contracts/api/executions.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { EnterRefusal, Principal } from '../../db/context.ts';
import {
  type Contents,
  type ContentsKey,
  loadContents,
  presentBackground,
} from '../../db/executions/contents.ts';
import { getExecution } from '../../db/executions/executions.ts';
import { shownTo } from '../../db/executions/provider-cost.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { callWallet } from '../../wallet-access/wallet-client.ts';
import { decidedBy, endUnused, releaseDeleted, revise, settleDecided } from './decide.ts';

type CancelFailure = EnterRefusal | 'not_found' | 'execution_over' | 'not_in_background' | 'unavailable';

/** True for an execution that was cancelled, not left by its client. */
const wasCancelled = ({ status, error_code, tokens_charged }: Execution): boolean =>
  status === 'cancelled' && (error_code === 'cancelled' || tokens_charged === 0);

/**
 * Waits for the delivery that makes an attempt to end the cancelled execution. Returns its state then; null if its contents were deleted
 * meanwhile. It can still be running: its delivery is slow, or has crashed and the next one ends it.
 */
async function awaitEnd(deps: Dependencies, key: ContentsKey): Promise<Contents | null> {
  const { tenant_id, user_id, execution_id } = key;
  const wallet = { tenant_id, user_id };
  await callWallet(deps, wallet, (stub) => stub.cancel({ wallet, execution_id }));
  return loadContents(deps.database, key);
}

/** Ends an execution between attempts, or has its delivery end it. Returns its state then; null if its contents were deleted meanwhile. */
async function endCancelled(
  deps: Dependencies,
  key: ContentsKey,
  contents: Contents,
): Promise<Result<Contents | null, { code: 'unavailable' | 'execution_over' }>> {
  const state = await revise(deps, key, contents, (output) =>
    output.attempt_began_at_ms === undefined
      ? decidedBy(output, endUnused(key.execution_id, 'cancelled', 'cancelled'))
      : { ...output, cancelled_at_ms: output.cancelled_at_ms ?? Date.now() },
  );
  if (state !== null && state.output.settlement === null) return ok(await awaitEnd(deps, key));
  const ended = await (state === null ? releaseDeleted(deps, key) : settleDecided(deps, key, state));
  return ended.ok ? ok(state) : ended;
}

/**
 * Cancels the caller's own execution in the background. Between attempts nothing is charged. During an attempt the call is left, and what
 * it has used is charged; the answer is `running` if that takes more than some seconds. Idempotent. `execution_over` if it ended in
 * another way before; `not_found` for another user's execution.
 */
export async function cancelExecution(
  deps: Dependencies,
  principal: Principal,
  id: string,
): Promise<Result<Execution, { code: CancelFailure }>> {
  // The caller and the ownership are checked here. The service role does the rest.
  const found = await getExecution(deps.database, principal, id);
  if (!found.ok) return found;
  if (found.value.user_id !== principal.userId) return fail({ code: 'not_found' });
  if (wasCancelled(found.value)) return ok(found.value);
  if (found.value.status !== 'running') return fail({ code: 'execution_over' });
  const key = { tenant_id: principal.tenantId, user_id: principal.userId, execution_id: id };
  const contents = await loadContents(deps.database, key);
  if (contents === null || contents.output.background === null) return fail({ code: 'not_in_background' });
  const ended = await endCancelled(deps, key, contents);
  if (!ended.ok) return ended;
  const shown = ended.value === null ? null : presentBackground(key.user_id, ended.value.output);
  if (shown === null || (shown.status !== 'running' && !wasCancelled(shown)))
    return fail({ code: 'execution_over' });
  return ok(shownTo({ sees_cost: found.value.cost_micro_usd !== undefined }, shown));
}
