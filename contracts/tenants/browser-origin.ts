import { z } from 'zod';

/** Origins of web pages that can call the API of a tenant from a browser. */

/** Most origins of one tenant. */
export const ORIGINS_MAX = 50;

/** Stands for every origin. */
export const ANY_ORIGIN = '*';

const localHosts = /^(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9-]+\.localhost)$/;

/** True for the origin of an https page, or of an http page on the developer's own machine, as browsers send it. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, origin } = new URL(text);
  const isPage = protocol === 'https:' || (protocol === 'http:' && localHosts.test(hostname));
  // Anything beside scheme, host and port, or in another spelling, makes the text differ from the origin.
  return isPage && origin === text && !hostname.includes('*');
}

/** An exact origin, or `*` for every one. */
export const browserOrigin = z
  .string()
  .max(300)
  .refine(
    (text) => text === ANY_ORIGIN || isOrigin(text),
    'must be an origin in lower case such as https://app.example.com: https, or http for localhost; no path, no trailing slash and no wildcard',
  );

/** True if a list of origins allows one that a browser sent. */
export const allowsOrigin = (allowed: readonly string[], origin: string): boolean =>
  allowed.includes(origin) || allowed.includes(ANY_ORIGIN);
