import type { JournalEntry, WalletFigures, WalletIdentity } from '../contracts/journal.ts';
import type { Checkpoint, Difference } from '../contracts/reconciliation.ts';
import { GENESIS_HASH, hashEntry } from './hash.ts';

/**
 * Pure: what entries of a wallet's journal prove. Whoever reads them needs no key and nobody's word: the numbers are gapless,
 * each entry names the hash of the one before it, each hash can be computed again, and the figures can be added up.
 */

const NO_FIGURES: WalletFigures = {
  monthly: 0,
  lifetime: 0,
  reserved: 0,
  overage: 0,
  granted: 0,
  consumed: 0,
  expired: 0,
  in_flight: 0,
};

/** Before the first entry of any wallet. */
export const GENESIS: Checkpoint = { seq: 0, hash: GENESIS_HASH, figures: NO_FIGURES };

/** Differences that are kept; further ones are counted. */
const DIFFERENCES_MAX = 1_000;

/** What an entry did to what was granted, consumed, expired and in flight: its deltas do not say, its kind does. */
function accountFor(entry: JournalEntry): Partial<WalletFigures> {
  const moved = entry.monthly_delta + entry.lifetime_delta;
  switch (entry.kind) {
    case 'allocation':
    case 'credit':
    case 'adjustment':
      return { granted: moved };
    case 'reserve':
      return { in_flight: 1 };
    case 'debit': {
      // What the balance paid is consumed; whatever else left it is held tokens of a closed month, which expired.
      const consumed = entry.amount - entry.overage;
      return { consumed, expired: -moved - consumed, in_flight: -1 };
    }
    case 'release':
    case 'expiry':
      return { expired: -moved, in_flight: -1 };
    case 'rollover':
      return { expired: entry.amount };
  }
}

/** The figures after one more entry. */
export function addEntry(figures: WalletFigures, entry: JournalEntry): WalletFigures {
  const account = accountFor(entry);
  return {
    monthly: figures.monthly + entry.monthly_delta,
    lifetime: figures.lifetime + entry.lifetime_delta,
    reserved: figures.reserved + entry.reserved_delta,
    overage: figures.overage + entry.overage,
    granted: figures.granted + (account.granted ?? 0),
    consumed: figures.consumed + (account.consumed ?? 0),
    expired: figures.expired + (account.expired ?? 0),
    in_flight: figures.in_flight + (account.in_flight ?? 0),
  };
}

const balanceNames = ['monthly', 'lifetime', 'reserved', 'overage'] as const;
type Balances = Pick<WalletFigures, (typeof balanceNames)[number]>;

const balancesAfter = (entry: JournalEntry): Balances => ({
  monthly: entry.monthly_after,
  lifetime: entry.lifetime_after,
  reserved: entry.reserved_after,
  overage: entry.overage_after,
});

/** How far a reader has come. */
export type Proof = {
  /** The newest entry up to which nothing is wrong: where the next reader may begin. */
  proved: Checkpoint;
  /** The newest entry that was read, whatever is wrong before it. Its figures are the sum of all entries there are. */
  head: Checkpoint;
  /** The balances as the newest entry states them: each entry is held to the one before it, so that one fault shows once. */
  stated: Balances;
  /** Whether nothing was missing on the way: only then can the sum be held to the law. */
  gapless: boolean;
  /** The first thousand. */
  differences: Difference[];
  /** How many there are, those included that are not kept. */
  differences_found: number;
  entries_read: number;
};

/** Begins to read after `checkpoint`. */
export const proofFrom = (checkpoint: Checkpoint): Proof => ({
  proved: checkpoint,
  head: checkpoint,
  stated: checkpoint.figures,
  gapless: true,
  differences: [],
  differences_found: 0,
  entries_read: 0,
});

function withDifferences(proof: Proof, found: Difference[]): Proof {
  if (found.length === 0) return proof;
  const { differences, differences_found } = proof;
  return {
    ...proof,
    differences:
      differences.length < DIFFERENCES_MAX
        ? [...differences, ...found].slice(0, DIFFERENCES_MAX)
        : differences,
    differences_found: differences_found + found.length,
  };
}

/** Whether the entry is the next one, names the one before it, and is what was hashed. */
function checkChain(
  wallet: WalletIdentity,
  { seq, hash }: Pick<Checkpoint, 'seq' | 'hash'>,
  entry: JournalEntry,
): Difference[] {
  const differences: Difference[] = [];
  const { seq: found, prev_hash } = entry;
  const link = { kind: 'link_broken', seq: found } as const;
  if (found > seq + 1)
    differences.push({ kind: 'entry_missing', seq: seq + 1, field: 'seq', expected: seq + 1, found });
  else if (found <= seq) differences.push({ ...link, field: 'seq', expected: seq + 1, found });
  else if (prev_hash !== hash)
    differences.push({ ...link, field: 'prev_hash', expected: hash, found: prev_hash });
  const expected = hashEntry(wallet, entry);
  if (expected !== entry.hash)
    differences.push({ kind: 'hash_broken', seq: found, field: 'hash', expected, found: entry.hash });
  return differences;
}

/** Whether the entry leads from these balances to those it states. */
function compareBalances(before: Balances, entry: JournalEntry): Difference[] {
  const expected: Balances = {
    monthly: before.monthly + entry.monthly_delta,
    lifetime: before.lifetime + entry.lifetime_delta,
    reserved: before.reserved + entry.reserved_delta,
    overage: before.overage + entry.overage,
  };
  const found = balancesAfter(entry);
  return balanceNames
    .filter((name) => expected[name] !== found[name])
    .map((name) => ({
      kind: 'figures_broken',
      seq: entry.seq,
      field: `${name}_after`,
      expected: expected[name],
      found: found[name],
    }));
}

/**
 * Whether the entry leads on from the one before it. A compensating entry leads from the sum of all entries instead, which is
 * another where one of them was changed.
 */
function checkBalances({ stated, head }: Proof, entry: JournalEntry): Difference[] {
  const differences = compareBalances(stated, entry);
  return differences.length > 0 && compareBalances(head.figures, entry).length === 0 ? [] : differences;
}

/** granted = available + reserved + consumed + expired, and no more executions end than began. */
function breachOf(figures: WalletFigures): Pick<Difference, 'field' | 'expected' | 'found'> | null {
  const { monthly, lifetime, granted, consumed, expired, in_flight } = figures;
  const accounted = monthly + lifetime + consumed + expired;
  if (granted !== accounted) return { field: 'granted', expected: accounted, found: granted };
  return in_flight < 0 ? { field: 'in_flight', expected: 0, found: in_flight } : null;
}

/** Whether the entry is the first to breach the law: what was breached before it was said before it. */
function checkLaw(before: WalletFigures, after: WalletFigures, seq: number): Difference[] {
  const breach = breachOf(after);
  return breach === null || breachOf(before) !== null ? [] : [{ kind: 'figures_broken', seq, ...breach }];
}

function readEntry(wallet: WalletIdentity, proof: Proof, entry: JournalEntry): Proof {
  const { head } = proof;
  const { seq, hash } = entry;
  const entries_read = proof.entries_read + 1;
  const found = checkChain(wallet, head, entry);
  // What was read already has been counted.
  if (seq <= head.seq) return { ...withDifferences(proof, found), entries_read };
  const next = { seq, hash, figures: addEntry(head.figures, entry) };
  const gapless = proof.gapless && seq === head.seq + 1;
  // What stands before a gap says nothing about the balances after it, and executions may end whose beginning is missing.
  if (seq === head.seq + 1) found.push(...checkBalances(proof, entry));
  if (gapless) found.push(...checkLaw(head.figures, next.figures, seq));
  const read = withDifferences(proof, found);
  return {
    ...read,
    proved: read.differences_found === 0 ? next : proof.proved,
    head: next,
    stated: balancesAfter(entry),
    gapless,
    entries_read,
  };
}

/** Reads on: `entries` are those after what was read so far, ascending. Goes on after a fault and finds the others too. */
export const readEntries = (wallet: WalletIdentity, proof: Proof, entries: JournalEntry[]): Proof =>
  entries.reduce((soFar, entry) => readEntry(wallet, soFar, entry), proof);

/**
 * Goes on from the checkpoint of a repair that this reading has come to: the repair took over figures there that the entries before it
 * do not add up to. Whether it is the same entry still is checked.
 */
export function resumeAt(proof: Proof, { seq, hash, figures }: Checkpoint): Proof {
  const { head } = proof;
  const moved = head.seq === seq && head.hash !== hash;
  const difference = { kind: 'link_broken', seq, field: 'hash', expected: hash, found: head.hash } as const;
  const read = withDifferences(proof, moved ? [difference] : []);
  const checkpoint = { seq, hash: head.seq === seq ? head.hash : hash, figures };
  return {
    ...read,
    head: checkpoint,
    stated: figures,
    gapless: true,
    proved: read.differences_found === 0 ? checkpoint : proof.proved,
  };
}

/**
 * The first entry of consecutive ones that is not what was hashed for this wallet, or does not link to the one before it. What
 * they add up to is not looked at: the figures before the first of them are not known here.
 */
export function findBrokenLink(wallet: WalletIdentity, entries: JournalEntry[]): Difference | undefined {
  let before = entries[0] && { seq: entries[0].seq - 1, hash: entries[0].prev_hash };
  for (const entry of entries) {
    const [difference] = before === undefined ? [] : checkChain(wallet, before, entry);
    if (difference !== undefined) return difference;
    before = entry;
  }
  return undefined;
}
