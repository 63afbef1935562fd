import fc from 'fast-check';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import { HARD_LIFETIME, SimulatedWallet } from '../wallet/simulated-wallet.ts';

/** An hour before the end of a month, so that holds cross it. */
const START_MS = Date.UTC(2026, 10, 30, 23);
const HOUR_MS = 3_600_000;

type Step =
  | { do: 'reserve' | 'settle'; execution: number; amount: number }
  | { do: 'release'; execution: number }
  | { do: 'correct'; amount: number }
  | { do: 'wait'; ms: number }
  | { do: 'policy'; change: Partial<WalletPolicy> };

const execution = fc.integer({ min: 0, max: 9 });
const amount = fc.integer({ min: 1, max: 900 });

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('reserve'), execution, amount }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle'), execution, amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release'), execution }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('correct'),
      amount: fc.integer({ min: -500, max: 500 }).filter((moved) => moved !== 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.integer({ min: 0, max: 20 * 24 * HOUR_MS }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('policy'),
      change: fc.record(
        {
          mode: fc.constantFrom('lifetime', 'monthly'),
          allocation_tokens: fc.integer({ min: 0, max: 2_000 }),
          rollover_cap_tokens: fc.integer({ min: 0, max: 800 }),
          enforcement: fc.constantFrom('hard', 'warn', 'monitor'),
          reservation_lifetime_ms: fc.integer({ min: 60_000, max: HOUR_MS }),
        },
        { requiredKeys: [] },
      ),
    }),
  },
) as fc.Arbitrary<Step>;

/** Random sequences of operations on a wallet. */
export const steps = fc.array(step, { minLength: 1, maxLength: 50, size: 'max' });

function take(wallet: SimulatedWallet, action: Step, turn: number): void {
  switch (action.do) {
    case 'reserve':
      wallet.reserve(action.execution, action.amount);
      return;
    case 'settle':
      wallet.end(action.execution, 'debit', action.amount);
      return;
    case 'release':
      wallet.end(action.execution, 'release', 0);
      return;
    case 'correct':
      wallet.correct(action.amount > 0 ? 'credit' : 'adjustment', action.amount, `operation-${turn}`);
      return;
    case 'wait':
      wallet.nowMs += action.ms;
      wallet.expireOverdue();
      return;
    case 'policy':
      wallet.policy = { ...wallet.policy, ...action.change, version: wallet.policy.version + 1 };
  }
}

/** Runs the steps on a new wallet and calls `look` after each. */
export function runSteps(
  actions: Step[],
  look: (wallet: SimulatedWallet) => void = () => undefined,
): SimulatedWallet {
  const wallet = new SimulatedWallet(HARD_LIFETIME, START_MS);
  wallet.read();
  actions.forEach((action, turn) => {
    take(wallet, action, turn);
    look(wallet);
  });
  return wallet;
}
