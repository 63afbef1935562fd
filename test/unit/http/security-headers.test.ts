import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { AppEnv } from '../../../worker/http/app-env.ts';
import { securityHeaders } from '../../../worker/http/middleware/security-headers.ts';

const app = new Hono<AppEnv>().use(securityHeaders);
app.get('/api/logo', (c) => c.text('x', 200, { 'cache-control': 'public, max-age=60' }));
app.get('*', (c) => c.text('x'));
const headersOf = async (path: string) => (await app.request(path)).headers;

it.each(['/api/wallet', '/v1/models', '/assets/missing.js', '/'])(
  'lets no cache keep the answer of %s',
  async (path) => {
    expect((await headersOf(path)).get('cache-control')).toBe('private, no-store');
  },
);

it('leaves the caching of a route that has its own, by every header that selects its answer', async () => {
  const headers = await headersOf('/api/logo');
  expect(headers.get('cache-control')).toBe('public, max-age=60');
  expect(headers.get('vary')).toBe('Authorization, X-Api-Key, Api-Key, X-Goog-Api-Key, X-Tenant-Slug');
});
