import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { AppEnv } from '../../../worker/http/app-env.ts';
import { crossOrigin } from '../../../worker/http/middleware/cors.ts';

const FRIEND = 'https://app.example';

/** Sends the preflight of an SDK's request from a page of `origin`. Returns the CORS headers. */
async function preflight(origin: string) {
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    c.set('settings', { ...c.var.settings, CORS_ALLOWED_ORIGINS: [FRIEND] });
    await next();
  });
  app.use(crossOrigin);
  const { headers } = await app.request('/v1/chat/completions', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-stainless-retry-count',
    },
  });
  return headers;
}

it('an allowed origin can send all headers of its SDK, but no cookies', async () => {
  const headers = await preflight(FRIEND);
  expect(headers.get('access-control-allow-origin')).toBe(FRIEND);
  expect(headers.get('access-control-allow-headers')).toContain('x-stainless-retry-count');
  expect(headers.get('access-control-allow-credentials')).toBeNull();
});

it.each(['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null'])(
  'the origin %s gets no CORS headers',
  async (origin) => expect((await preflight(origin)).get('access-control-allow-origin')).toBeNull(),
);
