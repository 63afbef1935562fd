import { createMiddleware } from 'hono/factory';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnv } from '../app-env.ts';

const common = secureHeaders({
  strictTransportSecurity: 'max-age=31536000; includeSubDomains',
  referrerPolicy: 'strict-origin-when-cross-origin',
  xFrameOptions: 'DENY',
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
  permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [] },
});

/** The policy of JSON and errors, which load nothing. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/** The headers by which a request selects its answer, for caches (RFC 9110, section 12.5.5). The hostname is part of the address. */
const SELECTED_BY = 'Authorization, X-Api-Key, Api-Key, X-Goog-Api-Key, X-Tenant-Slug';

/**
 * Adds security headers to every answer. Pages have their own policy (routes/pages.ts). No cache keeps an answer whose route does not
 * say so: it depends on the caller, holds a secret, or is an error.
 */
export const securityHeaders = createMiddleware<AppEnv>(async (c, next) => {
  await common(c, next);
  const { headers } = c.res;
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', API_POLICY);
  if (!headers.has('cache-control')) headers.set('cache-control', 'private, no-store');
  headers.append('vary', SELECTED_BY);
});
