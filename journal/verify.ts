import type {
  JournalEntry,
  WalletFigures,
  WalletIdentity,
  WithheldEntry,
} from '../contracts/wallet/journal.ts';
import type { Checkpoint, Difference } from '../contracts/wallet/reconciliation.ts';
import { GENESIS_HASH, hashEntry } from './hash.ts';

/**
 * Pure: verifies the entries of a wallet's journal. No key and no trust is needed: the numbers must be gapless, each entry must
 * name the hash of the one before it, each hash is recomputed, and the figures are added up.
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

/** The checkpoint before the first entry of any wallet. */
export const GENESIS: Checkpoint = { seq: 0, hash: GENESIS_HASH, figures: NO_FIGURES };

/** Most differences listed. Further ones are only counted. */
const DIFFERENCES_MAX = 1_000;

/** The part of an entry that a verification reads beside its hash. */
type Linked = Omit<JournalEntry, 'execution_outcome'>;

/** The changes of granted, consumed, expired and in flight, which follow from the entry's kind and not from its deltas. */
function accountedChange(entry: Linked): Partial<WalletFigures> {
  const moved = entry.monthly_delta + entry.lifetime_delta;
  switch (entry.kind) {
    case 'allocation':
    case 'credit':
    case 'adjustment':
      return { granted: moved };
    case 'reserve':
      return { in_flight: 1 };
    case 'debit': {
      // The balance paid `consumed`. Any other tokens that left it were held from a closed month and expired.
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

/** The figures after an entry. */
export function addEntry(figures: WalletFigures, entry: Linked): WalletFigures {
  const account = accountedChange(entry);
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

const balancesAfter = (entry: Linked): Balances => ({
  monthly: entry.monthly_after,
  lifetime: entry.lifetime_after,
  reserved: entry.reserved_after,
  overage: entry.overage_after,
});

/** The state of a verification, entry by entry. */
export type Proof = {
  /** The newest entry up to which there is no difference. The next verification may begin here. */
  proved: Checkpoint;
  /** The newest entry read, with the sum of all entries read as its figures. */
  head: Checkpoint;
  /** The balances that the newest entry states. Each entry is compared with the one before it, so that a fault is reported once. */
  stated: Balances;
  /** True while no entry is missing. The invariants of the sum are checked only then. */
  gapless: boolean;
  /** At most {@link DIFFERENCES_MAX}. */
  differences: Difference[];
  /** Number of differences, including those that are not listed. */
  differences_found: number;
  entries_read: number;
};

/** A verification that begins after `checkpoint`. */
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

/** Checks that the entry is the next one and links to the one before it. */
function checkLink(
  { seq, hash }: Pick<Checkpoint, 'seq' | 'hash'>,
  { seq: found, prev_hash }: Linked,
): Difference[] {
  const link = { kind: 'link_broken', seq: found } as const;
  if (found > seq + 1)
    return [{ kind: 'entry_missing', seq: seq + 1, field: 'seq', expected: seq + 1, found }];
  if (found <= seq) return [{ ...link, field: 'seq', expected: seq + 1, found }];
  return prev_hash === hash ? [] : [{ ...link, field: 'prev_hash', expected: hash, found: prev_hash }];
}

/** Checks that the entry is the next one, links to the one before it, and matches its hash. */
function checkChain(
  wallet: WalletIdentity,
  before: Pick<Checkpoint, 'seq' | 'hash'>,
  entry: JournalEntry,
): Difference[] {
  const differences = checkLink(before, entry);
  const expected = hashEntry(wallet, entry);
  if (expected !== entry.hash)
    differences.push({ kind: 'hash_broken', seq: entry.seq, field: 'hash', expected, found: entry.hash });
  return differences;
}

/** Checks that the entry's deltas lead from `before` to the balances it states. */
function compareBalances(before: Balances, entry: Linked): Difference[] {
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
 * Checks the entry's balances against the entry before it. A compensating entry starts from the sum of all entries instead,
 * which differs when one of them was changed.
 */
function checkBalances({ stated, head }: Proof, entry: Linked): Difference[] {
  const differences = compareBalances(stated, entry);
  return differences.length > 0 && compareBalances(head.figures, entry).length === 0 ? [] : differences;
}

/** The invariant that the figures break: granted = available + reserved + consumed + expired, and in_flight >= 0. Null when none. */
function invariantBreach(figures: WalletFigures): Pick<Difference, 'field' | 'expected' | 'found'> | null {
  const { monthly, lifetime, granted, consumed, expired, in_flight } = figures;
  const accounted = monthly + lifetime + consumed + expired;
  if (granted !== accounted) return { field: 'granted', expected: accounted, found: granted };
  return in_flight < 0 ? { field: 'in_flight', expected: 0, found: in_flight } : null;
}

/** Reports an invariant that this entry is the first to break. */
function checkInvariants(before: WalletFigures, after: WalletFigures, seq: number): Difference[] {
  const breach = invariantBreach(after);
  return breach === null || invariantBreach(before) !== null
    ? []
    : [{ kind: 'figures_broken', seq, ...breach }];
}

/** Continues a verification with an entry. `found`: the differences of its link and its hash. */
function readEntry(proof: Proof, entry: Linked, found: Difference[]): Proof {
  const { head } = proof;
  const { seq, hash } = entry;
  const entries_read = proof.entries_read + 1;
  // An entry read before has been counted already.
  if (seq <= head.seq) return { ...withDifferences(proof, found), entries_read };
  const next = { seq, hash, figures: addEntry(head.figures, entry) };
  const gapless = proof.gapless && seq === head.seq + 1;
  // After a gap the earlier balances do not apply, and executions may end whose reserve is missing.
  if (seq === head.seq + 1) found.push(...checkBalances(proof, entry));
  if (gapless) found.push(...checkInvariants(head.figures, next.figures, seq));
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

/** Continues a verification with the next entries, ascending. Continues after a difference and reports further ones. */
export const readEntries = (wallet: WalletIdentity, proof: Proof, entries: JournalEntry[]): Proof =>
  entries.reduce((soFar, entry) => readEntry(soFar, entry, checkChain(wallet, soFar.head, entry)), proof);

/**
 * Continues a verification with an entry of which fields were left out, so that its hash cannot be computed: it is taken as stated. Number,
 * link and figures are checked like those of any other.
 */
export const readWithheldEntry = (proof: Proof, entry: WithheldEntry): Proof =>
  readEntry(proof, entry, checkLink(proof.head, entry));

/**
 * Continues a verification from the checkpoint of a repair, whose figures replace the sum of the entries before it. Reports a
 * difference when the hash of that entry has changed.
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
 * The first of consecutive entries that does not match its hash for this wallet, or does not link to the one before it. Does
 * not check figures, since those before the first entry are unknown.
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
