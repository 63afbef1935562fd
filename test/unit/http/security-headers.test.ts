import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { AppEnv } from '../../../worker/http/app-env.ts';
import { securityHeaders } from '../../../worker/http/middleware/security-headers.ts';

const app = new Hono<AppEnv>().use(securityHeaders);
app.get('/api/export', (c) => c.text('x', 200, { 'cache-control': 'no-store' }));
app.get('*', (c) => c.text('x'));
const headersOf = async (path: string) => (await app.request(path)).headers;

it.each(['/api/wallet', '/v1/models'])('lets no cache keep the answer of %s', async (path) => {
  const headers = await headersOf(path);
  expect(headers.get('cache-control')).toBe('private, no-store');
  expect(headers.get('vary')).toContain('Authorization');
});

it('leaves the caching of a route that has its own, and of pages', async () => {
  expect((await headersOf('/api/export')).get('cache-control')).toBe('no-store');
  expect((await headersOf('/assets/index.js')).get('cache-control')).toBeNull();
  expect((await headersOf('/assets/index.js')).get('vary')).toBeNull();
});
