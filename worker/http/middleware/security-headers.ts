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

/** True for the paths of the APIs, whose answers depend on the caller. */
const isApi = (path: string): boolean => path.startsWith('/api/') || path.startsWith('/v1/');

/** Adds security headers to every answer. Pages have their own policy (routes/pages.ts). No cache keeps an answer of an API. */
export const securityHeaders = createMiddleware<AppEnv>(async (c, next) => {
  await common(c, next);
  const { headers } = c.res;
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', API_POLICY);
  if (!isApi(c.req.path)) return;
  if (!headers.has('cache-control')) headers.set('cache-control', 'private, no-store');
  headers.append('vary', 'Authorization');
});
