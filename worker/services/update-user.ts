import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { UserDetail, UserPatch } from '../../contracts/api/policies.ts';
import type { Result } from '../../contracts/result.ts';
import { type GovernRefusal, updateUser as writeUser } from '../db/governed-users.ts';
import type { Dependencies } from './dependencies.ts';
import { makeObey } from './user-detail.ts';

/** An administrator disables or enables a user, moves them to another level, or both. Nobody does so to themselves. */
export async function updateUser(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
  patch: UserPatch,
): Promise<Result<UserDetail, { code: GovernRefusal | 'unknown_level' | 'unavailable' }>> {
  const person = await writeUser(deps.database, claims, userId, patch, deps.requestId);
  return person.ok ? makeObey(deps, person.value) : person;
}
