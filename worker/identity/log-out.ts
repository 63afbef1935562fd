import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import { signOut } from '../db/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { syncLater, syncSignOut } from '../wallet-access/wallet-sync.ts';

/**
 * Ends every session of the user issued so far. The wallet is told as well, since executions cross it and not the
 * database: from its next reserve on, an old token buys nothing, whatever is cached.
 */
export async function logOut(
  deps: Dependencies,
  claims: SessionClaims,
): Promise<Result<null, { code: EnterRefusal | 'unavailable' }>> {
  const signedOut = await signOut(deps.database, claims, deps.requestId);
  // Signed out before, but the wallet may not have heard: telling it again is what a repeated request is for.
  if (!signedOut.ok && signedOut.failure.code !== 'session_revoked') return signedOut;
  const issued_before_s = signedOut.ok ? signedOut.value.signed_out_at_s : claims.iat;
  const wallet = { tenant_id: claims.tenantId, user_id: claims.userId };
  const told = await syncSignOut(deps, wallet, issued_before_s);
  return told.ok ? told : syncLater(deps, [wallet]);
}
