import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { UserDetail, UserPatch } from '../../contracts/api/policies.ts';
import type { Result } from '../../contracts/result.ts';
import { type AdminRefusal, updateUser as writeUser } from '../db/user-admin.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { applyUserChange } from './user-detail.ts';

/** An administrator disables or enables a user, moves them to another level, or both. Nobody does so to themselves. */
export async function updateUser(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
  patch: UserPatch,
): Promise<Result<UserDetail, { code: AdminRefusal | 'unknown_level' | 'unavailable' }>> {
  const person = await writeUser(deps.database, claims, userId, patch, deps.requestId);
  return person.ok ? applyUserChange(deps, person.value) : person;
}
