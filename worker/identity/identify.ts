import type { ApiKeyScope } from '../../contracts/api/api-keys.ts';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { isApiKey, keptOf } from '../api-keys/api-key.ts';
import type { EnterRefusal, Principal } from '../db/context.ts';
import type { CallerCredential } from '../db/tenant-lookup.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { resolveCaller } from '../tenants/tenant-lookup.ts';
import { verifySessionToken } from './session-token.ts';

/** Whoever asks was found to be somebody. `scopes` is what their key opens; null is a session, which opens everything. */
export type Identified = { principal: Principal; scopes: ApiKeyScope[] | null };

/** The session behind a request on a route that no key opens: that a key came this far is a bug. */
export function sessionOf(principal: Principal): SessionClaims {
  if ('hash' in principal) throw new Error('An API key opened a route that takes a session');
  return principal;
}

const looksLikeApiKey = (token: string) => token.startsWith('vsk_');

/** Who a token says that it is, checked as far as possible without asking anybody; null when it can be nobody's. */
export async function askingOf(jwtSecret: string, token: string): Promise<CallerCredential | null> {
  if (looksLikeApiKey(token)) return isApiKey(token) ? keptOf(token) : null;
  const session = await verifySessionToken(jwtSecret, token);
  return session.ok ? session.value : null;
}

/**
 * Whose a token is in this tenant: a session token is verified locally, an API key against what is cached of it. Both may have
 * been revoked since: that is checked where it is always fresh, in every database batch and every reservation.
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
  // A typo, or a made-up key, costs nobody a question.
  if (!isApiKey(token)) return fail({ code: 'unauthenticated' });
  const credential = { tenantId, ...keptOf(token) };
  const caller = await resolveCaller(deps, credential);
  if (!caller.ok) return caller;
  const { user, api_key } = caller.value;
  if (api_key === null) throw new Error('A caller found by an API key has one');
  return ok({ principal: { ...credential, userId: user.id, apiKeyId: api_key.id }, scopes: api_key.scopes });
}
