import { ok } from '../../contracts/result.ts';
import type { Principal } from '../db/context.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { InputCount } from '../providers/provider.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { resolveRecentCaller } from '../tenants/tenant-lookup.ts';
import { routeTask } from './begin.ts';
import { type ChatRequest, chatTask } from './chat-task.ts';
import type { OrFailure } from './failure.ts';
import { planOf } from './plan.ts';

/** The input of a request as it is told to its client. `bound`: it cannot be counted, and has at most so many tokens. */
type ToldCount = { tokens: number; source: InputCount['source'] | 'bound' };

/**
 * Counts the input of a chat at the candidate that would be asked first: by its provider where that tells, else by a tokenizer, else by the
 * bound. Nothing is run, held or charged. No wallet decides, so the caller's rights are those of the last few seconds.
 */
export async function countChatInput(
  deps: Dependencies,
  tenant: TenantSnapshot,
  principal: Principal,
  request: ChatRequest,
): OrFailure<ToldCount> {
  const caller = await resolveRecentCaller(deps, principal);
  if (!caller.ok) return caller;
  const task = chatTask(request, { fit_to_balance: true });
  const routed = await routeTask(deps, tenant, caller.value, task);
  if (!routed.ok) return routed;
  const planned = planOf(task, routed.value.candidates);
  if (!planned.ok) return planned;
  const [first] = planned.value.candidates;
  const counted = await task.countExactly(first);
  return ok(counted ?? { tokens: first.input_tokens_bound, source: 'bound' });
}
