import type { PolicyField, PolicyUpdate } from '../../contracts/policy-update.ts';
import type { UsersOfLevel } from '../db/levels.ts';
import { type TellingDependencies, tellLater, tellPolicy, walletOf } from './tell-wallet.ts';

type LevelChange = { tenant_id: string; level_id: string; fields: PolicyField[] };

/**
 * Tells a page of a level's wallets their policy, and leaves the next page to the queue, as well as the wallets that could
 * not be reached. Answers how many have heard.
 */
export async function tellPageOfLevel(
  deps: TellingDependencies,
  change: LevelChange,
  { users, next }: UsersOfLevel,
): Promise<{ told: number; queued: boolean }> {
  const answers = await Promise.all(users.map((user) => tellPolicy(deps, user)));
  const unreached = users.filter((_, index) => answers[index]?.ok !== true);
  const later = await tellLater(deps, unreached.map(walletOf));
  const told = users.length - unreached.length;
  return { told, queued: (await tellNextPage(deps, change, next)) && later.ok };
}

/** Whether there is no next page, or the queue has taken it. */
async function tellNextPage(
  deps: TellingDependencies,
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
