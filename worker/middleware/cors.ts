import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';

/**
 * CORS by exact allow-list. The web app is same-origin and needs none; anything else must be named in
 * CORS_ALLOWED_ORIGINS. No credentials: tokens travel in a header, so cookies are never wanted.
 */
export const crossOrigin = createMiddleware<AppEnv>((c, next) =>
  cors({
    origin: c.var.settings.CORS_ALLOWED_ORIGINS,
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-api-key', 'x-tenant-slug'],
    exposeHeaders: [
      'x-request-id',
      'x-execution-id',
      'x-wallet-tokens-charged',
      'x-wallet-balance-after',
      'x-wallet-warning',
      'x-attempts',
      'retry-after',
    ],
    maxAge: 600,
  })(c, next),
);
