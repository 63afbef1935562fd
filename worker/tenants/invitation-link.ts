import { createHash, randomBytes } from 'node:crypto';
import type { Settings } from '../runtime/settings.ts';
import { PLATFORM_SLUG } from './tenant-key.ts';

/** The time for which an invitation can be accepted, in days. */
export const INVITATION_LIFETIME_DAYS = 7;

/** A new invitation's token: `vsi_` and 256 random bits. Only its hash, the SHA-256 in hex, is stored. */
export function newInvitationToken(): { token: string; hash: string } {
  const token = `vsi_${randomBytes(32).toString('base64url')}`;
  return { token, hash: invitationHash(token) };
}

/** Returns the hash under which a token is stored. */
export const invitationHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Returns the link of an invitation. The token is in the fragment, which browsers do not send. */
export const invitationLink = (origin: string, token: string): string => `${origin}/invitation#${token}`;

/**
 * Returns the origin at which a tenant answers on the platform's domain: `https://<slug>.<domain>`. Its scheme and port are those
 * of the request; the platform itself answers at its first hostname. Pure.
 */
export function originOfTenant(
  slug: string,
  requested: Pick<URL, 'protocol' | 'port'>,
  settings: Pick<Settings, 'PLATFORM_DOMAIN' | 'PLATFORM_HOSTNAMES'>,
): string {
  const hostname =
    slug === PLATFORM_SLUG ? settings.PLATFORM_HOSTNAMES[0] : `${slug}.${settings.PLATFORM_DOMAIN}`;
  const port = requested.port === '' ? '' : `:${requested.port}`;
  return `${requested.protocol}//${hostname}${port}`;
}
