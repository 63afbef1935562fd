import { describe, expect, it } from 'vitest';
import type { Difference } from '../../../contracts/wallet/reconciliation.ts';
import { figuresOf } from '../../../durable-objects/wallet/rules/state.ts';
import { GENESIS, proofFrom, readEntries } from '../../../journal/verify.ts';
import type { Findings } from '../../../worker/db/ledger/wallet-records.ts';
import { type Evidence, judge } from '../../../worker/reconciliation/verdict.ts';
import { runSteps } from '../journal/random-wallet-steps.ts';
import { IDENTITY } from '../wallet/simulated-wallet.ts';

const NOW_MS = Date.UTC(2026, 11, 1);
const MINUTE_MS = 60_000;

/** Entries 1 to 6: an allocation, two executions that cost 100 each, and a credit of 5. */
const { entries, state } = runSteps([
  { do: 'reserve', execution: 1, amount: 300 },
  { do: 'settle', execution: 1, amount: 100 },
  { do: 'reserve', execution: 2, amount: 100 },
  { do: 'settle', execution: 2, amount: 100 },
  { do: 'correct', amount: 5 },
]);
const balances = { monthly: 0, lifetime: 805, reserved: 0, overage: 0 };

/** Evidence without differences, except for `changes`. */
const evidence = (changes: Partial<Evidence> = {}, missing: number[] = []): Evidence => ({
  audit: {
    seq: state.seq,
    last_hash: state.last_hash,
    figures: figuresOf(state),
    policy_version: 1,
    standing: { status: 'active', version: 0 },
    sessions_revoked_until_s: 0,
    held: { reservations: 0, monthly: 0, lifetime: 0 },
    unconfirmed: { count: 0, oldest_at_ms: null },
    first_kept_seq: 1,
  },
  proof: readEntries(
    IDENTITY,
    proofFrom(GENESIS),
    entries.filter(({ seq }) => !missing.includes(seq)),
  ),
  complete: true,
  gaps: [],
  ledger_is_ahead: false,
  projection: {
    ledger: { entries: 6 - missing.length, newest_seq: 6, charged: 200, open: 0, ...balances },
    executions: { charged: 200, open: 0 },
    wholesale: null,
    usage: null,
    wallet: { seq: 6, ...balances },
  },
  previous: null,
  full: false,
  now_ms: NOW_MS,
  ...changes,
});

const audited = (changes: Partial<Evidence['audit']>) => ({ audit: { ...evidence().audit, ...changes } });
const gap = (first_seq: number, last_seq = first_seq) => ({ first_seq, last_seq });

const found = (changes: Partial<Findings>): Findings => ({
  ...{ status: 'ok', checkpoint: GENESIS, wallet_seq: 6, differences: [], acknowledged: [] },
  ...{ repaired_through_seq: 0, repaired_checkpoint: null },
  checked_at: new Date(NOW_MS - MINUTE_MS).toISOString(),
  ...changes,
});

describe('the verdict on a wallet that', () => {
  it('agrees with everything is ok, and the next check continues from its newest entry', () => {
    expect(judge(evidence())).toEqual({
      ...{ status: 'ok', differences: [], resend: [] },
      checkpoint: { seq: 6, hash: state.last_hash, figures: figuresOf(state) },
    });
  });

  it.each([
    ['agree', { settled: 200, settled_debits: 150 }, []],
    ['are not charged yet, as far as a lease is open', { settled: 207, settled_debits: 0 }, []],
    ['cost more than was charged and is leased', { settled: 208, settled_debits: 0 }, [207, 208]],
    ['cost less than was charged for them', { settled: 149, settled_debits: 150 }, [150, 149]],
  ])('keeps a tenant’s budget and whose executions %s', (_, wholesale, [expected, found]) => {
    const { ledger, wallet } = evidence().projection;
    const verdict = judge(
      evidence({
        audit: {
          ...evidence().audit,
          ...{ held: { reservations: 1, monthly: 0, lifetime: 7 } },
          ...{ figures: { ...figuresOf(state), reserved: 7, in_flight: 1 } },
        },
        projection: {
          ...{ ledger, wallet, executions: null, usage: { rows: 3, agreeing: 3 } },
          wholesale: { charged: 0, ...wholesale },
        },
      }),
    );
    const differences = verdict.differences.filter(({ kind }) => kind === 'executions_differ');
    const difference = { kind: 'executions_differ', seq: null, field: 'wholesale', expected, found };
    expect(differences).toEqual(expected === undefined ? [] : [difference]);
  });

  it('keeps a tenant’s budget and whose daily usage is not the sum of executions is different', () => {
    const { projection } = evidence();
    const verdict = judge(evidence({ projection: { ...projection, usage: { rows: 9, agreeing: 7 } } }));
    expect(verdict.status).toBe('different');
    expect(verdict.differences).toEqual([
      { kind: 'projection_differs', seq: null, field: 'daily_usage', expected: 9, found: 7 },
    ]);
  });

  it('has a ledger too long for one check is behind', () => {
    expect(judge(evidence({ complete: false })).status).toBe('behind');
  });

  it('holds other tokens than its reservations is different', () => {
    const held = { reservations: 1, monthly: 0, lifetime: 7 };
    expect(judge(evidence(audited({ held }))).differences).toEqual([
      { kind: 'wallet_holds_differ', seq: null, field: 'in_flight', expected: 1, found: 0 },
      { kind: 'wallet_holds_differ', seq: null, field: 'reserved', expected: 7, found: 0 },
    ]);
  });
});

describe('missing entries', () => {
  const unconfirmed = (count: number, ageMs: number) =>
    audited({ unconfirmed: { count, oldest_at_ms: NOW_MS - ageMs } });

  it('among the newest, unconfirmed for less than a minute, are behind', () => {
    const missing = evidence({ gaps: [gap(5, 6)], ...unconfirmed(2, MINUTE_MS - 1) }, [5, 6]);
    expect(judge(missing)).toMatchObject({ status: 'behind', resend: [], checkpoint: { seq: 4 } });
  });

  it('are sent again after a minute', () => {
    const missing = evidence({ gaps: [gap(5, 6)], ...unconfirmed(2, MINUTE_MS) }, [5, 6]);
    expect(judge(missing)).toMatchObject({ status: 'healing', resend: [gap(5, 6)], differences: [] });
  });

  it('that were confirmed are sent again at once, even if newer ones have not arrived yet', () => {
    // An execution's end without its start looks like one end too many.
    const missing = evidence({ gaps: [gap(2), gap(6)], ...unconfirmed(1, 10) }, [2, 6]);
    expect(judge(missing)).toMatchObject({ status: 'healing', resend: [gap(2)], checkpoint: { seq: 1 } });
  });

  it('are sent again if the wallet has them; the others are a difference', () => {
    const missing = evidence({ gaps: [gap(2, 4)], ...audited({ first_kept_seq: 4 }) }, [2, 3, 4]);
    const verdict = judge(missing);
    expect(verdict).toMatchObject({ status: 'different', resend: [gap(4)] });
    expect(verdict.differences[0]).toEqual({
      ...{ kind: 'entry_missing', seq: 2, field: 'seq', expected: 2, found: 5 },
    });
  });

  it('that arrived between the two reads are no difference', () => {
    expect(judge(evidence({}, [3]))).toMatchObject({
      status: 'behind',
      differences: [],
      checkpoint: { seq: 2 },
    });
  });

  it.each([
    [10 * MINUTE_MS, 'healing'],
    [10 * MINUTE_MS + 1, 'different'],
  ])('sent again %i ms ago and not there yet are %s', (ageMs, status) => {
    const checked_at = new Date(NOW_MS - ageMs).toISOString();
    const previous = found({ status: 'healing', checked_at });
    expect(judge(evidence({ gaps: [gap(3)], previous }, [3])).status).toBe(status);
  });

  it('do not move the checkpoint of a repair back', () => {
    const checkpoint = { seq: 5, hash: 'e'.repeat(64), figures: figuresOf(state) };
    const previous = found({ checkpoint, repaired_through_seq: 4 });
    expect(judge(evidence({ gaps: [gap(2)], previous }, [2])).checkpoint).toEqual(checkpoint);
  });
});

describe('a fault in the ledger', () => {
  const fault: Difference = { kind: 'hash_broken', seq: 3, field: 'hash', expected: 'a', found: 'b' };
  const checkpoint = { seq: 6, hash: state.last_hash, figures: figuresOf(state) };
  const previous = found({ status: 'different', differences: [fault], checkpoint });
  const goingOn = { ...evidence().proof, differences: [], differences_found: 0, proved: checkpoint };

  it('does not stop the reading, and is reported by every later check', () => {
    const meeting = { ...evidence().proof, differences: [fault], differences_found: 1 };
    expect(judge(evidence({ proof: meeting })).checkpoint.seq).toBe(6);
    expect(judge(evidence({ proof: goingOn, previous }))).toMatchObject({
      ...{ status: 'different', differences: [fault], checkpoint: { seq: 6 } },
    });
  });

  it('that was corrected is gone after a full check', () => {
    expect(judge(evidence({ previous, full: true }))).toMatchObject({ status: 'ok', differences: [] });
  });

  it('is reported once if it is found again', () => {
    const proof = { ...evidence().proof, differences: [fault], differences_found: 1 };
    expect(judge(evidence({ proof, previous, full: true })).differences).toEqual([fault]);
  });

  it('of missing entries stops the checkpoint: they may still arrive, and count then', () => {
    const lost = evidence({ gaps: [gap(2)], ...audited({ first_kept_seq: 5 }) }, [2]);
    expect(judge(lost)).toMatchObject({ status: 'different', checkpoint: { seq: 1 } });
    const before = found({ status: 'different', differences: judge(lost).differences });
    expect(judge({ ...lost, previous: before }).differences).toEqual(judge(lost).differences);
  });

  it('in a ledger too long for one full check does not move the checkpoint back', () => {
    const earlier = { ...evidence().proof, head: { ...checkpoint, seq: 2 } };
    const verdict = judge(evidence({ proof: earlier, previous, full: true, complete: false }));
    expect(verdict.checkpoint).toEqual(checkpoint);
  });
});

describe('a repaired fault', () => {
  const broken: Difference = { kind: 'hash_broken', seq: 3, field: 'hash', expected: 'a', found: 'b' };
  const withBreak = (difference: Difference, previous: Findings | null, changes: Partial<Evidence> = {}) => {
    const proof = { ...evidence().proof, differences: [difference], differences_found: 1 };
    return judge(evidence({ previous, proof, ...changes }));
  };

  it('is recognized, in any order of its fields, and raises no alert', () => {
    const stored = Object.fromEntries(Object.entries(broken).toReversed()) as Difference;
    const previous = found({ acknowledged: [stored], repaired_through_seq: 3 });
    expect(withBreak(broken, previous)).toMatchObject({
      ...{ status: 'ok', differences: [], checkpoint: { seq: 6 } },
    });
  });

  it('does not cover another fault at the same entry, nor a fault that was never repaired', () => {
    const other = found({ acknowledged: [{ ...broken, found: 'c' }], repaired_through_seq: 3 });
    expect(withBreak(broken, other)).toMatchObject({ status: 'different', differences: [broken] });
    const unrepaired = found({ differences: [broken], repaired_through_seq: 3 });
    expect(withBreak(broken, unrepaired)).toMatchObject({ status: 'different', differences: [broken] });
  });

  it('does not hide faults above the stored maximum', () => {
    const proof = { ...evidence().proof, differences: [broken], differences_found: 2 };
    const previous = found({ acknowledged: [broken], repaired_through_seq: 3 });
    expect(judge(evidence({ previous, proof })).status).toBe('different');
  });
});
