import { errors, jwtVerify, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import {
  type AuthResponse,
  type SessionClaims,
  sessionClaims,
  type User,
} from '../../contracts/api/account/auth.ts';
import { BoundedMap } from '../../contracts/bounded-map.ts';
import { resourceId } from '../../contracts/resource-id.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ClientPlace } from '../db/audit.ts';
import { saveSession } from '../db/users/sessions.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { SecretRing } from '../runtime/secret-ring.ts';
import { keyIn, signWith } from './signed-tokens.ts';

/** Returns the token of an `Authorization: Bearer` header, or null. */
export function bearerToken(header: string | undefined): string | null {
  const match = header?.match(/^Bearer +([^\s]+)$/i);
  return match?.[1] ?? null;
}

/**
 * Signs a session token (HS256) with exactly `{ userId, tenantId, iat, exp }`, and `actingSessionId` for a superadmin inside a tenant.
 * The id of the session is in the header, as `sid`. Times are seconds since the epoch.
 */
export const signSessionToken = (
  secrets: SecretRing,
  { iat, exp, sessionId, ...claims }: SessionClaims,
): Promise<string> =>
  signWith(
    secrets,
    new SignJWT(claims).setIssuedAt(iat).setExpirationTime(exp),
    sessionId === undefined ? {} : { sid: sessionId },
  );

const sessionIdOfHeader = resourceId.optional();

/** Genuine tokens that this isolate has verified, by token. Their end is checked each time. */
const genuine = new BoundedMap<string, { secrets: SecretRing; claims: SessionClaims }>(5_000);

/**
 * Verifies a session token. The algorithm is pinned, which rejects `none` and key confusion. A token with a missing or an
 * additional claim, or signed by a secret that was dropped, is rejected.
 */
export async function verifySessionToken(
  secrets: SecretRing,
  token: string,
): Promise<Result<SessionClaims, { code: 'unauthenticated' | 'token_expired' }>> {
  const known = genuine.get(token);
  if (known?.secrets === secrets && known.claims.exp > Date.now() / 1_000) return ok(known.claims);
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keyIn(secrets), { algorithms: ['HS256'] });
    const payloadClaims = sessionClaims.safeParse(payload);
    const sessionId = sessionIdOfHeader.safeParse(protectedHeader.sid);
    if (!payloadClaims.success || !sessionId.success) return fail({ code: 'unauthenticated' });
    const claims = {
      ...payloadClaims.data,
      ...(sessionId.data === undefined ? {} : { sessionId: sessionId.data }),
    };
    genuine.set(token, { secrets, claims });
    return ok(claims);
  } catch (error) {
    if (error instanceof errors.JWTExpired) return fail({ code: 'token_expired' });
    if (error instanceof errors.JOSEError) return fail({ code: 'unauthenticated' });
    throw error;
  }
}

/** The user was disabled, or every session ended, while they signed in. */
export type SessionRefused = { code: 'session_revoked' };

/**
 * Starts a session for a user and keeps where it was started. Signing out everywhere revokes every token issued up to the current second,
 * so a session started within that second is dated one second later and stays valid. `signedOutAtS` is what was read with what proved who
 * they are: a sign-out or a new password since then refuses the session.
 */
export async function startSession(
  deps: Pick<Dependencies, 'settings' | 'database'>,
  user: User,
  signedOutAtS: number | null,
  client: ClientPlace,
): Promise<Result<AuthResponse, SessionRefused>> {
  const nowS = Math.floor(Date.now() / 1_000);
  const iat = Math.max(nowS, (signedOutAtS ?? 0) + 1);
  const claims = {
    sessionId: uuidv7(),
    userId: user.id,
    tenantId: user.tenant_id,
    iat,
    exp: iat + deps.settings.JWT_LIFETIME_S,
  };
  const isKept = await saveSession(deps.database, claims, signedOutAtS, client);
  if (!isKept) return fail({ code: 'session_revoked' });
  return ok({ token: await signSessionToken(deps.settings.JWT_SECRET, claims), user });
}
