import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { bearerToken, signSessionToken, verifySessionToken } from '../../../worker/identity/sessions.ts';
import type { SecretRing } from '../../../worker/runtime/secret-ring.ts';

const secret = 'a-secret-of-at-least-thirty-two-characters';
const secrets: SecretRing = [{ version: 1, secret }];
const newest = { version: 2, secret: 'a-newer-secret-of-at-least-thirty-two-characters' };
const rotated: SecretRing = [newest, ...secrets];
const nowS = Math.floor(Date.now() / 1_000);
const claims = {
  userId: '018f0000-0000-7000-8000-000000000001',
  tenantId: '018f0000-0000-7000-8000-0000000000aa',
  iat: nowS,
  exp: nowS + 60,
};
const foreign = (payload: Record<string, unknown>, alg = 'HS256', key = secret, kid?: string) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .sign(new TextEncoder().encode(key));

describe('a session token', () => {
  it('carries exactly userId, tenantId, iat and exp', async () => {
    expect(decodeJwt(await signSessionToken(secrets, claims))).toEqual(claims);
  });

  it('verifies to its claims', async () => {
    const token = await signSessionToken(secrets, claims);
    expect(await verifySessionToken(secrets, token)).toEqual({ ok: true, value: claims });
  });

  it('names the secret that signed it, and stays valid while that is kept', async () => {
    const before = await signSessionToken(secrets, claims);
    const after = await signSessionToken(rotated, claims);
    expect(decodeProtectedHeader(after)).toEqual({ alg: 'HS256', typ: 'JWT', kid: '2' });
    for (const token of [before, after])
      expect(await verifySessionToken(rotated, token)).toEqual({ ok: true, value: claims });
    expect(await verifySessionToken([newest], before)).toEqual({
      ok: false,
      failure: { code: 'unauthenticated' },
    });
  });

  it('from before secrets had versions was signed by version 1', async () => {
    expect(await verifySessionToken(rotated, await foreign(claims))).toEqual({ ok: true, value: claims });
  });

  it('is reported as expired after its time', async () => {
    const token = await signSessionToken(secrets, { ...claims, iat: nowS - 120, exp: nowS - 60 });
    expect(await verifySessionToken(secrets, token)).toEqual({
      ok: false,
      failure: { code: 'token_expired' },
    });
  });

  it.each([
    ['is unsigned (alg none)', async () => new UnsecuredJWT(claims).encode()],
    ['is signed with another algorithm', () => foreign(claims, 'HS512', secret.repeat(3))],
    ['is signed with another key', () => foreign(claims, 'HS256', `${secret}x`)],
    ['carries one claim more', () => foreign({ ...claims, role: 'superadmin' })],
    ['carries one claim less', () => foreign({ userId: claims.userId, iat: claims.iat, exp: claims.exp })],
    ['names no user', () => foreign({ ...claims, userId: 'root' })],
    ['names a version that is not kept', () => foreign(claims, 'HS256', secret, '7')],
    ['names another version than the one that signed it', () => foreign(claims, 'HS256', secret, '2')],
    ['was tampered with', async () => `${(await signSessionToken(secrets, claims)).slice(0, -4)}AAAA`],
    ['is not a token', async () => 'garbage'],
    ['is empty', async () => ''],
  ])('is refused when it %s', async (_, make) => {
    expect(await verifySessionToken(secrets, await make())).toEqual({
      ok: false,
      failure: { code: 'unauthenticated' },
    });
  });
});

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc.def', 'abc.def'],
    ['bearer abc', 'abc'],
    ['Basic abc', null],
    ['Bearer', null],
    ['Bearer a b', null],
    [undefined, null],
  ])('%o gives the token %o', (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
});
