import { fail, ok, type Result } from '../../contracts/result.ts';
import { tenantWallet } from '../../contracts/wallet/journal.ts';
import type { PolicyUpdate } from '../../contracts/wallet/policy-update.ts';
import type { StoredTenant, TenantStanding } from '../db/tenants/tenants.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callTenantWallet, PATIENT } from '../wallet-access/wallet-client.ts';
import { invalidateTenant } from './tenant-lookup.ts';

type Synced = Promise<Result<null, { code: 'unavailable' }>>;

/**
 * Sends the wallet of a tenant its status. A wallet of a tenant that is not active refuses leases and recalls those of users' wallets, so
 * no further execution on the platform's keys begins, whatever is cached. The status carries a version, so it may arrive late,
 * twice or out of order.
 */
export async function syncTenantStanding(
  deps: Pick<Dependencies, 'tenantWallets' | 'log'>,
  { id, status, status_version: version }: TenantStanding,
): Synced {
  const command = {
    wallet: tenantWallet(id),
    status: status === 'active' ? 'active' : 'suspended',
    version,
  } as const;
  const answer = await callTenantWallet(deps, id, (stub) => stub.setTenantStanding(command), PATIENT);
  if (!answer.ok) return answer;
  if (!answer.value.ok) throw new Error(`The tenant's wallet refused its status: ${answer.value.code}`);
  return ok(null);
}

/**
 * Sends a change of a tenant, already stored in the database, to whatever decides by an older copy: its wallet, or the queue when the
 * wallet cannot be reached, and the caches of its snapshot. Those are dropped at once in this isolate and in the colo's cache, and
 * by the colo's other isolates within five seconds. Fails when neither wallet nor queue can be reached. Safe to repeat.
 */
export async function applyTenantChange(
  deps: Pick<Dependencies, 'tenantWallets' | 'policyUpdates' | 'log'>,
  tenant: StoredTenant,
  formerSlug: string,
): Synced {
  const slugs = [...new Set([tenant.slug, formerSlug])];
  await invalidateTenant([
    ...slugs.map((slug) => ({ slug })),
    ...tenant.own_hostnames.map((hostname) => ({ hostname })),
  ]);
  const synced = await syncTenantStanding(deps, tenant);
  if (synced.ok) return synced;
  const update: PolicyUpdate = { version: 1, kind: 'tenant', tenant_id: tenant.id };
  try {
    await deps.policyUpdates.send(update);
    return ok(null);
  } catch (error) {
    deps.log.error('policy_update_not_queued', { error, updates: [update] });
    return fail({ code: 'unavailable' });
  }
}
