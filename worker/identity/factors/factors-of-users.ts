import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { FactorList } from '../../../contracts/api/account/factors.ts';
import { fail, type Result } from '../../../contracts/result.ts';
import { listFactorsOf } from '../../db/users/own-factors.ts';
import { type AdminRefusal, getUserWithPolicy, saveFactorRemoval } from '../../db/users/user-admin.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { invalidateUser } from '../../tenants/tenant-lookup.ts';
import { syncLater, syncUser, walletOf } from '../../wallet-access/wallet-sync.ts';
import { tellUser } from './own-factors.ts';

/** Reads and changes that admins make of the second factors of their users. */

/** Returns the second factors of a user to an admin. */
export async function readFactors(
  { database }: Pick<Dependencies, 'database'>,
  claims: SessionClaims,
  userId: string,
): Promise<Result<FactorList, { code: AdminRefusal }>> {
  const owner = await getUserWithPolicy(database, claims, userId);
  return owner.ok ? listFactorsOf(database, claims, owner.value.user) : owner;
}

/**
 * Removes the second factors of a user who lost them, ends their sessions and tells them. They sign in with the password, and set up
 * another factor where one is required. Nobody removes their own in this way.
 */
export async function removeFactors(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
  origin: string,
): Promise<Result<null, { code: AdminRefusal | 'unavailable' }>> {
  if (userId === claims.userId) return fail({ code: 'forbidden' });
  const owner = await saveFactorRemoval(deps.database, claims, userId, deps.requestId);
  if (!owner.ok) return owner;
  const wallet = walletOf(owner.value);
  await invalidateUser(wallet);
  const { tenant_id, user_id } = wallet;
  tellUser(deps, { tenant_id, user_id }, origin, 'removed_by_admin');
  const synced = await syncUser(deps, owner.value);
  return synced.ok ? synced : syncLater(deps, [wallet]);
}
