import { jwtVerify, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { resourceId } from '../../../contracts/resource-id.ts';
import type { SecretRing } from '../../runtime/secret-ring.ts';
import { keyIn, signWith } from '../signed-tokens.ts';

/**
 * Known devices: a browser that has signed in to an account keeps a signed token that says so (OWASP, "Slow Down Online Guessing Attacks
 * with Device Cookies"). Its tries are counted apart from everybody else's. It is no session: without the password it opens nothing.
 */

/** Keeps the token from being a session token, and the other way round. */
const AUDIENCE = 'device';
export const DEVICE_LIFETIME_S = 180 * 86_400;

const deviceClaims = z.strictObject({
  aud: z.literal(AUDIENCE),
  sub: z.string(),
  jti: resourceId,
  exp: z.int().min(0),
});

/** An account of a tenant, whether or not it exists. `key` tells neither the address nor the tenant. */
export type AccountKey = { tenant_id: string; key: string };

/** Returns the key of an email address in a tenant. */
export async function accountKeyOf(tenant_id: string, email: string): Promise<AccountKey> {
  const bytes = new TextEncoder().encode(`${tenant_id}/${email}`);
  return { tenant_id, key: new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toHex() };
}

/** Makes the token of a device that has signed in to an account. `deviceId` is its id if it is known already. */
export function makeDeviceToken(
  secrets: SecretRing,
  { key }: AccountKey,
  deviceId: string | null,
): Promise<string> {
  const unsigned = new SignJWT({})
    .setAudience(AUDIENCE)
    .setSubject(key)
    .setJti(deviceId ?? uuidv7())
    .setExpirationTime(Math.floor(Date.now() / 1_000) + DEVICE_LIFETIME_S);
  return signWith(secrets, unsigned);
}

/** Returns the id of a device that has signed in to the account, or null if the token does not prove it. */
export async function readDeviceToken(
  secrets: SecretRing,
  account: AccountKey,
  token: string | null,
): Promise<string | null> {
  if (token === null) return null;
  const verified = await jwtVerify(token, keyIn(secrets), {
    algorithms: ['HS256'],
    audience: AUDIENCE,
    subject: account.key,
  }).catch(() => null);
  const claims = deviceClaims.safeParse(verified?.payload);
  return claims.success ? claims.data.jti : null;
}
