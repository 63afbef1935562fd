import { expect, it } from 'vitest';
import { newKey, recordKeyUse } from '../../../durable-objects/wallet/rules/key-limits.ts';
import { lower, raise } from '../../../durable-objects/wallet/rules/raises.ts';
import { figuresOf } from '../../../durable-objects/wallet/rules/state.ts';
import { viewOf } from '../../../durable-objects/wallet/rules/view.ts';
import { executionId, HARD_LIFETIME, SimulatedWallet } from './simulated-wallet.ts';

const NOW_MS = Date.UTC(2026, 10, 15);
const walletWith = (...amounts: number[]) => {
  const wallet = new SimulatedWallet(HARD_LIFETIME, NOW_MS);
  amounts.forEach((amount, number) => {
    wallet.reserve(number, amount);
  });
  return wallet;
};

it('a hold is raised to the amount, once', () => {
  const wallet = walletWith(100);
  for (let time = 0; time < 2; time += 1) {
    expect(wallet.extend(0, 400).reservation).toMatchObject({ amount: 400, raised: 300 });
    expect(viewOf(wallet.state)).toMatchObject({ reserved: 400, available: 600 });
  }
  expect(wallet.extend(0, 50).reservation?.amount).toBe(400);
});

it('a raise takes no token that another execution holds', () => {
  const wallet = walletWith(100, 600);
  expect(wallet.extend(0, 1_000).reservation?.amount).toBe(400);
  expect(wallet.extend(1, 601).reservation?.amount).toBe(600);
  expect(viewOf(wallet.state).available).toBe(0);
});

it('a raise has no entry, and the entries still add up to the wallet', () => {
  const wallet = walletWith(100);
  const before = wallet.entries.length;
  wallet.extend(0, 400);
  expect(wallet.entries).toHaveLength(before);
  expect(figuresOf(wallet.state).reserved).toBe(100);
  wallet.end(0, 'debit', 350);
  expect(wallet.entries.at(-1)).toMatchObject({ amount: 350, reserved_delta: -100, reserved_after: 0 });
  expect(viewOf(wallet.state)).toMatchObject({ reserved: 0, available: 650, consumed: 350 });
});

it('what a raised hold does not use is free again', () => {
  const wallet = walletWith(100);
  wallet.extend(0, 900);
  wallet.end(0, 'release', 0);
  expect(wallet.entries.at(-1)).toMatchObject({ kind: 'release', amount: 100 });
  expect(viewOf(wallet.state)).toMatchObject({ reserved: 0, available: 1_000 });
});

it.each([
  ['budget of the month', { monthly_budget_tokens: 250, tokens_per_minute: null }],
  ['limit of the minute', { monthly_budget_tokens: null, tokens_per_minute: 250 }],
])('a raise stays within the %s of its key', (_, limits) => {
  const wallet = walletWith(100);
  const id = executionId(7);
  const minute = Math.floor(NOW_MS / 60_000);
  const used = { ...newKey({ id, version: 1, requests_per_minute: null, ...limits }), period: '2026-11' };
  const key = { ...used, minute, held: 100, tokens_this_minute: 100 };
  const hold = wallet.reservations.get(executionId(0));
  if (hold === undefined) throw new Error('held');
  const raised = raise(wallet.state, hold, key, 900, NOW_MS);
  expect(raised.reservation.amount).toBe(250);
  expect(raised.key).toMatchObject({ held: 250, tokens_this_minute: 250 });
  if (raised.key === undefined) throw new Error('counted');
  const ended = recordKeyUse(raised.key, raised.reservation, 30, NOW_MS);
  expect(ended).toMatchObject({ held: 0, spent: 30, tokens_this_minute: 30 });
});

it('a hold is lowered with an entry, and others can spend what is free then', () => {
  const wallet = walletWith(900);
  expect(wallet.lower(0, 200).reservation).toMatchObject({ amount: 200, held_lifetime: 200 });
  expect(wallet.entries.at(-1)).toMatchObject({
    ...{ kind: 'adjustment', amount: 0, reserved_delta: -700, reserved_after: 200 },
    reference: executionId(0),
  });
  expect(wallet.reserve(1, 800).refusal).toBeUndefined();
  expect(wallet.end(1, 'debit', 800).refusal).toBeUndefined();
  expect(wallet.end(0, 'debit', 201).refusal).toMatchObject({ code: 'amount_out_of_range' });
  expect(wallet.end(0, 'debit', 150).refusal).toBeUndefined();
  expect(viewOf(wallet.state)).toMatchObject({ reserved: 0, consumed: 950, available: 50 });
});

it('a lowered hold can be raised again, and is not lowered by a command that comes too late', () => {
  const wallet = walletWith(500);
  wallet.lower(0, 100);
  expect(wallet.extend(0, 300).reservation).toMatchObject({ amount: 300, raised: 200 });
  expect(wallet.lower(0, 100, 500).reservation?.amount).toBe(300);
  expect(wallet.lower(0, 50).reservation).toMatchObject({ amount: 50, raised: 0 });
  expect(figuresOf(wallet.state).reserved).toBe(50);
});

it('a lowering is given back to the limits of the key', () => {
  const wallet = walletWith(100);
  const hold = wallet.reservations.get(executionId(0));
  if (hold === undefined) throw new Error('held');
  const limits = { requests_per_minute: null, tokens_per_minute: 250, monthly_budget_tokens: 250 };
  const minute = Math.floor(NOW_MS / 60_000);
  const used = { ...newKey({ id: executionId(7), version: 1, ...limits }), period: '2026-11' };
  const key = { ...used, minute, held: 100, tokens_this_minute: 100 };
  const lowered = lower({ state: wallet.state, entries: [] }, hold, key, 40, NOW_MS);
  expect(lowered.key).toMatchObject({ held: 40, tokens_this_minute: 40 });
});
