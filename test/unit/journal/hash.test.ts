import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../contracts/journal.ts';
import { GENESIS_HASH, hashEntry } from '../../../journal/hash.ts';
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

  it('is another for another wallet', () => {
    expect(hashEntry({ ...IDENTITY, user_id: IDENTITY.tenant_id }, reserve)).not.toBe(reserve.hash);
    expect(hashEntry({ ...IDENTITY, tenant_id: IDENTITY.user_id }, reserve)).not.toBe(reserve.hash);
  });

  it.each(Object.keys(reserve).filter((field) => field !== 'hash'))('covers %s', (field) => {
    expect(hashEntry(IDENTITY, { ...reserve, [field]: 'tampered' })).not.toBe(reserve.hash);
  });
});
