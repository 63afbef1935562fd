import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { listRevokedKeys } from '../db/users/identities.ts';
import { getUserOfTenant } from '../db/users/user-admin.ts';
import type { UserWithPolicy } from '../db/users/user-rows.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { invalidateUser } from '../tenants/tenant-lookup.ts';
import { applyApiKeyChange, syncLater, syncUser } from '../wallet-access/wallet-sync.ts';

type PassOnDependencies = Pick<Dependencies, 'database' | 'wallets' | 'policyUpdates' | 'log'>;

/**
 * Sends the wallet of a user what was changed of them: status, ended sessions and allocation. The change itself is stored; a wallet that
 * cannot be reached is told by the queue. Returns the user.
 */
export async function passOnUser(
  deps: PassOnDependencies,
  wallet: WalletIdentity,
): Promise<Result<UserWithPolicy, { code: 'unavailable' }>> {
  await invalidateUser(wallet);
  const owner = await getUserOfTenant(deps.database, wallet.tenant_id, wallet.user_id);
  if (owner === null) throw new Error('The user whose account was changed is there');
  const synced = await syncUser(deps, owner);
  const told = synced.ok ? synced : await syncLater(deps, [wallet]);
  return told.ok ? ok(owner) : fail(told.failure);
}

/** Sends the wallet of a user that their API keys were revoked, all at once. */
export async function passOnRevokedKeys(
  deps: PassOnDependencies,
  wallet: WalletIdentity,
): Promise<Result<null, { code: 'unavailable' }>> {
  const keys = await listRevokedKeys(deps.database, wallet);
  const ended = await Promise.all(keys.map((key) => applyApiKeyChange(deps, key)));
  return ended.find((one) => !one.ok) ?? ok(null);
}
