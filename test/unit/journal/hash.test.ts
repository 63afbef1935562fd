import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usage } from '../../../contracts/usage.ts';
import { type JournalEntry, journalEntry } from '../../../contracts/wallet/journal.ts';
import { canonicalJson, GENESIS_HASH, hashEntry, sha256Hex } from '../../../journal/hash.ts';
import { HARD_LIFETIME, IDENTITY, SimulatedWallet } from '../wallet/simulated-wallet.ts';

const wallet = new SimulatedWallet(HARD_LIFETIME, Date.UTC(2026, 10, 20));
wallet.reserve(1, 300);
const [allocation, reserve] = wallet.entries as [JournalEntry, JournalEntry];

describe("an entry's hash", () => {
  it('is what it was when the first journals were written', () => {
    // Journals outlive code: whoever changes this value can no longer verify what is already in Postgres.
    expect(allocation.hash).toBe('fa3b3d610b4815890d80090eeb328278e16cc4160d934c826769734c31188adb');
  });

  it('follows the hash of the entry before it, from 64 zeros', () => {
    expect(allocation.prev_hash).toBe(GENESIS_HASH);
    expect(reserve.prev_hash).toBe(allocation.hash);
  });

  it('does not depend on the order of the fields, so that a database may give them in any', () => {
    const backwards = Object.fromEntries(Object.entries(reserve).reverse()) as JournalEntry;
    expect(hashEntry(IDENTITY, backwards)).toBe(reserve.hash);
  });

  it('covers the classes that few calls have, and older usage keeps its form', () => {
    const older = {
      ...{ input_tokens: 1, cache_read_tokens: 0 },
      cache_write_tokens: 0,
      output_tokens: 1,
      reasoning_tokens: 0,
    };
    expect(usage.parse(older)).toEqual(older);
    const hashWith = (used: object) =>
      hashEntry(IDENTITY, { ...reserve, execution_outcome: { usage: used } } as unknown as JournalEntry);
    for (const name of ['input_image_tokens', 'cache_write_1h_tokens']) {
      expect(usage.safeParse({ ...older, [name]: 0 }).success).toBe(false);
      const read = usage.parse({ ...older, [name]: 5 });
      expect(read).toHaveProperty(name, 5);
      expect(hashWith(read)).not.toBe(hashWith(older));
    }
  });

  it('is another for another wallet', () => {
    expect(hashEntry({ ...IDENTITY, user_id: IDENTITY.tenant_id }, reserve)).not.toBe(reserve.hash);
    expect(hashEntry({ ...IDENTITY, tenant_id: IDENTITY.user_id }, reserve)).not.toBe(reserve.hash);
  });

  it('is the SHA-256 of the canonical JSON of the entry with its wallet', () => {
    for (const { hash, ...entry } of wallet.entries)
      expect(sha256Hex(simplestCanonicalJson({ ...entry, wallet: IDENTITY }))).toBe(hash);
    expect(Object.keys(journalEntry.shape).every((field) => field < 'wallet')).toBe(true);
  });

  it.each(Object.keys(reserve).filter((field) => field !== 'hash'))('covers %s', (field) => {
    expect(hashEntry(IDENTITY, { ...reserve, [field]: 'tampered' })).not.toBe(reserve.hash);
  });
});

/** The simplest definition of canonical JSON. */
function simplestCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(simplestCanonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${simplestCanonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}

/** Texts with characters that JSON escapes, halves of surrogate pairs, and names that objects treat in their own way. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom(
    '10',
    '9',
    '__proto__',
    'toJSON',
    'constructor',
    '\ud800',
    '\udc00\ud800',
    '"\\\u007f\u2028',
    '',
  ),
);
const anyJson = fc.letrec((json) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.double(),
    fc.maxSafeInteger(),
    fc.constantFrom(null, undefined, true, false, -0),
    fc.array(json('value')),
    // An object as JSON.parse makes it, where `__proto__` is a key like any other.
    fc.array(fc.tuple(text, json('value'))).map((fields) => Object.fromEntries(fields)),
  ),
})).value;

describe('canonical JSON', () => {
  it('has the bytes of its simplest definition, whatever the value and whatever was written before', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(canonicalJson(value)).toBe(simplestCanonicalJson(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays so for more keys than are remembered', () => {
    for (let count = 0; count < 3_000; count++) {
      const value = {
        [`b${count}`]: 1,
        [`a${count}`]: { z: count, y: undefined, ['x'.repeat(count)]: null },
      };
      expect(canonicalJson(value)).toBe(simplestCanonicalJson(value));
    }
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key${500 - index}`, index]));
    expect(canonicalJson(wide)).toBe(simplestCanonicalJson(wide));
  });
});

it('no field of an entry sorts after `wallet`, which its hash writes last', () => {
  expect(Object.keys(journalEntry.shape).filter((name) => name >= 'wallet')).toEqual([]);
  for (const { hash, ...entry } of wallet.entries)
    expect(sha256Hex(simplestCanonicalJson({ ...entry, wallet: IDENTITY }))).toBe(hash);
});
