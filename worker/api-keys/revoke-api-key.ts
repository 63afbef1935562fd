import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Result } from '../../contracts/result.ts';
import { revokeApiKey as writeRevocation } from '../db/api-key-changes.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { applyApiKeyChange } from '../wallet-access/wallet-sync.ts';

/**
 * Revokes a key for good: one's own, or as an administrator. Its wallet is told before the answer, since executions cross it
 * and not the database. Repeating it tells the wallet again.
 */
export async function revokeApiKey(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
): Promise<Result<null, { code: EnterRefusal | 'not_found' | 'unavailable' }>> {
  const revoked = await writeRevocation(deps.database, claims, id, deps.requestId);
  return revoked.ok ? applyApiKeyChange(deps, revoked.value) : revoked;
}
