import { errors, type JWTVerifyGetKey, type SignJWT } from 'jose';
import type { SecretRing } from '../runtime/secret-ring.ts';

/** JSON Web Tokens under versioned secrets. */

const keyOf = (secret: string) => new TextEncoder().encode(secret);

/** Signs a token (HS256) with the newest secret. The header's `kid` is the secret's version; `header` has further parameters. */
export const signWith = (
  [newest]: SecretRing,
  token: SignJWT,
  header: Record<string, string> = {},
): Promise<string> =>
  token
    .setProtectedHeader({ ...header, alg: 'HS256', typ: 'JWT', kid: String(newest.version) })
    .sign(keyOf(newest.secret));

/** Finds the key that a token's header names. Tokens without a `kid` were signed before secrets had versions, by version 1. */
export const keyIn =
  (secrets: SecretRing): JWTVerifyGetKey =>
  ({ kid = '1' }) => {
    const named = secrets.find(({ version }) => String(version) === kid);
    if (named === undefined) throw new errors.JWKSNoMatchingKey();
    return keyOf(named.secret);
  };
