import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Client, registerSomebody, signIn } from '../support/demo.ts';
import { request } from '../support/http.ts';
import { bytesOf, pngOf, svgOf } from '../support/images.ts';

const stack = inject('stack');
const GLOBEX = 'globex.localhost';
const ACME = 'acme.localhost';

let admin: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
});
afterAll(() => send(admin, 'DELETE'));

async function send({ token }: Client, method: string, body?: Uint8Array, host = GLOBEX) {
  const answer = await request(stack.port, host, '/api/tenant/logo', {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  });
  return { ...answer, body: JSON.parse(answer.text) };
}
const upload = (body: Uint8Array) => send(admin, 'PUT', body);
const fetchLogo = (path: string, host = GLOBEX) => request(stack.port, host, path);
const shownLogo = async () =>
  JSON.parse((await request(stack.port, GLOBEX, '/api/tenant')).text).branding.logo_url;

it('an uploaded logo is shown to everybody at the hostname, and nowhere else', async () => {
  const { status, body } = await upload(pngOf(64, 64));
  expect(status).toBe(200);
  const path = body.branding.logo_url;
  expect(path).toMatch(/^\/api\/tenant\/logo\/[0-9a-f]{64}$/);
  expect(await shownLogo()).toBe(path);
  expect(await fetchLogo(path)).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'image/png',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
    },
  });
  expect((await fetchLogo(path, ACME)).status).toBe(404);
});

it('an SVG is served without what it does not need to draw, and a new logo takes the place of the old one', async () => {
  const { body: before } = await upload(pngOf(32, 32));
  const { body } = await upload(
    bytesOf(svgOf('<g data-secret="1"><path d="M0 0h10v10z"/></g><!-- note -->')),
  );
  const { headers, text } = await fetchLogo(body.branding.logo_url);
  expect(headers['content-type']).toBe('image/svg+xml');
  expect(text).toContain('M0 0h10v10z');
  expect(text).not.toMatch(/secret|note/);
  expect((await fetchLogo(before.branding.logo_url)).status).toBe(404);
});

it('a removed logo is gone', async () => {
  const { body } = await upload(pngOf(48, 48));
  expect(await send(admin, 'DELETE')).toMatchObject({ status: 200, body: { branding: { logo_url: null } } });
  expect(await shownLogo()).toBeNull();
  expect((await fetchLogo(body.branding.logo_url)).status).toBe(404);
});

it.each([
  ['an empty body', new Uint8Array(), 400, 'required'],
  ['a text', bytesOf('Hello'), 415, 'media_type'],
  ['a page', bytesOf('<!doctype html><html><body><svg></svg></body></html>'), 400, 'svg'],
  ['a GIF', bytesOf('GIF89a0000'), 415, 'media_type'],
  ['an SVG with a script', bytesOf(svgOf('<script>alert(1)</script>')), 400, 'svg'],
  ['an image with a side of 15 pixels', pngOf(15, 64), 400, 'sides'],
  ['an image with a side of 2,049 pixels', pngOf(2_049, 64), 400, 'sides'],
  ['half an image', pngOf(64, 64).slice(0, 20), 400, 'image'],
  ['300 KB', new Uint8Array(300_000), 413, 'bytes_max'],
])('%s is refused with its rule, and changes nothing', async (_, bytes, status, rule) => {
  const before = await shownLogo();
  expect(await upload(bytes)).toMatchObject({
    status,
    body: { error: { details: { issues: [{ field: 'body', rule }] } } },
  });
  expect(await shownLogo()).toBe(before);
});

it('a plain user and an admin of another tenant change no logo', async () => {
  const user = await registerSomebody(stack.port, GLOBEX);
  expect((await send(user, 'PUT', pngOf(64, 64))).status).toBe(403);
  expect((await send(user, 'DELETE')).status).toBe(403);
  const foreign = await signIn(stack.port, ACME, 'admin@acme.test');
  expect((await send(foreign, 'PUT')).status).toBe(401);
});
