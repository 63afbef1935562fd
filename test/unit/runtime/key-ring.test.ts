import { describe, expect, it } from 'vitest';
import {
  decryptProviderKey,
  decryptSecret,
  deriveRing,
  encryptProviderKey,
  encryptSecret,
  type KeyBinding,
  keyRing,
  ringVersionOf,
} from '../../../worker/runtime/key-ring.ts';

const base64 = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const ring = keyRing.parse(`1:${base64(1)} 2:${base64(2)}`);
const onlyOld = keyRing.parse(`1:${base64(1)}`);

const binding: KeyBinding = {
  tenant_id: '01900000-0000-7000-8000-00000000000a',
  provider_id: '01900000-0000-7000-8000-00000000000b',
  kind: 'openai',
  origin: 'https://llm.example.com',
};

describe('a provider key at rest', () => {
  it('decrypts with its own binding', async () => {
    const sealed = await encryptProviderKey(ring, binding, 'sk-secret');
    expect(sealed).not.toContain('sk-secret');
    expect(await decryptProviderKey(ring, binding, sealed)).toEqual({ ok: true, value: 'sk-secret' });
  });

  it('has a different ciphertext each time', async () => {
    const twice = [
      await encryptProviderKey(ring, binding, 'a'),
      await encryptProviderKey(ring, binding, 'a'),
    ];
    expect(new Set(twice).size).toBe(2);
  });

  it.each([
    ['another tenant', { tenant_id: '01900000-0000-7000-8000-00000000000f' }],
    ['another provider', { provider_id: '01900000-0000-7000-8000-00000000000f' }],
    ['another kind', { kind: 'anthropic' as const }],
    ['another base URL', { origin: 'https://evil.example.com' }],
    ['the official endpoint', { origin: null }],
  ])('does not come back for %s', async (_, changes) => {
    const sealed = await encryptProviderKey(ring, binding, 'sk-secret');
    expect(await decryptProviderKey(ring, { ...binding, ...changes }, sealed)).toEqual({
      ok: false,
      failure: { code: 'not_authentic' },
    });
  });

  it('does not decrypt if a byte was changed', async () => {
    const sealed = await encryptProviderKey(ring, binding, 'sk-secret');
    const [form, version, iv, text = ''] = sealed.split('.');
    const flipped = Buffer.from(text, 'base64');
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    const tampered = [form, version, iv, flipped.toString('base64')].join('.');
    expect(await decryptProviderKey(ring, binding, tampered)).toMatchObject({ ok: false });
  });

  it('survives a rotation: the newest key encrypts, older keys still decrypt', async () => {
    const old = await encryptProviderKey(onlyOld, binding, 'sk-secret');
    expect(await decryptProviderKey(ring, binding, old)).toEqual({ ok: true, value: 'sk-secret' });
    const renewed = await encryptProviderKey(ring, binding, 'sk-secret');
    expect([ringVersionOf(old), ringVersionOf(renewed)]).toEqual([1, 2]);
    expect(await decryptProviderKey(onlyOld, binding, renewed)).toEqual({
      ok: false,
      failure: { code: 'unknown_ring_key' },
    });
  });

  it.each(['', 'sk-plain', 'v1.0.a.b', 'v2.1.AA==.AA==', 'v1.1.!!.AA=='])(
    'in an unknown format (%j) is an error',
    async (text) => {
      expect(await decryptProviderKey(ring, binding, text)).toEqual({
        ok: false,
        failure: { code: 'malformed' },
      });
    },
  );
});

describe('a key ring', () => {
  it.each([
    ['nothing', ''],
    ['a key without a version', base64(1)],
    ['a short key', `1:${Buffer.alloc(16).toString('base64')}`],
    ['a version twice', `1:${base64(1)} 1:${base64(2)}`],
    ['version 0', `0:${base64(1)}`],
  ])('of %s is refused', (_, text) => {
    expect(keyRing.safeParse(text).success).toBe(false);
  });
});

describe('a ring that is derived for a purpose', () => {
  const place = ['a place'];

  it('decrypts what it encrypted, in the versions of its ring, and texts of megabytes', async () => {
    const text = 'é'.repeat(1_000_000);
    const sealed = await encryptSecret(await deriveRing(ring, ['mine']), place, text);
    expect(ringVersionOf(sealed)).toBe(2);
    expect(await decryptSecret(await deriveRing(ring, ['mine']), place, sealed)).toEqual({
      ok: true,
      value: text,
    });
    const old = await encryptSecret(await deriveRing(onlyOld, ['mine']), place, 'old');
    expect(await decryptSecret(await deriveRing(ring, ['mine']), place, old)).toMatchObject({ value: 'old' });
  });

  it('does not decrypt what was encrypted for another purpose, nor by the ring itself', async () => {
    const mine = await encryptSecret(await deriveRing(ring, ['mine']), place, 'secret');
    for (const other of [ring, await deriveRing(ring, ['yours']), await deriveRing(ring, ['mi', 'ne'])])
      expect(await decryptSecret(other, place, mine)).toMatchObject({ failure: { code: 'not_authentic' } });
  });
});
