import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../contracts/wallet/journal.ts';
import { compensate } from '../../../durable-objects/wallet/rules/compensation.ts';
import { figuresOf } from '../../../durable-objects/wallet/rules/state.ts';
import { hashEntry } from '../../../journal/hash.ts';
import { addEntry, findBrokenLink, GENESIS, proofFrom, readEntries } from '../../../journal/verify.ts';
import { HARD_LIFETIME, IDENTITY } from '../wallet/simulated-wallet.ts';
import { runSteps, steps } from './random-wallet-steps.ts';

const LIVES = 200;

const read = (entries: JournalEntry[]) => readEntries(IDENTITY, proofFrom(GENESIS), entries);
const kindsOf = (entries: JournalEntry[]) => read(entries).differences.map(({ kind }) => kind);

/** A life with every kind of entry that executions make, overage included. */
const wallet = runSteps([
  { do: 'policy', change: { enforcement: 'warn' } },
  { do: 'reserve', execution: 1, amount: 700 },
  { do: 'settle', execution: 1, amount: 650 },
  { do: 'correct', amount: 200 },
  { do: 'reserve', execution: 2, amount: 100 },
  { do: 'release', execution: 2 },
  { do: 'reserve', execution: 3, amount: 800 },
  { do: 'settle', execution: 3, amount: 800 },
  { do: 'reserve', execution: 4, amount: 5 },
  { do: 'wait', ms: 7_200_000 },
]);
const { entries } = wallet;
const at = (seq: number): JournalEntry => {
  const entry = entries[seq - 1];
  if (entry === undefined) throw new Error(`There is no entry ${seq}`);
  return entry;
};
const without = (seq: number) => entries.filter((entry) => entry.seq !== seq);
const withChanged = (seq: number, change: Partial<JournalEntry>) =>
  entries.map((entry) => (entry.seq === seq ? { ...entry, ...change } : entry));

/** A forger who knows how hashes are made. */
function resealed(changed: JournalEntry[]): JournalEntry[] {
  let prev_hash = changed[0]?.prev_hash ?? '';
  return changed.map((entry) => {
    const unsealed = { ...entry, prev_hash };
    prev_hash = hashEntry(IDENTITY, unsealed);
    return { ...unsealed, hash: prev_hash };
  });
}

describe('whatever a wallet goes through', () => {
  it('the sum of its entries is what the wallet says, at every step', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        let proof = proofFrom(GENESIS);
        runSteps(actions, ({ state, entries: all }) => {
          proof = readEntries(IDENTITY, proof, all.slice(proof.head.seq));
          expect(proof.differences).toEqual([]);
          expect(proof.head).toEqual({ seq: state.seq, hash: state.last_hash, figures: figuresOf(state) });
          expect(proof.proved).toEqual(proof.head);
        });
      }),
      { numRuns: LIVES },
    );
  });

  it('reading may stop at any entry and go on from its checkpoint', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (actions, stop) => {
        const { entries: all } = runSteps(actions);
        const first = read(all.slice(0, stop % (all.length + 1)));
        const rest = readEntries(IDENTITY, proofFrom(first.proved), all.slice(first.proved.seq));
        expect(rest.proved).toEqual(read(all).proved);
      }),
      { numRuns: LIVES },
    );
  });

  it('a dropped, doubled or swapped entry is found where it is', () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.constantFrom('drop', 'double', 'swap'), (actions, nth, fault) => {
        const { entries: all } = runSteps([...actions, { do: 'correct', amount: 1 }]);
        const index = nth % (all.length - 1);
        const pair = all.slice(index, index + 2);
        const broken = {
          drop: pair.slice(1),
          double: [...pair.slice(0, 1), ...pair],
          swap: pair.toReversed(),
        }[fault];
        const proof = read([...all.slice(0, index), ...broken, ...all.slice(index + 2)]);
        expect(proof.differences).not.toEqual([]);
        expect(proof.proved.seq).toBe(fault === 'double' ? index + 1 : index);
      }),
      { numRuns: LIVES },
    );
  });
});

describe('a changed entry', () => {
  const other: { [Field in keyof JournalEntry]-?: JournalEntry[Field] } = {
    ...at(3),
    seq: 4_711,
    kind: 'credit',
    operation_id: 'another',
    amount: 651,
    monthly_delta: 1,
    lifetime_delta: -651,
    reserved_delta: 1,
    overage: 1,
    shortfall: 1,
    thresholds_crossed: [50],
    monthly_after: 1,
    lifetime_after: 1,
    reserved_after: 1,
    overage_after: 1,
    period: '2026-10',
    policy_version: 77,
    actor: { kind: 'admin', id: null },
    reason: 'another',
    reference: 'another',
    execution_start: at(2).execution_start,
    execution_outcome: null,
    at_ms: 1,
    prev_hash: 'f'.repeat(64),
    hash: 'f'.repeat(64),
  };

  it.each(Object.keys(other) as (keyof JournalEntry)[])('is found, whichever field: %s', (field) => {
    const proof = read(withChanged(3, { [field]: other[field] }));
    expect(proof.differences.length).toBeGreaterThan(0);
    expect(proof.proved.seq).toBe(2);
  });

  it('is found without the field that was taken away', () => {
    const seq = entries.findIndex((entry) => entry.shortfall !== undefined) + 1;
    const { shortfall: _, ...rest } = at(seq);
    const changed = entries.map((entry) => (entry.seq === seq ? rest : entry));
    expect(read(changed).differences).toMatchObject([{ kind: 'hash_broken', seq }]);
  });

  it('is found once, and what comes after it is not blamed', () => {
    expect(read(withChanged(3, { reason: 'another' })).differences).toEqual([
      { kind: 'hash_broken', seq: 3, field: 'hash', expected: expect.any(String), found: at(3).hash },
    ]);
  });

  it('is found by its figures even when every hash was made anew', () => {
    const forged = resealed(withChanged(3, { lifetime_delta: -600, lifetime_after: 400 }));
    expect(read(forged).differences).toEqual([
      {
        kind: 'figures_broken',
        seq: 4,
        field: 'lifetime_after',
        expected: 600,
        found: at(4).lifetime_after,
      },
    ]);
  });

  it('that moves tokens from nowhere breaks the law, and does so once', () => {
    const reserve = { lifetime_delta: 10, lifetime_after: at(2).lifetime_after + 10 };
    const forged = resealed(withChanged(2, reserve)).slice(0, 2);
    expect(read(forged).differences).toMatchObject([{ kind: 'figures_broken', seq: 2, field: 'granted' }]);
  });

  it('of another wallet does not count here', () => {
    const proof = readEntries({ ...IDENTITY, user_id: IDENTITY.tenant_id }, proofFrom(GENESIS), entries);
    expect(new Set(proof.differences.map(({ kind }) => kind))).toEqual(new Set(['hash_broken']));
    expect(proof.proved).toEqual(GENESIS);
  });
});

describe('a missing entry', () => {
  it('is named, and entries after it are still read', () => {
    const { differences, proved, head } = read(without(3));
    expect(differences).toEqual([{ kind: 'entry_missing', seq: 3, field: 'seq', expected: 3, found: 4 }]);
    expect(proved.seq).toBe(2);
    expect(head.seq).toBe(entries.length);
  });

  it('leaves its tokens out of the sum of what is there', () => {
    const sum = without(3).reduce(addEntry, GENESIS.figures);
    expect(read(without(3)).head.figures).toEqual(sum);
    expect(sum).not.toEqual(figuresOf(wallet.state));
  });
});

it('an end without a beginning is found', () => {
  const forged = resealed([at(1), { ...at(6), seq: 2 }]);
  expect(kindsOf(forged)).toContain('figures_broken');
});

it('a compensating entry leads from the sum of the entries to what the wallet has', () => {
  const { state } = wallet;
  const damaged = { ...state, lifetime: state.lifetime + 40, granted: state.granted + 40 };
  const { figures, seq } = read(entries).head;
  const change = compensate(
    damaged,
    { reservations: 0, monthly: 0, lifetime: 0 },
    {
      wallet: IDENTITY,
      policy: HARD_LIFETIME,
      operation_id: 'repair/1',
      actor: { kind: 'superadmin', id: null },
      reason: 'a test lost them',
      reference: null,
      ledger: { seq, figures },
    },
    state.at_ms,
  );
  const proof = read([...entries, ...change.entries]);
  expect(proof.differences).toEqual([]);
  expect(proof.head.figures).toEqual(figuresOf(change.state));
});

it('a compensating entry may lead from the sum of entries of which one was changed', () => {
  const changed = withChanged(3, { lifetime_delta: -600, amount: 600 });
  const { figures, seq, hash } = read(changed).head;
  const last = at(seq);
  const moved = last.lifetime_after - figures.lifetime;
  expect(moved).toBe(-50);
  const bridge = {
    ...{ ...last, seq: seq + 1, prev_hash: hash, kind: 'adjustment', amount: moved, overage: 0 },
    ...{ monthly_delta: 0, lifetime_delta: moved, reserved_delta: 0, execution_outcome: null },
  } satisfies JournalEntry;
  const sealed = { ...bridge, hash: hashEntry(IDENTITY, bridge) };
  const only = (field: string) => ({ kind: 'figures_broken', seq: 3, field });
  expect(read([...changed, sealed]).differences).toMatchObject([
    { kind: 'hash_broken', seq: 3 },
    only('lifetime_after'),
  ]);
  const greedy = { ...bridge, lifetime_delta: moved + 1 };
  const kinds = kindsOf([...changed, { ...greedy, hash: hashEntry(IDENTITY, greedy) }]);
  expect(kinds).toEqual(['hash_broken', 'figures_broken', 'figures_broken']);
});

it('of very many faults all are counted', () => {
  const many = Array.from({ length: 1_500 }, (_, index) => ({ ...at(1), seq: index + 1 }));
  const { differences, differences_found } = read(many);
  expect(differences.length).toBe(1_000);
  expect(differences_found).toBeGreaterThan(1_500);
});

describe('a message of the queue', () => {
  it('is whole wherever in the life of its wallet it begins', () => {
    for (let from = 0; from < entries.length; from++)
      expect(findBrokenLink(IDENTITY, entries.slice(from, from + 3))).toBeUndefined();
  });

  it('of a hundred entries is read to its end, though it begins with the ends of what it does not show', () => {
    const pairs = Array.from({ length: 120 }, (_, index) => [
      { do: 'reserve', execution: index, amount: 1 } as const,
      { do: 'settle', execution: index, amount: 1 } as const,
    ]);
    const long = runSteps(pairs.flat()).entries;
    const from = long.findIndex(({ kind }, index) => index > 3 && kind === 'debit');
    const message = long.slice(from, from + 100);
    expect(findBrokenLink(IDENTITY, message)).toBeUndefined();
    for (const [index, entry] of message.entries()) {
      expect(findBrokenLink(IDENTITY, message.with(index, { ...entry, reason: 'forged' }))).toMatchObject({
        ...{ kind: 'hash_broken', seq: entry.seq },
      });
      if (index > 0 && index < 99)
        expect(findBrokenLink(IDENTITY, message.toSpliced(index, 1))).toMatchObject({
          ...{ kind: 'entry_missing', seq: entry.seq },
        });
    }
  });

  it.each([
    ['an entry was changed', withChanged(4, { amount: 1 }).slice(2, 5), 'hash_broken'],
    ['an entry is missing between two', without(4).slice(2, 5), 'entry_missing'],
    [
      'an entry does not link',
      resealed([at(3)]).concat(resealed([{ ...at(4), prev_hash: '0'.repeat(64) }])),
      'link_broken',
    ],
  ] as const)('is broken when %s', (_, message, kind) => {
    expect(findBrokenLink(IDENTITY, [...message])).toMatchObject({ kind });
  });
});
