import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { ReconciliationReport } from '../../contracts/api/reconciliation.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import { getWalletOwner } from '../db/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { type ReconcileRefusal, reconcileWallet } from './reconcile-wallet.ts';

/** An administrator has a wallet checked now. A user of another tenant is not found. */
export async function reconcileOnDemand(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
  { full }: { full: boolean },
): Promise<Result<ReconciliationReport, { code: EnterRefusal | ReconcileRefusal | 'forbidden' }>> {
  const owner = await getWalletOwner(deps.database, claims, userId);
  if (!owner.ok) return owner;
  const wallet = { tenant_id: owner.value.user.tenant_id, user_id: owner.value.user.id };
  const reconciled = await reconcileWallet(deps, wallet, { full });
  return reconciled.ok ? ok(reconciled.value.report) : reconciled;
}
