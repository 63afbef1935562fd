import type { z } from 'zod';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { levelPolicyResponse, TokenPolicy } from '../../contracts/api/policies.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import { setLevelPolicy as writeLevelPolicy } from '../db/levels.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { syncLevelPage } from './sync-level.ts';

/**
 * An administrator sets the policy of a level. The wallets that live by it are told before the answer, up to a page of them;
 * the queue tells the rest, page by page.
 */
export async function setLevelPolicy(
  deps: Dependencies,
  claims: SessionClaims,
  levelId: string,
  policy: TokenPolicy,
): Promise<Result<z.infer<typeof levelPolicyResponse>, { code: EnterRefusal | 'forbidden' | 'not_found' }>> {
  const changed = await writeLevelPolicy(deps.database, claims, levelId, policy, deps.requestId);
  if (!changed.ok) return changed;
  const { tenant_id, level, fields, affected, first } = changed.value;
  const { told } = await syncLevelPage(deps, { tenant_id, level_id: level.id, fields }, first);
  return ok({ level, rollout: { told, on_the_way: affected - told } });
}
