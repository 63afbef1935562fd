import * as oauth from 'oauth4webapi';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { SignInFailure } from '../../contracts/tenants/sign-in-failures.ts';
import type { UsableSignInProvider } from '../db/tenants/sign-in-providers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { decryptProviderKey } from '../runtime/key-ring.ts';
import type { Attempt } from './attempt.ts';
import { issuerOf, issuerRequests } from './discovery.ts';
import { bindingOf } from './provider-secret.ts';

/** Seconds by which the clocks of issuers may differ from ours. */
const CLOCK_TOLERANCE_S = 30;

type Failed = { code: SignInFailure };
type AskDependencies = Pick<Dependencies, 'settings' | 'log'>;

/** Basic authentication is the standard's default; the other form is taken where the issuer names it, since it is encoded in one way. */
const authenticationAt = (
  { token_endpoint_auth_methods_supported: methods }: oauth.AuthorizationServer,
  secret: string,
) =>
  methods?.includes('client_secret_post') ? oauth.ClientSecretPost(secret) : oauth.ClientSecretBasic(secret);

/** Tells an answer that somebody refused to sign in from one that is wrong. */
function failureOf(error: unknown): SignInFailure {
  if (error instanceof oauth.AuthorizationResponseError)
    return error.error === 'access_denied' ? 'cancelled' : 'provider_failed';
  const isAnswer =
    error instanceof oauth.OperationProcessingError ||
    error instanceof oauth.UnsupportedOperationError ||
    error instanceof oauth.ResponseBodyError ||
    error instanceof oauth.WWWAuthenticateChallengeError;
  return isAnswer ? 'provider_failed' : 'provider_unreachable';
}

/** The library's code of an error, which has no value of the answer in it. */
const reasonOf = (error: unknown): string => {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError)
    return error.error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : null;
  return code ?? (error instanceof Error ? error.name : 'unknown');
};

async function exchange(
  settings: AskDependencies['settings'],
  provider: UsableSignInProvider,
  secret: string,
  issuer: oauth.AuthorizationServer,
  { attempt, parameters, redirect_uri }: Answer,
): Promise<oauth.IDToken> {
  const client = { client_id: provider.client_id, [oauth.clockTolerance]: CLOCK_TOLERANCE_S };
  const requests = issuerRequests(settings);
  const code = oauth.validateAuthResponse(issuer, client, parameters, attempt.state);
  const response = await oauth.authorizationCodeGrantRequest(
    issuer,
    client,
    authenticationAt(issuer, secret),
    code,
    redirect_uri,
    attempt.verifier,
    requests,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(issuer, client, response, {
    expectedNonce: attempt.nonce,
    requireIdToken: true,
  });
  // The library trusts the connection to the issuer unless it is asked for more.
  await oauth.validateApplicationLevelSignature(issuer, response, requests);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (claims === undefined) throw new Error('A token was required');
  return claims;
}

/** The answer of a provider, as the browser brought it. */
export type Answer = { attempt: Attempt; parameters: URLSearchParams; redirect_uri: string };

/**
 * Exchanges the code of an answer at the issuer, and verifies the token that says who somebody is: its signature by the issuer's keys,
 * issuer, audience, authorized party, nonce and times.
 */
export async function askIssuer(
  { settings, log }: AskDependencies,
  provider: UsableSignInProvider,
  answer: Answer,
): Promise<Result<oauth.IDToken, Failed>> {
  const about = { tenant_id: provider.tenant_id, provider_id: provider.id };
  const issuer = await issuerOf(provider.tenant_id, provider.issuer, settings);
  if (!issuer.ok) {
    log.warn('issuer_not_read', { ...about, rule: issuer.failure.rule });
    return fail({ code: 'provider_unreachable' });
  }
  const secret = await decryptProviderKey(
    settings.KEY_RING,
    bindingOf(provider),
    provider.client_secret_ciphertext,
  );
  if (!secret.ok) {
    log.error('client_secret_not_decrypted', { ...about, reason: secret.failure.code });
    return fail({ code: 'provider_failed' });
  }
  try {
    return ok(await exchange(settings, provider, secret.value, issuer.value, answer));
  } catch (error) {
    log.warn('sign_in_refused', { ...about, reason: reasonOf(error) });
    return fail({ code: failureOf(error) });
  }
}
