import type { SessionClaims } from '../../contracts/api/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import { loadCaller, loadTenant, type TenantKey } from '../db/directory.ts';
import { type CallerSnapshot, callerSnapshot, type TenantSnapshot, tenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from './dependencies.ts';
import { SnapshotCache } from './snapshot-cache.ts';

/** How late a changed tenant, catalog or policy may be seen; a stale policy never beats a newer one in the wallet. */
const AGE_MAX_MS = 60_000;
/** Unknown hostnames are remembered briefly, so that a flood of them is not a flood of queries. */
const UNKNOWN_AGE_MAX_MS = 5_000;

const tenants = new SnapshotCache({
  name: 'tenant-1',
  schema: tenantSnapshot,
  age_max_ms: AGE_MAX_MS,
  entries_max: 1_000,
});
const unknown = new SnapshotCache({
  name: 'unknown-1',
  schema: tenantSnapshot.nullable(),
  age_max_ms: UNKNOWN_AGE_MAX_MS,
  entries_max: 1_000,
});
const callers = new SnapshotCache({
  name: 'caller-1',
  schema: callerSnapshot,
  age_max_ms: AGE_MAX_MS,
  entries_max: 5_000,
});

const callerKey = (claims: SessionClaims) => `${claims.tenantId}/${claims.userId}`;
const tenantCacheKey = (key: TenantKey) => ('slug' in key ? `slug/${key.slug}` : `hostname/${key.hostname}`);

/**
 * The tenant behind a key, or null when there is none. On a miss one round trip loads it, and with it the caller when the
 * request carries a genuine token: so a cold execution costs one round trip in all. `claimsOf` is asked on a miss only.
 */
export async function resolveTenant(
  deps: Pick<Dependencies, 'database' | 'waitUntil'>,
  key: TenantKey,
  claimsOf: () => Promise<SessionClaims | null>,
): Promise<TenantSnapshot | null> {
  const cacheKey = tenantCacheKey(key);
  const known = await tenants.get(cacheKey);
  if (known !== undefined) return known;
  if ((await unknown.get(cacheKey)) === null) return null;
  const claims = await claimsOf();
  const { tenant, caller } = await loadTenant(deps.database, key, claims);
  if (tenant === null) {
    unknown.put(cacheKey, null, deps.waitUntil);
    return null;
  }
  tenants.put(cacheKey, tenant, deps.waitUntil);
  if (caller !== null && claims !== null) callers.put(callerKey(claims), caller, deps.waitUntil);
  return tenant;
}

/** The caller behind a session, cached. A hit may be stale; the wallet refuses what was revoked meanwhile. */
export async function resolveCaller(
  deps: Pick<Dependencies, 'database' | 'waitUntil'>,
  claims: SessionClaims,
): Promise<Result<CallerSnapshot, { code: EnterRefusal }>> {
  const known = await callers.get(callerKey(claims));
  // The cache is the user's, not the token's: a newer session may have loaded what an older one may no longer use.
  if (known?.signed_out_at_s != null && claims.iat <= known.signed_out_at_s)
    return fail({ code: 'session_revoked' });
  if (known !== undefined) return ok(known);
  const loaded = await loadCaller(deps.database, claims);
  if (loaded.ok) callers.put(callerKey(claims), loaded.value, deps.waitUntil);
  return loaded;
}
