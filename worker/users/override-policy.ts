import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { TokenPolicyOverride, UserDetail } from '../../contracts/api/policies.ts';
import type { Result } from '../../contracts/result.ts';
import { type AdminRefusal, setUserOverride } from '../db/user-admin.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { applyUserChange } from './user-detail.ts';

/** An administrator gives a user a policy of their own, field by field; null goes back to the level's. */
export async function overridePolicy(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
  override: TokenPolicyOverride,
): Promise<Result<UserDetail, { code: AdminRefusal | 'unavailable' }>> {
  const person = await setUserOverride(deps.database, claims, userId, override, deps.requestId);
  return person.ok ? applyUserChange(deps, person.value) : person;
}
