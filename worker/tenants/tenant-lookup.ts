import { z } from 'zod';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { ApiKeyCredential, EnterRefusal } from '../db/context.ts';
import { type CallerCredential, loadCaller, loadTenant, type TenantKey } from '../db/load-snapshots.ts';
import { type CallerSnapshot, callerSnapshot, type TenantSnapshot, tenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { SnapshotCache } from './snapshot-cache.ts';
import { staleOnOutage } from './stale-on-outage.ts';

/** The age up to which a tenant, catalog or policy is served from the cache. A wallet ignores a policy older than its own. */
const AGE_MAX_MS = 60_000;
/** Time for which executions continue during an outage of the database. */
const STALE_MAX_MS = 3_600_000;
/** The age up to which a caller is served for a read that no wallet and no database decides. */
const RECENT_AGE_MAX_MS = 5_000;
/** Time for which unknown hostnames and keys are cached, so that a flood of them does not reach the database. */
const UNKNOWN_AGE_MAX_MS = 5_000;

const tenants = new SnapshotCache({
  name: 'tenant-7',
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
  name: 'caller-3',
  schema: callerSnapshot,
  age_max_ms: AGE_MAX_MS,
  stale_max_ms: STALE_MAX_MS,
  entries_max: 5_000,
});
const apiKeys = new SnapshotCache({
  name: 'api-key-2',
  schema: callerSnapshot,
  age_max_ms: AGE_MAX_MS,
  stale_max_ms: STALE_MAX_MS,
  entries_max: 5_000,
});

/** Refusals of a secret that are cached. */
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
type Credential = SessionClaims | ApiKeyCredential;

/** Returns the cache key of a caller. A secret is named by its hash, within the tenant. */
const callerKey = (credential: Pick<SessionClaims, 'tenantId' | 'userId'> | ApiKeyCredential) =>
  `${credential.tenantId}/${'hash' in credential ? credential.hash : credential.userId}`;
const tenantCacheKey = (key: TenantKey) => ('slug' in key ? `slug/${key.slug}` : `hostname/${key.hostname}`);

function remember(
  deps: TenantLookupDependencies,
  credential: Credential,
  caller: Caller,
  asked_at_ms: number,
): void {
  const key = callerKey(credential);
  if (caller.ok)
    ('hash' in credential ? apiKeys : callers).put(key, caller.value, asked_at_ms, deps.waitUntil);
  else if ('hash' in credential) {
    const refusal = lastingRefusal.safeParse(caller.failure.code);
    if (!refusal.success) return;
    refusedApiKeys.put(key, refusal.data, asked_at_ms, deps.waitUntil);
    // A stale value must not be served during an outage.
    deps.waitUntil(apiKeys.forget(key));
  }
}

/** Loads a value ahead of its end. A failure leaves it to the request that finds the value too old. */
const inBackground = (deps: TenantLookupDependencies, loading: Promise<unknown>): void =>
  deps.waitUntil(loading.catch(() => undefined));

/**
 * Returns the tenant of a key, or null. A miss is loaded in one round trip, together with the caller when the request carries
 * a credential, so a cold execution takes one round trip in all. `readCredential` is called on a miss only.
 */
export async function resolveTenant(
  deps: TenantLookupDependencies,
  key: TenantKey,
  readCredential: () => Promise<CallerCredential | null>,
): Promise<TenantSnapshot | null> {
  const cacheKey = tenantCacheKey(key);
  const known = await tenants.get(cacheKey, () => inBackground(deps, refreshTenant(deps, key, null)));
  if (known !== undefined) return known;
  if ((await unknown.get(cacheKey)) === null) return null;
  return staleOnOutage(
    async () => refreshTenant(deps, key, await readCredential()),
    () => tenants.getStale(cacheKey),
  );
}

/** Returns the tenant of a key if a cache has it. */
export const knownTenant = (key: TenantKey): Promise<TenantSnapshot | undefined> =>
  tenants.get(tenantCacheKey(key));

async function refreshTenant(
  deps: TenantLookupDependencies,
  key: TenantKey,
  credential: CallerCredential | null,
): Promise<TenantSnapshot | null> {
  const cacheKey = tenantCacheKey(key);
  const asked_at_ms = Date.now();
  const { tenant, caller } = await loadTenant(deps.database, key, credential);
  if (tenant === null) {
    unknown.put(cacheKey, null, asked_at_ms, deps.waitUntil);
    return null;
  }
  tenants.put(cacheKey, tenant, asked_at_ms, deps.waitUntil);
  if (caller !== null && credential !== null)
    remember(
      deps,
      'hash' in credential ? { ...credential, tenantId: tenant.id } : credential,
      caller,
      asked_at_ms,
    );
  return tenant;
}

/** Invalidates a tenant after a change of its settings or catalog, or a new one: at once in this colo, within a minute elsewhere. */
export async function invalidateTenant(keys: TenantKey[]): Promise<void> {
  const cacheKeys = keys.map(tenantCacheKey);
  await Promise.all(cacheKeys.flatMap((key) => [tenants.forget(key), unknown.forget(key)]));
}

/**
 * Invalidates a user after a change of their rights: their sessions in this colo, and their API keys as far as this isolate knows
 * them. Others follow as their age allows.
 */
export async function invalidateUser({ tenant_id, user_id }: WalletIdentity): Promise<void> {
  await Promise.all([
    callers.forget(callerKey({ tenantId: tenant_id, userId: user_id })),
    apiKeys.forgetWhere(({ user }) => user.id === user_id),
  ]);
}

/** Invalidates the users of a level after a change of what it offers: those this isolate knows at once, others within a minute. */
export async function invalidateLevel(levelId: string): Promise<void> {
  const isOnLevel = ({ user }: CallerSnapshot) => user.level.id === levelId;
  await Promise.all([callers.forgetWhere(isOnLevel), apiKeys.forgetWhere(isOnLevel)]);
}

/** Validates a cached caller for a credential. Returns undefined when the cache cannot decide. */
function validated(known: CallerSnapshot | undefined, credential: Credential): Caller | undefined {
  if (known === undefined) return undefined;
  // The cache entry belongs to the user, so a newer session may have loaded it after an older one was revoked.
  if (!('hash' in credential) && known.signed_out_at_s !== null && credential.iat <= known.signed_out_at_s)
    return fail({ code: 'session_revoked' });
  const validUntilMs = known.api_key?.valid_until_ms ?? null;
  return validUntilMs !== null && validUntilMs <= Date.now() ? undefined : ok(known);
}

/** Loads the caller of a session or an API key from the database and caches it. */
export async function refreshCaller(deps: TenantLookupDependencies, credential: Credential): Promise<Caller> {
  const asked_at_ms = Date.now();
  const loaded = await loadCaller(deps.database, credential);
  remember(deps, credential, loaded, asked_at_ms);
  return loaded;
}

/**
 * Returns the caller of a session or an API key as of the last {@link RECENT_AGE_MAX_MS}, from the cache or the database. It may have
 * been revoked since then.
 */
export async function resolveRecentCaller(
  deps: TenantLookupDependencies,
  credential: Credential,
): Promise<Caller> {
  const refresh = () => inBackground(deps, refreshCaller(deps, credential));
  const cache = 'hash' in credential ? apiKeys : callers;
  const known = await cache.get(callerKey(credential), refresh, RECENT_AGE_MAX_MS);
  return validated(known, credential) ?? refreshCaller(deps, credential);
}

/**
 * Returns the caller of a session or an API key from the cache. It may be stale; the wallet refuses callers that were revoked
 * meanwhile.
 */
export async function resolveCaller(deps: TenantLookupDependencies, credential: Credential): Promise<Caller> {
  const key = callerKey(credential);
  const cache = 'hash' in credential ? apiKeys : callers;
  const known = await cache.get(key, () => inBackground(deps, refreshCaller(deps, credential)));
  const valid = validated(known, credential);
  if (valid !== undefined) return valid;
  const refused = 'hash' in credential ? await refusedApiKeys.get(key) : undefined;
  if (refused !== undefined) return fail({ code: refused });
  return staleOnOutage(
    () => refreshCaller(deps, credential),
    async () => validated(await cache.getStale(key), credential),
  );
}
