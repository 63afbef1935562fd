import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { TenantEnv } from '../../../worker/http/app-env.ts';
import { crossOrigin, crossOriginOfTenant } from '../../../worker/http/middleware/cors.ts';

const OPERATORS = 'https://app.example';
const TENANTS = 'https://shop.example:8443';
const COMPLETIONS = '/v1/chat/completions';

type Asked = { method?: string; headers?: Record<string, string>; allowed_origins?: string[] };

/** Sends a request from a page of `origin` to a tenant, which refuses it for want of a token. */
async function ask(
  path: string,
  origin: string,
  { method = 'GET', headers = {}, allowed_origins = [TENANTS] }: Asked = {},
) {
  const app = new Hono<TenantEnv>();
  app.use(async (c, next) => {
    c.set('settings', { ...c.var.settings, CORS_ALLOWED_ORIGINS: [OPERATORS] });
    await next();
  });
  app.use(crossOrigin);
  app.use(async (c, next) => {
    c.set('tenant', { ...c.var.tenant, allowed_origins });
    await next();
  });
  app.use('/v1/*', crossOriginOfTenant);
  app.all('*', (c) => c.text('no token', 401));
  const answer = await app.request(path, { method, headers: { origin, ...headers } });
  return {
    status: answer.status,
    headers: answer.headers,
    allowed: answer.headers.get('access-control-allow-origin'),
  };
}

/** Sends the preflight of an SDK's request. */
const preflight = (path: string, origin: string, allowed_origins?: string[]) =>
  ask(path, origin, {
    method: 'OPTIONS',
    headers: {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-stainless-retry-count',
    },
    ...(allowed_origins && { allowed_origins }),
  });

describe.each([
  ['an origin of the operator', OPERATORS],
  ['an origin of the tenant', TENANTS],
])('%s', (_, origin) => {
  it('can send all headers of its SDK to /v1 without a token for the preflight, but no cookies', async () => {
    const { status, headers, allowed } = await preflight(COMPLETIONS, origin);
    expect(status).toBe(204);
    expect(allowed).toBe(origin);
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    expect(headers.get('access-control-allow-headers')).toContain('x-stainless-retry-count');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toContain('Origin');
  });

  it('can read the answer of /v1, a refusal included, and when to ask again', async () => {
    const { status, headers, allowed } = await ask(COMPLETIONS, origin);
    expect({ status, allowed }).toEqual({ status: 401, allowed: origin });
    expect(headers.get('access-control-expose-headers')).toContain('retry-after');
    expect(headers.get('vary')).toContain('Origin');
  });
});

it('an origin of the tenant cannot call /api, where the web app is', async () => {
  expect((await preflight('/api/wallet', TENANTS)).allowed).toBeNull();
  expect((await ask('/api/wallet', TENANTS)).allowed).toBeNull();
  expect((await preflight('/api/wallet', OPERATORS)).allowed).toBe(OPERATORS);
});

it.each([
  'https://evil.example',
  'https://shop.example',
  'http://shop.example:8443',
  'https://shop.example:8443.evil.example',
  'https://sub.shop.example:8443',
  'null',
])('the origin %s gets no CORS headers, and caches are told', async (origin) => {
  const { headers, allowed } = await preflight(COMPLETIONS, origin);
  expect(allowed).toBeNull();
  expect(headers.get('vary')).toContain('Origin');
  expect((await ask(COMPLETIONS, origin)).allowed).toBeNull();
});

it('a tenant that allows every origin allows each by its name', async () => {
  expect((await preflight(COMPLETIONS, 'https://any.example', ['*'])).allowed).toBe('https://any.example');
  expect((await preflight('/api/wallet', 'https://any.example', ['*'])).allowed).toBeNull();
});

it('a request of no page gets no CORS headers; caches are told that another one may', async () => {
  const app = new Hono<TenantEnv>().use(crossOrigin);
  app.get('*', (c) => c.text('x'));
  const { headers } = await app.request(COMPLETIONS);
  expect(headers.get('access-control-allow-origin')).toBeNull();
  expect(headers.get('vary')).toContain('Origin');
});
