import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { TenantSettingsPatch } from '../../contracts/api/tenant/tenant.ts';
import { fail } from '../../contracts/result.ts';
import { hasSecondFactor, saveSettingsWithRule } from '../db/tenants/second-factor-rule.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { queueSignOuts } from '../wallet-access/wallet-sync.ts';

/**
 * Changes the settings of the caller's tenant. A rule that requires second factors ends the sessions of those who have none, in the
 * database at once and in their wallets by the queue. An admin without one cannot set it; a superadmin inside the tenant is no user of it.
 */
export async function changeSettings(deps: Dependencies, claims: SessionClaims, patch: TenantSettingsPatch) {
  const { require_mfa = 'off' } = patch;
  if (require_mfa !== 'off' && claims.actingSessionId === undefined) {
    const has = await hasSecondFactor(deps.database, claims);
    if (!has.ok) return has;
    if (!has.value) return fail({ code: 'second_factor_missing' as const });
  }
  const changed = await saveSettingsWithRule(deps.database, claims, patch, deps.requestId);
  if (!changed.ok || require_mfa === 'off') return changed;
  const queued = await queueSignOuts(deps, claims.tenantId, null);
  return queued.ok ? changed : queued;
}
