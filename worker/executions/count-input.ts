import { fail, ok } from '../../contracts/result.ts';
import type { Principal } from '../db/context.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { resolveCaller } from '../tenants/tenant-lookup.ts';
import { routeTask } from './begin.ts';
import type { OrFailure } from './failure.ts';
import { planOf } from './plan.ts';
import type { Task, TaskTypes } from './task.ts';

/** The input tokens of a task. `is_bound`: nobody could count them, and the figure is the most they can be. */
export type InputCount = { tokens: number; is_bound: boolean };

/**
 * Counts the input of a task as its first candidate counts it, without running it: nothing is reserved or charged. Refuses a task that
 * could not be run.
 */
export async function countInput<T extends TaskTypes>(
  deps: Dependencies,
  tenant: TenantSnapshot,
  principal: Principal,
  task: Task<T>,
): OrFailure<InputCount> {
  const caller = await resolveCaller(deps, principal);
  if (!caller.ok) return caller;
  const routed = await routeTask(deps, tenant, caller.value, task);
  if (!routed.ok) return routed;
  const planned = planOf(task, routed.value.candidates);
  if (!planned.ok) return fail(planned.failure);
  const { candidates, max_output_tokens } = planned.value;
  const [{ input_tokens_bound }] = candidates;
  const counted = await task.countInputTokens(candidates[0], max_output_tokens);
  return ok(
    counted === null
      ? { tokens: input_tokens_bound, is_bound: true }
      : { tokens: Math.min(counted, input_tokens_bound), is_bound: false },
  );
}
