import { expect, it } from 'vitest';
import { app } from '../../../worker/http/app.ts';
import { ask, somebody } from './asking.ts';

const ID = '018f0000-0000-7000-8000-000000000001';

const routes = app.openAPIRegistry.definitions.flatMap((definition) =>
  definition.type === 'route' ? [definition.route] : [],
);
const reads = routes.filter(({ method }) => method === 'get').map(({ path }) => path);

it.each(reads)('no cache keeps what GET %s answers, signed in or not', async (pattern) => {
  const path = pattern.replaceAll('{id}', ID).replaceAll(/\{.+?\}/g, '0'.repeat(64));
  // A wallet that was never used has no entries to wait for.
  const { token } = await somebody('admin');
  for (const asked of [{}, { token }]) {
    const answer = await ask(path, asked);
    await answer.text();
    const { headers } = answer;
    expect(headers.get('cache-control')).toMatch(/no-store/);
    expect(headers.get('vary')).toContain('X-Tenant-Slug');
  }
});

it('no cache keeps a new secret, or a refusal', async () => {
  const { token } = await somebody();
  const created = await ask('/api/api-keys', { token, body: { name: 'A program' } });
  expect(created.status, await created.text()).toBe(201);
  expect(created.headers.get('cache-control')).toBe('private, no-store');
  const refused = await ask('/api/auth/login', { body: '{' });
  expect(refused.status).toBe(400);
  expect(refused.headers.get('cache-control')).toBe('private, no-store');
});

it('no cache keeps the answer of a hostname without a tenant', async () => {
  for (const accept of ['text/html', 'application/json']) {
    const answer = await ask('/', { hostname: 'nobody.example', headers: { accept } });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
  }
});
