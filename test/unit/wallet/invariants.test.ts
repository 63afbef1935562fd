import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WALLET_TOKENS_MAX } from '../../../contracts/amounts.ts';
import type { WalletPolicy } from '../../../contracts/wallet-policy.ts';
import { GENESIS_HASH, hashEntry } from '../../../durable-objects/wallet/journal-hash.ts';
import { availableOf, reservedOf } from '../../../durable-objects/wallet/state.ts';
import { HARD_LIFETIME, IDENTITY, SimulatedWallet } from './simulated-wallet.ts';

/** How many random lives a wallet leads in one run; WALLET_SEQUENCES=10000 is the full proof. */
const SEQUENCES = Number(process.env.WALLET_SEQUENCES ?? 600);
const START_MS = Date.UTC(2026, 10, 20);
const DAY_MS = 86_400_000;

type Step =
  | { do: 'reserve'; execution: number; amount: number }
  | { do: 'settle'; execution: number; share: number }
  | { do: 'release'; execution: number }
  | { do: 'correct'; amount: number }
  | { do: 'pass'; ms: number }
  | { do: 'policy'; change: Partial<WalletPolicy> }
  | { do: 'read' };

const execution = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('reserve'), execution, amount: fc.integer({ min: 1, max: 700 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      execution,
      share: fc.double({ min: 0, max: 1.2, noNaN: true }),
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
      do: fc.constant('pass'),
      ms: fc.oneof(fc.integer({ min: -60_000, max: 120_000 }), fc.integer({ min: 0, max: 40 * DAY_MS })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('policy'),
      change: fc.record(
        {
          mode: fc.constantFrom('lifetime', 'monthly'),
          allocation_tokens: fc.integer({ min: 0, max: 2_000 }),
          rollover_cap_tokens: fc.integer({ min: 0, max: 800 }),
          enforcement: fc.constantFrom('hard', 'warn', 'monitor'),
          in_flight_max: fc.integer({ min: 1, max: 8 }),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('read') }) },
) as fc.Arbitrary<Step>;

function take(wallet: SimulatedWallet, action: Step, turn: number): void {
  switch (action.do) {
    case 'reserve':
      wallet.reserve(action.execution, action.amount);
      return;
    case 'settle': {
      const held = [...wallet.reservations.values()][action.execution];
      const amount = Math.floor((held?.amount ?? 10) * action.share);
      wallet.end(held === undefined ? action.execution : Number(held.id.slice(-12)), 'debit', amount);
      return;
    }
    case 'release':
      wallet.end(action.execution, 'release', 0);
      return;
    case 'correct':
      wallet.correct(action.amount > 0 ? 'credit' : 'adjustment', action.amount, `operation-${turn}`);
      return;
    case 'pass':
      wallet.nowMs += action.ms;
      wallet.expireOverdue();
      return;
    case 'policy':
      wallet.policy = { ...wallet.policy, ...action.change, version: wallet.policy.version + 1 };
      return;
    case 'read':
      wallet.read();
      return;
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

describe('whatever a wallet goes through', () => {
  it('its books balance, its journal tells the same story, and each reservation ends once', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const wallet = new SimulatedWallet(HARD_LIFETIME, START_MS);
        steps.forEach((action, turn) => {
          take(wallet, action, turn);
          holdInvariants(wallet);
        });
        const told = replay(wallet);
        const { state } = wallet;
        expect(told).toEqual({
          monthly: state.monthly,
          lifetime: state.lifetime,
          reserved: reservedOf(state),
          overage: state.overage,
        });
        const ends = wallet.entries.filter(
          ({ kind }) => kind === 'debit' || kind === 'release' || kind === 'expiry',
        );
        expect(new Set(ends.map(({ operation_id }) => operation_id)).size, 'I3: one end each').toBe(
          ends.length,
        );
      }),
      { numRuns: SEQUENCES, verbose: 1 },
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
      { numRuns: SEQUENCES },
    );
  });
});
