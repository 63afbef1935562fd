import type { ApiKeyWithSecret, CreateApiKeyRequest } from '../../contracts/api/api-keys.ts';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import { ok, type Result } from '../../contracts/result.ts';
import { createApiKey as writeApiKey } from '../db/api-key-changes.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { keptOf, newApiKey } from './api-key.ts';

/** Makes a key for its user, and shows its secret this once. Who has a session has every scope, so may give any away. */
export async function createApiKey(
  deps: Dependencies,
  claims: SessionClaims,
  request: CreateApiKeyRequest,
): Promise<
  Result<ApiKeyWithSecret, { code: EnterRefusal | 'name_taken' | 'too_many_api_keys' | 'model_not_allowed' }>
> {
  const secret = newApiKey();
  const created = await writeApiKey(deps.database, claims, request, keptOf(secret), deps.requestId);
  return created.ok ? ok({ ...created.value, secret }) : created;
}
