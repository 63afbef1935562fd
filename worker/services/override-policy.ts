import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { TokenPolicyOverride, UserDetail } from '../../contracts/api/policies.ts';
import type { Result } from '../../contracts/result.ts';
import { type GovernRefusal, setUserOverride } from '../db/governed-users.ts';
import type { Dependencies } from './dependencies.ts';
import { makeObey } from './user-detail.ts';

/** An administrator gives a user a policy of their own, field by field; null goes back to the level's. */
export async function overridePolicy(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
  override: TokenPolicyOverride,
): Promise<Result<UserDetail, { code: GovernRefusal | 'unavailable' }>> {
  const person = await setUserOverride(deps.database, claims, userId, override, deps.requestId);
  return person.ok ? makeObey(deps, person.value) : person;
}
