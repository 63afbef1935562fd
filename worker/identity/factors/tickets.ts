import { jwtVerify, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { resourceId } from '../../../contracts/resource-id.ts';
import type { SecretRing } from '../../runtime/secret-ring.ts';
import { keyIn, signWith } from '../signed-tokens.ts';
import type { FactorOwner } from './totp.ts';

/**
 * Tickets: the state that a sign-in or a set-up carries from one request to the next, signed, so that nothing is stored before it is done. Each has an
 * audience of its own: none is a session token, and none stands in for another.
 */

const claimsOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject({ ...shape, tenantId: resourceId, aud: z.string(), exp: z.int().min(0) });

const sign = (secrets: SecretRing, audience: string, lifetimeS: number, claims: Record<string, unknown>) =>
  signWith(
    secrets,
    new SignJWT(claims).setAudience(audience).setExpirationTime(Math.floor(Date.now() / 1_000) + lifetimeS),
  );

/** Returns the claims of a token that was made here for this audience and has not expired, or null. */
async function verify<Claims>(
  secrets: SecretRing,
  audience: string,
  schema: z.ZodType<Claims>,
  token: string,
): Promise<Claims | null> {
  const verified = await jwtVerify(token, keyIn(secrets), { algorithms: ['HS256'], audience }).catch(
    () => null,
  );
  const claims = schema.safeParse(verified?.payload);
  return claims.success ? claims.data : null;
}

/** A sign-in whose password was right: it waits for a second factor (`check`), or has to set one up (`setup`). */
export type SignInTicket = FactorOwner & { use: 'check' | 'setup'; issued_at_s: number };

const TICKET_LIFETIME_S = 300;
const ticketClaims = claimsOf({ userId: resourceId, use: z.enum(['check', 'setup']), issuedAt: z.int() });

export const makeTicket = (
  secrets: SecretRing,
  { tenant_id: tenantId, user_id: userId, use, issued_at_s: issuedAt }: SignInTicket,
): Promise<string> => sign(secrets, 'second-factor', TICKET_LIFETIME_S, { tenantId, userId, use, issuedAt });

/** Returns a ticket of a tenant for one use, or null. */
export async function readTicket(
  secrets: SecretRing,
  tenantId: string,
  use: SignInTicket['use'],
  ticket: string,
): Promise<SignInTicket | null> {
  const claims = await verify(secrets, 'second-factor', ticketClaims, ticket);
  if (claims === null || claims.tenantId !== tenantId || claims.use !== use) return null;
  return { tenant_id: tenantId, user_id: claims.userId, use, issued_at_s: claims.issuedAt };
}

const ENROLMENT_LIFETIME_S = 600;
const enrolmentClaims = claimsOf({ userId: resourceId, ciphertext: z.string() });

/** Signs the encrypted secret of an app that is not confirmed. */
export const makeEnrolment = (
  secrets: SecretRing,
  { tenant_id: tenantId, user_id: userId }: FactorOwner,
  ciphertext: string,
): Promise<string> => sign(secrets, 'totp-enrolment', ENROLMENT_LIFETIME_S, { tenantId, userId, ciphertext });

/** Returns the encrypted secret that a user began to set up, or null. */
export async function readEnrolment(
  secrets: SecretRing,
  { tenant_id, user_id }: FactorOwner,
  enrolment: string,
): Promise<string | null> {
  const claims = await verify(secrets, 'totp-enrolment', enrolmentClaims, enrolment);
  return claims?.tenantId === tenant_id && claims.userId === user_id ? claims.ciphertext : null;
}

/** The purpose of a challenge, and the user it was made for: null for a sign-in by whoever has the passkey. */
export type ChallengeUse = { tenant_id: string; use: 'add' | 'prove'; user_id: string | null };

const CHALLENGE_LIFETIME_S = 300;
const challengeClaims = claimsOf({
  use: z.enum(['add', 'prove']),
  userId: resourceId.nullable(),
  jti: resourceId,
  atMs: z.int().min(0),
});

/**
 * Makes a challenge of WebAuthn. The challenge itself is signed and says what it is for, so nothing has to remember it. What a passkey
 * has answered is remembered with the passkey: see `used_up_to`.
 */
export const makeChallenge = (
  secrets: SecretRing,
  { tenant_id: tenantId, use, user_id: userId }: ChallengeUse,
): Promise<string> =>
  sign(secrets, 'passkey-challenge', CHALLENGE_LIFETIME_S, {
    ...{ tenantId, use, userId, jti: uuidv7(), atMs: Date.now() },
  });

/** Returns the time at which a challenge was made, in milliseconds, or null if it was not made for this use. */
export async function readChallenge(
  secrets: SecretRing,
  { tenant_id, use, user_id }: ChallengeUse,
  challenge: string,
): Promise<number | null> {
  const claims = await verify(secrets, 'passkey-challenge', challengeClaims, challenge);
  return claims?.tenantId === tenant_id && claims.use === use && claims.userId === user_id
    ? claims.atMs
    : null;
}
