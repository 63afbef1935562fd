import * as oauth from 'oauth4webapi';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { SignInFailure } from '../../contracts/tenants/sign-in-failures.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import { getUsableSignInProvider } from '../db/tenants/sign-in-providers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sealAttempt } from './attempt.ts';
import { issuerOf } from './discovery.ts';

/** The claims that are asked for: who somebody is, their address and their name. */
const SCOPE = 'openid email profile';

/** Begins a sign-in at an identity provider. Returns the address to send the browser to, and the cookie that it keeps meanwhile. */
export async function beginSignIn(
  { database, settings, log }: Pick<Dependencies, 'database' | 'settings' | 'log'>,
  tenant: Pick<TenantSnapshot, 'id'>,
  providerId: string,
  { redirect_uri, return_to }: { redirect_uri: string; return_to: string },
): Promise<Result<{ location: string; cookie: string }, { code: SignInFailure }>> {
  const provider = await getUsableSignInProvider(database, tenant.id, providerId);
  if (provider === null) return fail({ code: 'not_available' });
  const issuer = await issuerOf(tenant.id, provider.issuer, settings);
  if (!issuer.ok) {
    log.warn('issuer_not_read', {
      ...{ tenant_id: tenant.id, provider_id: providerId },
      rule: issuer.failure.rule,
    });
    return fail({ code: 'provider_unreachable' });
  }
  const attempt = {
    tenantId: tenant.id,
    providerId,
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    returnTo: return_to,
  };
  const location = new URL(issuer.value.authorization_endpoint);
  const parameters = {
    ...{ client_id: provider.client_id, redirect_uri, response_type: 'code', scope: SCOPE },
    ...{ state: attempt.state, nonce: attempt.nonce },
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value);
  return ok({ location: location.href, cookie: await sealAttempt(settings.JWT_SECRET, attempt) });
}
