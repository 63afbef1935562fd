import type { z } from 'zod';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { levelPolicyResponse } from '../../contracts/api/tenant/levels.ts';
import type { TokenPolicy } from '../../contracts/api/tenant/policies.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { PolicyField, PolicyUpdate } from '../../contracts/wallet/policy-update.ts';
import { type PolicyRefusal, saveLevelPolicy, type UsersOfLevel } from '../db/levels/levels.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import {
  syncLater,
  syncPolicy,
  type WalletSyncDependencies,
  walletOf,
} from '../wallet-access/wallet-sync.ts';

type LevelChange = { tenant_id: string; level_id: string; fields: PolicyField[] };

/**
 * Sets the policy of a level. The first page of affected wallets receives it before this returns; the queue sends it to the
 * rest, page by page.
 */
export async function setLevelPolicy(
  deps: Dependencies,
  claims: SessionClaims,
  levelId: string,
  policy: TokenPolicy,
): Promise<Result<z.infer<typeof levelPolicyResponse>, { code: PolicyRefusal }>> {
  const changed = await saveLevelPolicy(deps.database, claims, levelId, policy, deps.requestId);
  if (!changed.ok) return changed;
  const { tenant_id, level, fields, affected, first } = changed.value;
  const { synced } = await syncLevelPage(deps, { tenant_id, level_id: level.id, fields }, first);
  return ok({ level, rollout: { told: synced, on_the_way: affected - synced } });
}

/**
 * Sends a page of a level's wallets their policy and queues the next page, as well as the wallets that could not be reached.
 * Returns how many wallets have the policy, and false in `queued` when the queue did not take the rest.
 */
export async function syncLevelPage(
  deps: WalletSyncDependencies,
  change: LevelChange,
  { users, next }: UsersOfLevel,
): Promise<{ synced: number; queued: boolean }> {
  const answers = await Promise.all(users.map((owner) => syncPolicy(deps, owner)));
  const unreached = users.filter((_, index) => answers[index]?.ok !== true);
  const later = await syncLater(deps, unreached.map(walletOf));
  const synced = users.length - unreached.length;
  return { synced, queued: (await queueNextPage(deps, change, next)) && later.ok };
}

/** Queues the page after a user. Returns false when the queue did not take it. */
async function queueNextPage(
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
