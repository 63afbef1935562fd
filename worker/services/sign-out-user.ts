import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Result } from '../../contracts/result.ts';
import { type GovernRefusal, signOutUser as writeSignOut } from '../db/governed-users.ts';
import type { Dependencies } from './dependencies.ts';
import { tellEverything, tellLater, walletOf } from './tell-wallet.ts';

/** An administrator ends every session of a user, everywhere. The user may sign in again. */
export async function signOutUser(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
): Promise<Result<null, { code: GovernRefusal | 'unavailable' }>> {
  const nowS = Math.floor(Date.now() / 1_000);
  const person = await writeSignOut(deps.database, claims, userId, nowS, deps.requestId);
  if (!person.ok) return person;
  const told = await tellEverything(deps, person.value);
  return told.ok ? told : tellLater(deps, [walletOf(person.value)]);
}
