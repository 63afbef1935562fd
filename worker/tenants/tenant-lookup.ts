import { z } from 'zod';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ApiKeyCredential, EnterRefusal } from '../db/context.ts';
import { type CallerCredential, loadCaller, loadTenant, type TenantKey } from '../db/load-snapshots.ts';
import { type CallerSnapshot, callerSnapshot, type TenantSnapshot, tenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { SnapshotCache } from './snapshot-cache.ts';
import { staleOnOutage } from './stale-on-outage.ts';

/** How late a changed tenant, catalog or policy may be seen; a stale policy never beats a newer one in the wallet. */
const AGE_MAX_MS = 60_000;
/** How long executions outlive an outage of the database. */
const STALE_MAX_MS = 3_600_000;
/** Unknown hostnames and keys are remembered briefly, so that a flood of them is not a flood of queries. */
const UNKNOWN_AGE_MAX_MS = 5_000;

const tenants = new SnapshotCache({
  name: 'tenant-4',
  schema: tenantSnapshot,
  age_max_ms: AGE_MAX_MS,
  stale_max_ms: STALE_MAX_MS,
  entries_max: 1_000,
});
const unknown = new SnapshotCache({
  name: 'unknown-1',
  schema: tenantSnapshot.nullable(),
  age_max_ms: UNKNOWN_AGE_MAX_MS,
  stale_max_ms: UNKNOWN_AGE_MAX_MS,
  entries_max: 1_000,
});
const callers = new SnapshotCache({
  name: 'caller-2',
  schema: callerSnapshot,
  age_max_ms: AGE_MAX_MS,
  stale_max_ms: STALE_MAX_MS,
  entries_max: 5_000,
});
const apiKeys = new SnapshotCache({
  name: 'api-key-1',
  schema: callerSnapshot,
  age_max_ms: AGE_MAX_MS,
  stale_max_ms: STALE_MAX_MS,
  entries_max: 5_000,
});

/** What a secret that was refused stays, at least for a while. */
const lastingRefusal = z.enum(['unauthenticated', 'api_key_revoked', 'api_key_expired']);
const refusedApiKeys = new SnapshotCache({
  name: 'api-key-refused-1',
  schema: lastingRefusal,
  age_max_ms: UNKNOWN_AGE_MAX_MS,
  stale_max_ms: UNKNOWN_AGE_MAX_MS,
  entries_max: 5_000,
});

type TenantLookupDependencies = Pick<Dependencies, 'database' | 'waitUntil'>;
type Caller = Result<CallerSnapshot, { code: EnterRefusal }>;
type Who = SessionClaims | ApiKeyCredential;

/** A key of the cache names a secret by its hash, in the tenant where it was shown. */
const callerKey = (who: Who) => `${who.tenantId}/${'hash' in who ? who.hash : who.userId}`;
const tenantCacheKey = (key: TenantKey) => ('slug' in key ? `slug/${key.slug}` : `hostname/${key.hostname}`);

function remember(deps: TenantLookupDependencies, who: Who, caller: Caller, asked_at_ms: number): void {
  const key = callerKey(who);
  if (caller.ok) ('hash' in who ? apiKeys : callers).put(key, caller.value, asked_at_ms, deps.waitUntil);
  else if ('hash' in who) {
    const refusal = lastingRefusal.safeParse(caller.failure.code);
    if (!refusal.success) return;
    refusedApiKeys.put(key, refusal.data, asked_at_ms, deps.waitUntil);
    // What was known of it must not come back when the database cannot be asked.
    deps.waitUntil(apiKeys.forget(key));
  }
}

/**
 * The tenant behind a key, or null when there is none. On a miss one round trip loads it, and with it the caller when the
 * request says who asks: so a cold execution costs one round trip in all. `whoAsks` is asked on a miss only.
 */
export async function resolveTenant(
  deps: TenantLookupDependencies,
  key: TenantKey,
  whoAsks: () => Promise<CallerCredential | null>,
): Promise<TenantSnapshot | null> {
  const cacheKey = tenantCacheKey(key);
  const known = await tenants.get(cacheKey);
  if (known !== undefined) return known;
  if ((await unknown.get(cacheKey)) === null) return null;
  return staleOnOutage(
    async () => refreshTenant(deps, key, await whoAsks()),
    () => tenants.getStale(cacheKey),
  );
}

async function refreshTenant(
  deps: TenantLookupDependencies,
  key: TenantKey,
  asking: CallerCredential | null,
): Promise<TenantSnapshot | null> {
  const cacheKey = tenantCacheKey(key);
  const asked_at_ms = Date.now();
  const { tenant, caller } = await loadTenant(deps.database, key, asking);
  if (tenant === null) {
    unknown.put(cacheKey, null, asked_at_ms, deps.waitUntil);
    return null;
  }
  tenants.put(cacheKey, tenant, asked_at_ms, deps.waitUntil);
  if (caller !== null && asking !== null)
    remember(deps, 'hash' in asking ? { ...asking, tenantId: tenant.id } : asking, caller, asked_at_ms);
  return tenant;
}

/** Forgets what is cached of a tenant, after its catalog changed: this colo sees the change at once, others within a minute. */
export async function invalidateTenant(keys: TenantKey[]): Promise<void> {
  await Promise.all(keys.map((key) => tenants.forget(tenantCacheKey(key))));
}

/** Forgets what is cached of a user, after what they may do has changed. */
export const invalidateCaller = (claims: SessionClaims): Promise<void> => callers.forget(callerKey(claims));

/** Why what is known of a caller does not hold for the one who asks now; undefined when nothing is known that helps. */
function judge(known: CallerSnapshot | undefined, who: Who): Caller | undefined {
  if (known === undefined) return undefined;
  // The cache is the user's, not the token's: a newer session may have loaded what an older one may no longer use.
  if (!('hash' in who) && known.signed_out_at_s !== null && who.iat <= known.signed_out_at_s)
    return fail({ code: 'session_revoked' });
  const validUntilMs = known.api_key?.valid_until_ms ?? null;
  return validUntilMs !== null && validUntilMs <= Date.now() ? undefined : ok(known);
}

/** The caller behind a session or an API key, from the database: fresh, and remembered. */
export async function refreshCaller(deps: TenantLookupDependencies, who: Who): Promise<Caller> {
  const asked_at_ms = Date.now();
  const loaded = await loadCaller(deps.database, who);
  remember(deps, who, loaded, asked_at_ms);
  return loaded;
}

/** The caller behind a session or an API key, cached. A hit may be stale; the wallet refuses what was revoked meanwhile. */
export async function resolveCaller(deps: TenantLookupDependencies, who: Who): Promise<Caller> {
  const key = callerKey(who);
  const cache = 'hash' in who ? apiKeys : callers;
  const judged = judge(await cache.get(key), who);
  if (judged !== undefined) return judged;
  const refused = 'hash' in who ? await refusedApiKeys.get(key) : undefined;
  if (refused !== undefined) return fail({ code: refused });
  return staleOnOutage(
    () => refreshCaller(deps, who),
    async () => judge(await cache.getStale(key), who),
  );
}
