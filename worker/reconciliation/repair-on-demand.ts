import type { z } from 'zod';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { repairResponse, TenantReconciliationReport } from '../../contracts/api/reconciliation.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { tenantWallet } from '../../contracts/wallet/journal.ts';
import { budgetPolicy } from '../db/tenants/budget-rows.ts';
import { getTenantBudget } from '../db/tenants/budgets.ts';
import { getWalletOwner } from '../db/users/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import { tenantReport, userReport } from './reconcile-on-demand.ts';
import { type RepairRefusal, repairWallet, type WalletRepair } from './repair-wallet.ts';

/** Repairs that superadmins order. */

/** Repairs the wallet of a user, for superadmins, and returns it as its owner sees it. */
export async function repairUserWallet(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
  repair: WalletRepair,
): Promise<Result<z.infer<typeof repairResponse>, { code: RepairRefusal }>> {
  const owner = await getWalletOwner(deps.database, claims, userId);
  if (!owner.ok) return owner;
  if (owner.value.actor_role !== 'superadmin') return fail({ code: 'forbidden' });
  const { user, policy } = owner.value;
  const wallet = { tenant_id: user.tenant_id, user_id: user.id };
  const repaired = await repairWallet(deps, { wallet, policy, claims, repair });
  if (!repaired.ok) return repaired;
  const read = await callWallet(deps, wallet, (stub) =>
    stub.read({ wallet, policy, session_issued_at_s: null }),
  );
  if (!read.ok) return read;
  if (!read.value.ok) throw new Error(`The wallet refused to be read: ${read.value.code}`);
  const { seq, after } = repaired.value;
  return ok({ seq, wallet: read.value.view, report: userReport(after) });
}

/** Repairs the wallet of a tenant, for superadmins. */
export async function repairTenantWallet(
  deps: Dependencies,
  claims: SessionClaims,
  tenantId: string,
  repair: WalletRepair,
): Promise<Result<{ seq: number | null; report: TenantReconciliationReport }, { code: RepairRefusal }>> {
  const tenant = await getTenantBudget(deps.database, claims, tenantId);
  if (!tenant.ok) return tenant;
  const policy = budgetPolicy(tenant.value.budget);
  const repaired = await repairWallet(deps, { wallet: tenantWallet(tenantId), policy, claims, repair });
  if (!repaired.ok) return repaired;
  const { seq, after } = repaired.value;
  return ok({ seq, report: tenantReport(after) });
}
