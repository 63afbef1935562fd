import { errors, jwtVerify, SignJWT } from 'jose';
import { type SessionClaims, sessionClaims } from '../../contracts/api/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';

/** The token of an `Authorization: Bearer` header, or null when there is none. */
export function bearerToken(header: string | undefined): string | null {
  const match = header?.match(/^Bearer +([^\s]+)$/i);
  return match?.[1] ?? null;
}

/**
 * The token of a WebSocket handshake, or null when there is none. Browsers send no Authorization header there, so it
 * travels as a subprotocol, `bearer.<token>`; its characters are all allowed in one (RFC 6455, section 4.1).
 */
export function bearerSubprotocol(header: string | undefined): string | null {
  const protocols = header?.split(',').map((protocol) => protocol.trim()) ?? [];
  return protocols.find((protocol) => protocol.startsWith('bearer.'))?.slice('bearer.'.length) ?? null;
}

const keyOf = (secret: string) => new TextEncoder().encode(secret);

/** Signs a session token, HS256, with exactly `{ userId, tenantId, iat, exp }`; times are seconds since the epoch. */
export function signSessionToken(secret: string, claims: SessionClaims): Promise<string> {
  return new SignJWT({ userId: claims.userId, tenantId: claims.tenantId })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt(claims.iat)
    .setExpirationTime(claims.exp)
    .sign(keyOf(secret));
}

/**
 * Verifies a session token. The algorithm is pinned, so `none` and key confusion are refused; a token with a claim more
 * or less than the four is not ours.
 */
export async function verifySessionToken(
  secret: string,
  token: string,
): Promise<Result<SessionClaims, { code: 'unauthenticated' | 'token_expired' }>> {
  try {
    const { payload } = await jwtVerify(token, keyOf(secret), { algorithms: ['HS256'] });
    const claims = sessionClaims.safeParse(payload);
    return claims.success ? ok(claims.data) : fail({ code: 'unauthenticated' });
  } catch (error) {
    if (error instanceof errors.JWTExpired) return fail({ code: 'token_expired' });
    if (error instanceof errors.JOSEError) return fail({ code: 'unauthenticated' });
    throw error;
  }
}
