import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { Settings } from '../../runtime/settings.ts';
import type { AppEnv } from '../app-env.ts';

const allowing = (origin: string[]) =>
  cors({
    origin,
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
  });

const bySettings = new WeakMap<Settings, ReturnType<typeof allowing>>();

/**
 * Allows CORS for the origins in CORS_ALLOWED_ORIGINS. The web app is same-origin and needs none. No credentials: tokens are sent in a
 * header, not in cookies. Any header is allowed, because SDKs add headers of their own with each version. A request without an
 * `Origin` comes from no page: its answer only tells caches that another one may differ.
 */
export const crossOrigin = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.header('origin') === undefined && c.req.method !== 'OPTIONS') {
    await next();
    c.res.headers.append('vary', 'Origin');
    return;
  }
  const settings = c.get('settings');
  const known = bySettings.get(settings) ?? allowing(settings.CORS_ALLOWED_ORIGINS);
  bySettings.set(settings, known);
  return known(c, next);
});
