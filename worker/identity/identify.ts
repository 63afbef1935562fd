import type { ApiKeyScope } from '../../contracts/api/account/api-keys.ts';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { ManagementKeyScope } from '../../contracts/api/tenant/management-keys.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { readApiKey, readManagementKey } from '../api-keys/secret.ts';
import type { EnterRefusal, ManagementCaller, Principal } from '../db/context.ts';
import type { CallerCredential } from '../db/load-snapshots.ts';
import { loadManagementKey } from '../db/tenants/management-keys.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { SecretRing } from '../runtime/secret-ring.ts';
import { resolveCaller } from '../tenants/tenant-lookup.ts';
import { verifySessionToken } from './sessions.ts';

/** An authenticated caller. `scopes` are those of their API key; null for a session, which has every scope. */
export type Identified = { principal: Principal; scopes: ApiKeyScope[] | null };

/** Returns the session of a request. Throws on an API key: routes that take sessions only refuse keys before this. */
export function sessionOf(principal: Principal): SessionClaims {
  if ('hash' in principal) throw new Error('An API key reached a route that takes a session');
  return principal;
}

const looksLikeApiKey = (token: string) => token.startsWith('vsk_');
/** True for a token that can only be a management key. */
export const looksLikeManagementKey = (token: string) => token.startsWith('vsm_');

/** Reads the credential of a token and verifies it without the database. Returns null when it cannot be valid. */
export async function credentialOf(secrets: SecretRing, token: string): Promise<CallerCredential | null> {
  if (looksLikeApiKey(token)) return readApiKey(token);
  // It is no user's, so there is no caller to load.
  if (looksLikeManagementKey(token)) return null;
  const session = await verifySessionToken(secrets, token);
  return session.ok ? session.value : null;
}

/**
 * Authenticates a token in a tenant: a session token by its signature, an API key by the cached caller. Either may have been
 * revoked since; every database batch and every reservation checks that against current data.
 */
export async function identify(
  deps: Pick<Dependencies, 'database' | 'waitUntil' | 'settings'>,
  tenantId: string,
  token: string,
): Promise<Result<Identified, { code: EnterRefusal | 'token_expired' | 'wrong_tenant' }>> {
  if (!looksLikeApiKey(token)) {
    const session = await verifySessionToken(deps.settings.JWT_SECRET, token);
    if (!session.ok) return session;
    if (session.value.tenantId !== tenantId) return fail({ code: 'wrong_tenant' });
    return ok({ principal: session.value, scopes: null });
  }
  // The checksum rejects a mistyped or invented key without a query.
  const fingerprint = readApiKey(token);
  if (fingerprint === null) return fail({ code: 'unauthenticated' });
  const credential = { tenantId, ...fingerprint };
  const caller = await resolveCaller(deps, credential);
  if (!caller.ok) return caller;
  const { user, api_key } = caller.value;
  if (api_key === null) throw new Error('A caller found by an API key has one');
  return ok({ principal: { ...credential, userId: user.id, apiKeyId: api_key.id }, scopes: api_key.scopes });
}

/** Authenticates a management key in a tenant, and returns its scopes. */
export async function identifyManagementKey(
  { database }: Pick<Dependencies, 'database'>,
  tenantId: string,
  token: string,
): Promise<Result<{ manager: ManagementCaller; scopes: ManagementKeyScope[] }, { code: EnterRefusal }>> {
  const fingerprint = readManagementKey(token);
  if (fingerprint === null) return fail({ code: 'unauthenticated' });
  const credential = { tenantId, managementKeyHash: fingerprint.hash };
  const key = await loadManagementKey(database, credential);
  if (!key.ok) return key;
  return ok({ manager: { ...credential, managementKeyId: key.value.id }, scopes: key.value.scopes });
}
