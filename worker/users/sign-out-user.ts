import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Result } from '../../contracts/result.ts';
import { type AdminRefusal, signOutUser as writeSignOut } from '../db/user-admin.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { syncLater, syncUser, walletOf } from '../wallet-access/wallet-sync.ts';

/** An administrator ends every session of a user, everywhere. The user may sign in again. */
export async function signOutUser(
  deps: Dependencies,
  claims: SessionClaims,
  userId: string,
): Promise<Result<null, { code: AdminRefusal | 'unavailable' }>> {
  const nowS = Math.floor(Date.now() / 1_000);
  const person = await writeSignOut(deps.database, claims, userId, nowS, deps.requestId);
  if (!person.ok) return person;
  const told = await syncUser(deps, person.value);
  return told.ok ? told : syncLater(deps, [walletOf(person.value)]);
}
