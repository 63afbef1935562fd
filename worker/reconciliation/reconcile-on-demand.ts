import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { ReconciliationReport, TenantReconciliationReport } from '../../contracts/api/reconciliation.ts';
import { userSummary } from '../../contracts/api/tenant/users.ts';
import { pickFields } from '../../contracts/fields.ts';
import { ok, type Result } from '../../contracts/result.ts';
import { tenantWallet } from '../../contracts/wallet/journal.ts';
import type { EnterRefusal } from '../db/context.ts';
import { presentReconciliation, presentTenantReconciliation } from '../db/ledger/reconciliation.ts';
import { getTenantBudget } from '../db/tenants/budgets.ts';
import { getWalletOwner } from '../db/users/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { type Reconciled, type ReconcileRefusal, reconcileWallet } from './reconcile-wallet.ts';

/** Checks that admins start, and the reports of checks. */

/** Returns the parts of a report that users' and tenants' wallets have in common. */
const reportOf = ({ proof, audit, projection }: Reconciled) => ({
  entries_verified: proof.entries_read,
  figures: {
    wallet: audit.figures,
    ledger: proof.head.figures,
    executions_charged: projection.executions?.charged ?? projection.wholesale?.charged ?? 0,
  },
});

/** Returns the report of a check of a user's wallet. Pure. */
export function userReport(reconciled: Reconciled): ReconciliationReport {
  const { owner, wallet, findings } = reconciled;
  if (owner.kind !== 'user') throw new Error('The wallet is not a user’s');
  const user = pickFields(userSummary, owner.user.user);
  return {
    reconciliation: presentReconciliation(wallet, user, findings),
    ...reportOf(reconciled),
  };
}

/** Returns the report of a check of a tenant's wallet. Pure. */
export function tenantReport(reconciled: Reconciled): TenantReconciliationReport {
  const { owner, findings } = reconciled;
  if (owner.kind !== 'tenant') throw new Error('The wallet is not a tenant’s');
  return { reconciliation: presentTenantReconciliation(owner.tenant, findings), ...reportOf(reconciled) };
}

type Refusal = { code: EnterRefusal | ReconcileRefusal | 'forbidden' };

/** Checks the wallet of a user now, for an admin. A user of another tenant is `not_found`. */
export async function reconcileUserWallet(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
  { full }: { full: boolean },
): Promise<Result<ReconciliationReport, Refusal>> {
  const owner = await getWalletOwner(deps.database, claims, userId);
  if (!owner.ok) return owner;
  const wallet = { tenant_id: owner.value.user.tenant_id, user_id: owner.value.user.id };
  const reconciled = await reconcileWallet(deps, wallet, { full });
  return reconciled.ok ? ok(userReport(reconciled.value)) : reconciled;
}

/** Checks the wallet of a tenant now, for a superadmin. */
export async function reconcileTenantWallet(
  deps: Dependencies,
  claims: SessionClaims,
  tenantId: string,
  { full }: { full: boolean },
): Promise<Result<TenantReconciliationReport, Refusal>> {
  const tenant = await getTenantBudget(deps.database, claims, tenantId);
  if (!tenant.ok) return tenant;
  const reconciled = await reconcileWallet(deps, tenantWallet(tenantId), { full });
  return reconciled.ok ? ok(tenantReport(reconciled.value)) : reconciled;
}
