import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WALLET_TOKENS_MAX } from '../../../contracts/amounts.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import { availableOf, journaledHoldsOf, reservedOf } from '../../../durable-objects/wallet/rules/state.ts';
import { viewOf } from '../../../durable-objects/wallet/rules/view.ts';
import { GENESIS_HASH, hashEntry } from '../../../journal/hash.ts';
import { executionId, HARD_LIFETIME, IDENTITY, SimulatedWallet } from './simulated-wallet.ts';
import { WalletModel } from './wallet-model.ts';

/** Number of random sequences per run; WALLET_SEQUENCES=10000 is the full proof. */
const SEQUENCES = Number(process.env.WALLET_SEQUENCES ?? 600);
/** Printed, so that a failure can be had again: WALLET_SEED=... repeats a run. */
const SEED = Number(process.env.WALLET_SEED ?? Date.now() % 2 ** 31);
/** An hour before a month ends, so that holds cross its end. */
const START_MS = Date.UTC(2026, 10, 30, 23);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Step =
  | { do: 'reserve'; execution: number; amount: number; sessionS: number }
  | { do: 'settle'; execution: number; share: number }
  | { do: 'release'; execution: number }
  | { do: 'correct'; amount: number }
  | { do: 'wait'; ms: number }
  | { do: 'policy'; change: Partial<WalletPolicy>; newer: number }
  | { do: 'tell' }
  | { do: 'extend'; execution: number; amount: number }
  | { do: 'lower'; execution: number; amount: number }
  | { do: 'standing'; disabled: boolean }
  | { do: 'revoke'; untilS: number }
  | { do: 'read' };

const execution = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('reserve'),
      execution,
      // Few amounts, so that a repeated id often comes with the amount it came with before.
      amount: fc.oneof(fc.constantFrom(50, 700), fc.integer({ min: 1, max: 700 })),
      sessionS: fc.integer({ min: 5, max: 12 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      execution,
      share: fc.oneof(fc.constantFrom(0.5, 1), fc.double({ min: 0, max: 1.2, noNaN: true })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release'), execution }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('correct'),
      amount: fc.integer({ min: -900, max: 900 }).filter((amount) => amount !== 0),
    }),
  },
  // Backwards too: a clock may jump, wallet time may not.
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait'),
      ms: fc.oneof(
        fc.integer({ min: -60_000, max: 120_000 }),
        fc.integer({ min: 0, max: HOUR_MS }),
        fc.integer({ min: 0, max: 70 * DAY_MS }),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('policy'),
      // Backwards too: caches lag, and what they bring late must not be obeyed.
      newer: fc.constantFrom(1, 1, 1, -1),
      change: fc.record(
        {
          mode: fc.constantFrom('lifetime', 'monthly'),
          allocation_tokens: fc.integer({ min: 0, max: 2_000 }),
          rollover_cap_tokens: fc.integer({ min: 0, max: 800 }),
          enforcement: fc.constantFrom('hard', 'warn', 'monitor'),
          in_flight_max: fc.integer({ min: 1, max: 8 }),
          warning_thresholds_percent: fc.constantFrom([], [50], [25, 80], [10, 80, 100]),
          // Up to an hour, so that holds cross the end of a month.
          reservation_lifetime_ms: fc.integer({ min: 1_000, max: 3_600_000 }),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('revoke'), untilS: fc.integer({ min: 0, max: 8 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('read') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tell') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('extend'),
      execution,
      amount: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_500 })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('lower'),
      execution,
      amount: fc.integer({ min: 1, max: 600 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('standing'), disabled: fc.constantFrom(true, false, false) }),
  },
) as fc.Arbitrary<Step>;

const answerOf = (decision: { refusal?: { code: string } }) => decision.refusal?.code ?? 'ok';

/** Takes one step in the wallet and in the model, and tells how each answered. */
function take(wallet: SimulatedWallet, model: WalletModel, action: Step, turn: number): [string, string] {
  const nowMs = wallet.walletTimeMs;
  switch (action.do) {
    case 'reserve': {
      const { execution: id, amount, sessionS } = action;
      const expected = model.reserve(id, amount, sessionS, wallet.policy, nowMs);
      return [answerOf(wallet.reserve(id, amount, sessionS)), expected];
    }
    case 'settle': {
      const cost = Math.floor((model.holds.get(action.execution)?.most ?? 10) * action.share);
      model.announcedNow = [];
      const expected = model.end(action.execution, 'settled', cost, nowMs);
      const decision = wallet.end(action.execution, 'debit', cost);
      const said = decision.entries.at(-1)?.thresholds_crossed ?? [];
      expect(said, 'thresholds announced').toEqual(model.announcedNow);
      return [answerOf(decision), expected];
    }
    case 'release': {
      const expected = model.end(action.execution, 'released', 0, nowMs);
      return [answerOf(wallet.end(action.execution, 'release', 0)), expected];
    }
    case 'correct': {
      const { amount } = action;
      const expected = model.correct(amount, wallet.policy, nowMs);
      const kind = amount > 0 ? 'credit' : 'adjustment';
      return [answerOf(wallet.correct(kind, amount, `operation-${turn}`)), expected];
    }
    case 'wait':
      wallet.nowMs += action.ms;
      model.expireOverdue(wallet.walletTimeMs);
      wallet.expireOverdue();
      for (const { state, expires_at_ms } of wallet.reservations.values())
        expect(state === 'held' && expires_at_ms <= wallet.walletTimeMs, 'I13').toBe(false);
      return ['ok', 'ok'];
    case 'policy':
      wallet.policy = {
        ...wallet.policy,
        ...action.change,
        version: Math.max(1, wallet.policy.version + action.newer),
      };
      return ['ok', 'ok'];
    case 'tell':
      model.adoptPolicy(wallet.policy, nowMs);
      wallet.adoptPolicy(wallet.policy);
      return ['ok', 'ok'];
    case 'extend': {
      const expected = model.extend(action.execution, nowMs, action.amount);
      return [answerOf(wallet.extend(action.execution, action.amount)), expected];
    }
    case 'lower': {
      const expected = model.lower(action.execution, nowMs, action.amount);
      return [answerOf(wallet.lower(action.execution, action.amount)), expected];
    }
    case 'standing': {
      const status = action.disabled ? 'disabled' : 'active';
      wallet.state = { ...wallet.state, standing: { status, version: turn } };
      model.disabled = action.disabled;
      return ['ok', 'ok'];
    }
    case 'revoke':
      wallet.state = { ...wallet.state, sessions_revoked_until_s: action.untilS };
      model.revokedUntilS = action.untilS;
      return ['ok', 'ok'];
    case 'read':
      model.catchUp(nowMs, wallet.policy);
      wallet.read();
      return ['ok', 'ok'];
  }
}

/** The ledger read by someone who knows nothing of the rules: a running sum of what the entries say they moved. */
function replay(wallet: SimulatedWallet) {
  const sum = { monthly: 0, lifetime: 0, reserved: 0, overage: 0 };
  let previousHash = GENESIS_HASH;
  let previousAtMs = 0;
  wallet.entries.forEach((entry, index) => {
    sum.monthly += entry.monthly_delta;
    sum.lifetime += entry.lifetime_delta;
    sum.reserved += entry.reserved_delta;
    sum.overage += entry.overage;
    expect(entry.seq, 'gapless (I6)').toBe(index + 1);
    expect(entry.prev_hash, 'chained').toBe(previousHash);
    expect(hashEntry(IDENTITY, entry), 'hash holds').toBe(entry.hash);
    expect(sum.reserved, 'no more is held than there is').toBeLessThanOrEqual(sum.monthly + sum.lifetime);
    expect(entry.at_ms, 'time never runs back (I10)').toBeGreaterThanOrEqual(previousAtMs);
    expect([entry.monthly_after, entry.lifetime_after, entry.reserved_after, entry.overage_after]).toEqual([
      sum.monthly,
      sum.lifetime,
      sum.reserved,
      sum.overage,
    ]);
    previousHash = entry.hash;
    previousAtMs = entry.at_ms;
  });
  return sum;
}

function holdInvariants(wallet: SimulatedWallet): void {
  const { state } = wallet;
  const available = availableOf(state);
  const reserved = reservedOf(state);
  expect(available + reserved + state.consumed + state.expired, 'I1').toBe(state.granted);
  expect(Math.min(available, reserved), 'I2').toBeGreaterThanOrEqual(0);
  const held = [...wallet.reservations.values()].filter((reservation) => reservation.state === 'held');
  expect(
    held.reduce((sum, one) => sum + one.held_monthly + one.held_lifetime, 0),
    'reserved is what is held',
  ).toBe(reserved);
  expect(
    held.reduce((sum, one) => sum + (one.raised ?? 0), 0),
    'raised is what holds were raised by',
  ).toBe(state.raised ?? 0);
  expect(held.length, 'in flight is what is held').toBe(state.in_flight);
  for (const one of wallet.reservations.values()) expect(one.settled, 'I3').toBeLessThanOrEqual(one.amount);
  const figures = [
    state.monthly,
    state.lifetime,
    state.granted,
    state.consumed,
    state.expired,
    state.overage,
  ];
  expect(
    figures.every((figure) => Number.isSafeInteger(figure) && figure >= 0 && figure <= WALLET_TOKENS_MAX),
    'I11',
  ).toBe(true);
}

/** The wallet ends each hold when the model does, and says the same thresholds on the same debit. */
function holdDeadlines(wallet: SimulatedWallet, model: WalletModel): void {
  for (const [number, { deadlineMs, end }] of model.holds) {
    const reservation = wallet.reservations.get(executionId(number));
    expect(reservation?.expires_at_ms, `deadline of ${number}`).toBe(deadlineMs);
    expect(reservation?.state, `state of ${number}`).toBe(end ?? 'held');
  }
}

console.log(`Wallet properties: WALLET_SEED=${SEED} WALLET_SEQUENCES=${SEQUENCES}`);

describe('whatever a wallet goes through', () => {
  it('it does what the model does, its books balance, its journal tells the same, and each hold ends once', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), (steps) => {
        const wallet = new SimulatedWallet(HARD_LIFETIME, START_MS);
        const model = new WalletModel(HARD_LIFETIME, START_MS);
        steps.forEach((action, turn) => {
          const [answer, expected] = take(wallet, model, action, turn);
          expect(answer, `answer to step ${turn}`).toBe(expected);
          const shown = { ...model.figures, ...model.notices };
          expect(viewOf(wallet.state), `figures after step ${turn}`).toMatchObject(shown);
          holdInvariants(wallet);
          holdDeadlines(wallet, model);
        });
        const told = replay(wallet);
        const { state } = wallet;
        expect(told).toEqual({
          monthly: state.monthly,
          lifetime: state.lifetime,
          reserved: journaledHoldsOf(state),
          overage: state.overage,
        });
        const ends = wallet.entries.filter(
          ({ kind }) => kind === 'debit' || kind === 'release' || kind === 'expiry',
        );
        expect(new Set(ends.map(({ operation_id }) => operation_id)).size, 'I3: one end each').toBe(
          ends.length,
        );
      }),
      { numRuns: SEQUENCES, seed: SEED },
    );
  }, 300_000);

  it('a hard limit never lets more be spent than was granted, whatever is asked at once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 }), (amounts) => {
        const wallet = new SimulatedWallet({ ...HARD_LIFETIME, in_flight_max: 1_000 }, START_MS);
        const accepted = amounts.filter(
          (amount, number) => wallet.reserve(number, amount).refusal === undefined,
        );
        expect(accepted.reduce((sum, amount) => sum + amount, 0)).toBeLessThanOrEqual(
          HARD_LIFETIME.allocation_tokens,
        );
      }),
      { numRuns: SEQUENCES, seed: SEED },
    );
  });
});
