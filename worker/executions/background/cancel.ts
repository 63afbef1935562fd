import type { Execution } from '../../../contracts/api/executions.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { EnterRefusal, Principal } from '../../db/context.ts';
import { loadContents, presentBackground } from '../../db/executions/contents.ts';
import { getExecution } from '../../db/executions/executions.ts';
import { shownTo } from '../../db/executions/provider-cost.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { endBackground, endUnused } from './decide.ts';

type CancelFailure = EnterRefusal | 'not_found' | 'execution_over' | 'not_in_background' | 'unavailable';

/**
 * Cancels the caller's own execution in the background. Nothing is charged, and a provider's late answer is dropped. Idempotent.
 * `execution_over` if it ended in another way before; `not_found` for another user's execution.
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
  const { status } = found.value;
  if (status === 'cancelled' && found.value.tokens_charged === 0) return ok(found.value);
  if (status !== 'running') return fail({ code: 'execution_over' });
  const key = { tenant_id: principal.tenantId, user_id: principal.userId, execution_id: id };
  const contents = await loadContents(deps.database, key);
  if (contents === null || contents.output.background === null) return fail({ code: 'not_in_background' });
  const ended = await endBackground(deps, key, contents, endUnused(id, 'cancelled', 'cancelled'));
  if (!ended.ok) return ended;
  const cancelled = ended.decided === undefined ? null : presentBackground(key.user_id, ended.decided.output);
  if (cancelled?.status !== 'cancelled') return fail({ code: 'execution_over' });
  return ok(shownTo({ sees_cost: found.value.cost_micro_usd !== undefined }, cancelled));
}
