import bcrypt from 'bcryptjs';
import { describe, expect, it, vi } from 'vitest';
import { hashPassword, verifyPassword } from '../../../worker/identity/password.ts';
import type { SecretRing } from '../../../worker/runtime/secret-ring.ts';

const newest = { version: 2, secret: 'a-newer-pepper-of-at-least-thirty-two-characters' };
const oldest = { version: 1, secret: 'a-pepper-of-at-least-thirty-two-characters' };
const pepper: SecretRing = [oldest];
const rotated: SecretRing = [newest, oldest];

describe('a password', () => {
  it('verifies against its own hash only', async () => {
    const hash = await hashPassword(pepper, 'correct horse battery staple');
    expect(await verifyPassword(pepper, 'correct horse battery staple', hash)).toBe(true);
    expect(await verifyPassword(pepper, 'correct horse battery stapl', hash)).toBe(false);
  });

  it('counts past the 72 bytes at which bcrypt stops', async () => {
    const long = 'é'.repeat(100);
    const hash = await hashPassword(pepper, `${long}a`);
    expect(await verifyPassword(pepper, `${long}b`, hash)).toBe(false);
    expect(await verifyPassword(pepper, `${long}a`, hash)).toBe(true);
  });

  it('cannot be verified without the pepper', async () => {
    const hash = await hashPassword(pepper, 'vanilla-demo-2026');
    expect(
      await verifyPassword([{ ...oldest, secret: `${oldest.secret}!` }], 'vanilla-demo-2026', hash),
    ).toBe(false);
  });

  it('verifies under the pepper that it was hashed with, until that is dropped', async () => {
    const old = await hashPassword(pepper, 'vanilla-demo-2026');
    const fresh = await hashPassword(rotated, 'vanilla-demo-2026');
    expect(await verifyPassword(rotated, 'vanilla-demo-2026', old)).toBe(true);
    expect(await verifyPassword(rotated, 'vanilla-demo-2026', fresh)).toBe(true);
    expect(await verifyPassword([newest], 'vanilla-demo-2026', old)).toBe(false);
    expect(await verifyPassword([newest], 'vanilla-demo-2026', fresh)).toBe(true);
    expect(await verifyPassword(pepper, 'vanilla-demo-2026', fresh)).toBe(false);
  });

  it('is salted: the same password hashes differently each time', async () => {
    expect(await hashPassword(pepper, 'vanilla-demo-2026')).not.toBe(
      await hashPassword(pepper, 'vanilla-demo-2026'),
    );
  });

  it('of an unknown user never verifies, and takes the same work as a wrong password', async () => {
    const compare = vi.spyOn(bcrypt, 'compare');
    expect(await verifyPassword(pepper, 'vanilla-demo-2026', null)).toBe(false);
    const [, comparedHash] = compare.mock.lastCall ?? [];
    const real = await hashPassword(pepper, 'vanilla-demo-2026');
    expect(bcrypt.getRounds(comparedHash ?? '')).toBe(bcrypt.getRounds(real));
    compare.mockRestore();
  });
});
