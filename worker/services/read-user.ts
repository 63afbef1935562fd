import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { UserDetail } from '../../contracts/api/policies.ts';
import { ok, type Result } from '../../contracts/result.ts';
import { type GovernRefusal, getGovernedUser } from '../db/governed-users.ts';
import type { Dependencies } from './dependencies.ts';
import { detailOf } from './user-detail.ts';

/** One user as an administrator sees them: where their policy comes from, and the wallet, exact to this moment. */
export async function readUser(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
): Promise<Result<UserDetail, { code: GovernRefusal }>> {
  const person = await getGovernedUser(deps.database, claims, userId);
  return person.ok ? ok(await detailOf(deps, person.value)) : person;
}
