import type { PolicyField, PolicyUpdate } from '../../contracts/policy-update.ts';
import type { UsersOfLevel } from '../db/levels.ts';
import {
  syncLater,
  syncPolicy,
  type WalletSyncDependencies,
  walletOf,
} from '../wallet-access/wallet-sync.ts';

type LevelChange = { tenant_id: string; level_id: string; fields: PolicyField[] };

/**
 * Tells a page of a level's wallets their policy, and leaves the next page to the queue, as well as the wallets that could
 * not be reached. Answers how many have heard.
 */
export async function syncLevelPage(
  deps: WalletSyncDependencies,
  change: LevelChange,
  { users, next }: UsersOfLevel,
): Promise<{ told: number; queued: boolean }> {
  const answers = await Promise.all(users.map((user) => syncPolicy(deps, user)));
  const unreached = users.filter((_, index) => answers[index]?.ok !== true);
  const later = await syncLater(deps, unreached.map(walletOf));
  const told = users.length - unreached.length;
  return { told, queued: (await syncNextPage(deps, change, next)) && later.ok };
}

/** Whether there is no next page, or the queue has taken it. */
async function syncNextPage(
  deps: WalletSyncDependencies,
  { tenant_id, level_id, fields }: LevelChange,
  after_user_id: string | null,
): Promise<boolean> {
  if (after_user_id === null) return true;
  const message: PolicyUpdate = { version: 1, kind: 'level', tenant_id, level_id, fields, after_user_id };
  try {
    await deps.policyUpdates.send(message);
    return true;
  } catch (error) {
    deps.log.error('policy_update_not_queued', { error, message });
    return false;
  }
}
