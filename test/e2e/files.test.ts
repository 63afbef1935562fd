import { describe, expect, inject, it } from 'vitest';
import { request } from '../support/http.ts';

const ACME = 'acme.localhost';
const { port } = inject('stack');
const get = (path: string, headers: Record<string, string> = {}) => request(port, ACME, path, { headers });

describe('the files of the web app', () => {
  it('are sent without the Worker and kept for good if their name has a hash', async () => {
    const page = await get('/');
    const [script] = /\/assets\/[\w-]+\.js/.exec(page.text.replaceAll('/assets/color-scheme.js', '')) ?? [];
    const answer = await get(script ?? '');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('javascript');
    expect(answer.headers['cache-control']).toContain('immutable');
    expect(answer.headers['x-request-id']).toBeUndefined();
  });

  it.each([
    '/assets/index-gone.js',
    '/assets/',
    '/assets/a/b.css',
    '/assets/index.html',
    '/ASSETS/../assets/x',
  ])('that do not exist are a 404 that no cache keeps: %s', async (path) => {
    const answer = await get(path, { accept: 'text/html', 'sec-fetch-mode': 'navigate' });
    expect(answer.status).toBe(404);
    expect(answer.headers['cache-control']).toBe('private, no-store');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(JSON.parse(answer.text).error.code).toBe('not_found');
  });
});

describe('the page', () => {
  it.each(['/', '/wallet', '/admin/users/x', '/some.file', '/asset'])(
    'at %s is branded, has a policy and is kept by no cache',
    async (path) => {
      const answer = await get(path, { accept: 'text/html', 'sec-fetch-mode': 'navigate' });
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('<title>Acme');
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
    },
  );

  it('is never sent without its brand', async () => {
    for (const path of ['/index.html', '/index', '/index.html?x', '/INDEX.html']) {
      const answer = await get(path);
      if (answer.status === 200) expect(answer.text).toContain('<title>Acme');
      else expect([307, 308]).toContain(answer.status);
    }
  });
});
