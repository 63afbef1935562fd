import type { ApiKey, ApiKeyPatch } from '../../contracts/api/api-keys.ts';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import { ok, type Result } from '../../contracts/result.ts';
import { updateApiKey as writeApiKey } from '../db/api-key-changes.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { applyApiKeyChange } from '../wallet-access/wallet-sync.ts';

/** Changes a key of one's own. New limits hold from its next execution on, everywhere; the rest within a minute. */
export async function updateApiKey(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
  patch: ApiKeyPatch,
): Promise<
  Result<
    ApiKey,
    {
      code: EnterRefusal | 'not_found' | 'api_key_ended' | 'name_taken' | 'model_not_allowed' | 'unavailable';
    }
  >
> {
  const changed = await writeApiKey(deps.database, claims, id, patch, deps.requestId);
  if (!changed.ok) return changed;
  const obeyed = await applyApiKeyChange(deps, changed.value);
  return obeyed.ok ? ok(changed.value.key) : obeyed;
}
