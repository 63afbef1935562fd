import type { ApiKeyWithSecret } from '../../contracts/api/api-keys.ts';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import { ok, type Result } from '../../contracts/result.ts';
import { rotateApiKey as writeRotation } from '../db/api-key-changes.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { keptOf, newApiKey } from './api-key.ts';

/** As long as a cache may know a secret: promising less would be a promise that does not hold. */
const GRACE_MIN_S = 60;

/**
 * Gives a key of one's own a new secret, shown this once. The one before it goes on for `graceS` seconds, a minute at least;
 * a secret before that one ends with the caches that know it, within a minute.
 */
export async function rotateApiKey(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
  graceS: number,
): Promise<Result<ApiKeyWithSecret, { code: EnterRefusal | 'not_found' | 'api_key_ended' }>> {
  const secret = newApiKey();
  const grace = Math.max(GRACE_MIN_S, graceS);
  const rotated = await writeRotation(deps.database, claims, id, keptOf(secret), grace, deps.requestId);
  return rotated.ok ? ok({ ...rotated.value, secret }) : rotated;
}
