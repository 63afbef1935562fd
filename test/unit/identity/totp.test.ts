import { Secret } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { readRecoveryCode } from '../../../worker/identity/factors/recovery-codes.ts';
import { makeTotpSecret, stepOfCode } from '../../../worker/identity/factors/totp.ts';
import { encryptSecret, keyRing } from '../../../worker/runtime/key-ring.ts';

const ring = keyRing.parse(`1:${Buffer.alloc(32, 1).toString('base64')}`);
const owner = { tenant_id: 'a tenant', user_id: 'a user' };

describe('a code of an authenticator app', () => {
  // The secret and the last six digits of RFC 6238, appendix B, SHA-1.
  const secret = Secret.fromLatin1('12345678901234567890').base32;
  const sealed = encryptSecret(ring, ['totp', owner.tenant_id, owner.user_id], secret);

  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_234_567_890, '005924'],
    [20_000_000_000, '353130'],
  ])('at second %i is %s, as in RFC 6238', async (second, code) => {
    expect(await stepOfCode(ring, owner, await sealed, code, second * 1_000)).toEqual({
      ok: true,
      value: Math.floor(second / 30),
    });
  });

  it('is of its own step when it comes a step early or late, and wrong when later', async () => {
    const at = (second: number) =>
      sealed.then((text) => stepOfCode(ring, owner, text, '287082', second * 1_000));
    expect(await at(29)).toEqual({ ok: true, value: 1 });
    expect(await at(89)).toEqual({ ok: true, value: 1 });
    expect(await at(91)).toMatchObject({ ok: false });
  });
});

it('a secret is shown with the names of the tenant and the account, whatever characters they have', async () => {
  const { uri, secret } = await makeTotpSecret(ring, owner, {
    issuer: 'Acme: AI & Co',
    label: 'ada@example.com',
  });
  const address = new URL(uri);
  expect(address.protocol).toBe('otpauth:');
  expect(address.searchParams.get('secret')).toBe(secret);
  expect(address.searchParams.get('issuer')).toBe('Acme  AI & Co');
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
});

it.each([
  ['7KQ2-M9TX-4WBN-HZ3D', '7KQ2M9TX4WBNHZ3D'],
  [' 7kq2m9tx 4wbnhz3d', '7KQ2M9TX4WBNHZ3D'],
  ['oOiL-1111-1111-1111', '0011111111111111'],
  ['7KQ2-M9TX-4WBN', null],
  ['7KQ2-M9TX-4WBN-HZ3U', null],
])('%j is read as the recovery code %j', (typed, code) => {
  expect(readRecoveryCode(typed)).toBe(code);
});
