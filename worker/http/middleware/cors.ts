import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';

/**
 * Allows CORS for the origins in CORS_ALLOWED_ORIGINS. The web app is same-origin and needs none. No credentials: tokens are sent in a
 * header, not in cookies. Any header is allowed, because SDKs add headers of their own with each version.
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
