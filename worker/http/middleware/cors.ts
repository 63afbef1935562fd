import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';

/**
 * CORS by exact allow-list. The web app is same-origin and needs none; anything else must be named in
 * CORS_ALLOWED_ORIGINS. No credentials: tokens travel in a header, so cookies are never wanted. Such an origin may send any header:
 * the SDKs send a dozen of their own, and new ones with each version.
 */
export const crossOrigin = createMiddleware<AppEnv>((c, next) =>
  cors({
    origin: c.var.settings.CORS_ALLOWED_ORIGINS,
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposeHeaders: [
      'x-request-id',
      'request-id',
      'x-execution-id',
      'x-wallet-tokens-reserved',
      'x-wallet-tokens-charged',
      'x-wallet-balance-after',
      'x-wallet-warning',
      'x-attempts',
      'idempotency-replayed',
      'location',
      'retry-after',
      'x-should-retry',
    ],
    maxAge: 600,
  })(c, next),
);
