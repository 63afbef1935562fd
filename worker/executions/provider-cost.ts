import type { Principal } from '../db/context.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { resolveCaller } from '../tenants/tenant-lookup.ts';

/**
 * True if a caller sees provider cost in the answer to an execution, by the cached tenant and caller, which the execution needs
 * as well. A caller who is refused does not.
 */
export async function seesProviderCost(
  deps: Pick<Dependencies, 'database' | 'waitUntil'>,
  tenant: Pick<TenantSnapshot, 'shows_provider_cost'>,
  principal: Principal,
): Promise<boolean> {
  if (tenant.shows_provider_cost) return true;
  const caller = await resolveCaller(deps, principal);
  return caller.ok && caller.value.user.role !== 'user';
}
