import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { UserDetail } from '../../contracts/api/policies.ts';
import { ok, type Result } from '../../contracts/result.ts';
import { type AdminRefusal, getAdministeredUser } from '../db/user-admin.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { detailOf } from './user-detail.ts';

/** One user as an administrator sees them: where their policy comes from, and the wallet, exact to this moment. */
export async function readUser(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
): Promise<Result<UserDetail, { code: AdminRefusal }>> {
  const person = await getAdministeredUser(deps.database, claims, userId);
  return person.ok ? ok(await detailOf(deps, person.value)) : person;
}
