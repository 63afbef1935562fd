import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { resourceId } from '../../contracts/resource-id.ts';
import { returnPath } from '../../contracts/tenants/return-path.ts';
import { keyIn, signWith } from '../identity/signed-tokens.ts';
import type { SecretRing } from '../runtime/secret-ring.ts';

/**
 * An attempt to sign in at an identity provider, kept in a signed cookie of the browser that began it. The answer of the provider is
 * taken from this browser alone, once it names the same state.
 */

/** Time for signing in at the provider. */
export const ATTEMPT_LIFETIME_S = 600;
/** Keeps the token from being a session token, and the other way round. */
const AUDIENCE = 'sign-in';

const attemptClaims = z.strictObject({
  aud: z.literal(AUDIENCE),
  exp: z.int().min(0),
  tenantId: resourceId,
  providerId: resourceId,
  state: z.string().min(1),
  nonce: z.string().min(1),
  verifier: z.string().min(1),
  returnTo: returnPath,
});
export type Attempt = Omit<z.infer<typeof attemptClaims>, 'aud' | 'exp'>;

/** Signs an attempt. */
export const sealAttempt = (secrets: SecretRing, attempt: Attempt): Promise<string> =>
  signWith(
    secrets,
    new SignJWT(attempt)
      .setAudience(AUDIENCE)
      .setExpirationTime(Math.floor(Date.now() / 1_000) + ATTEMPT_LIFETIME_S),
  );

/** Returns an attempt in a tenant, or null if it was not signed here, is of another tenant or took too long. */
export async function openAttempt(
  secrets: SecretRing,
  tenantId: string,
  sealed: string | null,
): Promise<Attempt | null> {
  if (sealed === null) return null;
  const verified = await jwtVerify(sealed, keyIn(secrets), {
    algorithms: ['HS256'],
    audience: AUDIENCE,
  }).catch(() => null);
  const claims = attemptClaims.safeParse(verified?.payload);
  if (!claims.success || claims.data.tenantId !== tenantId) return null;
  const { aud: _aud, exp: _exp, ...attempt } = claims.data;
  return attempt;
}
