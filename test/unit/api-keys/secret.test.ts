import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { fingerprintOf, isApiKey, newApiKey } from '../../../worker/api-keys/secret.ts';

it('a new key has our form, and only its hash and prefix are stored', () => {
  const key = newApiKey();
  expect(key).toMatch(/^vsk_[0-9A-Za-z]{49}$/);
  expect(isApiKey(key)).toBe(true);
  const { hash, prefix } = fingerprintOf(key);
  expect(key.startsWith(prefix)).toBe(true);
  expect(prefix.length).toBe(10);
  expect(hash).toBe(createHash('sha256').update(key).digest('hex'));
});

it('keys are unique, and every character is equally likely', () => {
  const keys = Array.from({ length: 2_000 }, newApiKey);
  expect(new Set(keys).size).toBe(2_000);
  const counts = Map.groupBy(keys.map((key) => key.slice(4, 47)).join(''), (character) => character);
  expect(counts.size).toBe(62);
  const expected = (2_000 * 43) / 62;
  for (const [character, seen] of counts) {
    expect(Math.abs(seen.length - expected), character).toBeLessThan(expected * 0.2);
  }
});

it('a key with one changed character is refused without a lookup', () => {
  const key = newApiKey();
  for (let position = 4; position < key.length; position++) {
    const other = key[position] === 'x' ? 'y' : 'x';
    expect(isApiKey(key.slice(0, position) + other + key.slice(position + 1))).toBe(false);
  }
});

it.each(['', 'vsk_', 'sk-proj-something', `vsk_${'a'.repeat(49)}`, ` ${newApiKey()}`, `${newApiKey()}\n`])(
  '%j is no key',
  (text) => {
    expect(isApiKey(text)).toBe(false);
  },
);
