import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { TokenPolicyOverride, UserDetail, UserPatch } from '../../contracts/api/tenant/policies.ts';
import type { WalletView } from '../../contracts/api/wallet.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { Administrator } from '../db/context.ts';
import {
  type AdminRefusal,
  type GovernedUser,
  getUserWithPolicy,
  saveUserOverride,
  saveUserPatch,
  saveUserSignOut,
  type UserRefusal,
} from '../db/users/user-admin.ts';
import type { UserWithPolicy } from '../db/users/user-rows.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { invalidateUser } from '../tenants/tenant-lookup.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import { syncLater, syncUser, walletOf } from '../wallet-access/wallet-sync.ts';

/** Changes that admins make to the users of their tenant. Each reaches the wallet before it is answered. */

/** Reads the wallet of a user. Returns null while the wallet cannot be reached. */
async function readWalletOf(deps: Dependencies, owner: UserWithPolicy): Promise<WalletView | null> {
  const wallet = walletOf(owner);
  const answer = await callWallet(deps, wallet, (stub) =>
    stub.read({ wallet, policy: owner.policy, session_issued_at_s: null }),
  );
  if (!answer.ok) return null;
  if (!answer.value.ok) throw new Error(`The wallet refused to be read: ${answer.value.code}`);
  return answer.value.view;
}

function presentUserDetail(owner: GovernedUser, wallet: WalletView | null): UserDetail {
  const { user, level_policy, override, policy, self_made_changes_off_by } = owner;
  const { version: _, ...effective_policy } = policy;
  return { user, level_policy, override, effective_policy, wallet, self_made_changes_off_by };
}

/**
 * Sends a change of a user, already stored in the database, to their wallet, or queues it when the wallet cannot be reached.
 * Returns the user after the change. Safe to repeat: it sends the change again.
 */
async function applyUserChange(
  deps: Dependencies,
  owner: GovernedUser,
): Promise<Result<UserDetail, { code: 'unavailable' }>> {
  await invalidateUser(walletOf(owner));
  const synced = await syncUser(deps, owner);
  if (synced.ok) return ok(presentUserDetail(owner, await readWalletOf(deps, owner)));
  const queued = await syncLater(deps, [walletOf(owner)]);
  return queued.ok ? ok(presentUserDetail(owner, null)) : queued;
}

/** Returns one user as an admin sees them: the origin of their policy and the current wallet. */
export async function readUser(
  deps: Dependencies,
  administrator: Administrator,
  userId: string,
): Promise<Result<UserDetail, { code: AdminRefusal }>> {
  const owner = await getUserWithPolicy(deps.database, administrator, userId);
  return owner.ok ? ok(presentUserDetail(owner.value, await readWalletOf(deps, owner.value))) : owner;
}

/**
 * Disables or enables a user, moves them to another level, or changes their role. Admins cannot change themselves, give a role above
 * their own, or leave the tenant without an active admin.
 */
export async function updateUser(
  deps: Dependencies,
  administrator: Administrator,
  userId: string,
  patch: UserPatch,
): Promise<Result<UserDetail, { code: UserRefusal | 'unavailable' }>> {
  const owner = await saveUserPatch(deps.database, administrator, userId, patch, deps.requestId);
  return owner.ok ? applyUserChange(deps, owner.value) : owner;
}

/** Overrides the level's policy for one user, field by field. Null inherits the field from the level. */
export async function overridePolicy(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
  override: TokenPolicyOverride,
): Promise<Result<UserDetail, { code: AdminRefusal | 'self_made_changes_off' | 'unavailable' }>> {
  const owner = await saveUserOverride(deps.database, claims, userId, override, deps.requestId);
  return owner.ok ? applyUserChange(deps, owner.value) : owner;
}

/** Ends every session of a user. The user can sign in again. */
export async function signOutUser(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
): Promise<Result<null, { code: AdminRefusal | 'unavailable' }>> {
  const nowS = Math.floor(Date.now() / 1_000);
  const owner = await saveUserSignOut(deps.database, claims, userId, nowS, deps.requestId);
  if (!owner.ok) return owner;
  await invalidateUser(walletOf(owner.value));
  const synced = await syncUser(deps, owner.value);
  return synced.ok ? synced : syncLater(deps, [walletOf(owner.value)]);
}
