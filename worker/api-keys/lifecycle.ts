import type {
  ApiKey,
  ApiKeyPatch,
  ApiKeyWithSecret,
  CreateApiKeyRequest,
} from '../../contracts/api/account/api-keys.ts';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import {
  insertApiKey,
  saveApiKeyPatch,
  saveApiKeyRevocation,
  saveApiKeyRotation,
} from '../db/users/api-key-changes.ts';
import type { StoredApiKey } from '../db/users/api-keys.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { invalidateUser } from '../tenants/tenant-lookup.ts';
import { applyApiKeyChange } from '../wallet-access/wallet-sync.ts';
import { fingerprintOf, newApiKey } from './secret.ts';

/**
 * The shortest time a replaced secret keeps working. Other isolates may hold it in their cache for this long, so a shorter
 * promise could not be kept.
 */
const GRACE_MIN_S = 60;

/** Applies a stored change of a key where it is decided: the wallet, and the caches of its user. */
async function applyChange(deps: Dependencies, changed: StoredApiKey) {
  await invalidateUser({ tenant_id: changed.tenant_id, user_id: changed.key.user_id });
  return applyApiKeyChange(deps, changed);
}

/** Creates a key for the caller and returns it with its secret. The secret is not stored and cannot be shown again. */
export async function createApiKey(
  deps: Dependencies,
  claims: SessionClaims,
  request: CreateApiKeyRequest,
): Promise<
  Result<ApiKeyWithSecret, { code: EnterRefusal | 'name_taken' | 'too_many_api_keys' | 'model_not_allowed' }>
> {
  const secret = newApiKey();
  const created = await insertApiKey(deps.database, claims, request, fingerprintOf(secret), deps.requestId);
  return created.ok ? ok({ ...created.value, secret }) : created;
}

/**
 * Changes a key of the caller. The wallet receives new limits before this returns, so they hold from the next execution; name,
 * models and expiry hold everywhere within a minute.
 */
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
  const changed = await saveApiKeyPatch(deps.database, claims, id, patch, deps.requestId);
  if (!changed.ok) return changed;
  const synced = await applyChange(deps, changed.value);
  return synced.ok ? ok(changed.value.key) : synced;
}

/**
 * Gives a key of the caller a new secret and returns it once. The replaced secret keeps working for `graceS` seconds, at
 * least {@link GRACE_MIN_S}; a secret replaced earlier stops within a minute.
 */
export async function rotateApiKey(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
  graceS: number,
): Promise<Result<ApiKeyWithSecret, { code: EnterRefusal | 'not_found' | 'api_key_ended' }>> {
  const secret = newApiKey();
  const grace = Math.max(GRACE_MIN_S, graceS);
  const rotated = await saveApiKeyRotation(
    deps.database,
    claims,
    id,
    fingerprintOf(secret),
    grace,
    deps.requestId,
  );
  return rotated.ok ? ok({ ...rotated.value, secret }) : rotated;
}

/**
 * Revokes a key permanently: the caller's own or, for an admin, any key of the tenant. The wallet is updated before this
 * returns, because executions check the wallet and not the database. Safe to repeat: it updates the wallet again.
 */
export async function revokeApiKey(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
): Promise<Result<null, { code: EnterRefusal | 'not_found' | 'unavailable' }>> {
  const revoked = await saveApiKeyRevocation(deps.database, claims, id, deps.requestId);
  return revoked.ok ? applyChange(deps, revoked.value) : revoked;
}
