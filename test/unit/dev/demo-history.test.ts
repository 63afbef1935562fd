import { expect, it } from 'vitest';
import type { EffectivePrice } from '../../../contracts/api/catalog.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import type { HistoryModel } from '../../../dev/demo-history/people.ts';
import { planHistory } from '../../../dev/demo-history/plan.ts';

const DAY_MS = 86_400_000;
const until_ms = Date.parse('2026-11-30T12:00:00Z');
const price = {
  ...{ version: 1, list: 'tenant', cost_version: 1 },
  wallet_tokens_per_1000: { input: 2_500, cache_read: 125, cache_write: 3_125, output: 12_500 },
  micro_usd_per_million: {
    input: 2_000_000,
    cache_read: 100_000,
    cache_write: 2_500_000,
    output: 10_000_000,
  },
} as EffectivePrice;
const modelAt = (kind: HistoryModel['provider']['kind']): HistoryModel => ({
  ...{ id: crypto.randomUUID(), public_name: 'assistant', provider_model: 'm', price },
  provider: { id: crypto.randomUUID(), kind, name: kind },
});
const policy: WalletPolicy = {
  ...{
    version: 1,
    mode: 'lifetime',
    allocation_tokens: 1_000_000,
    rollover_cap_tokens: 0,
    enforcement: 'hard',
  },
  ...{ warning_thresholds_percent: [80], reservation_lifetime_ms: 120_000, in_flight_max: 1_000 },
};

it('a demo history never spends what was not held, and each wallet has the money for what it holds', () => {
  const userAt = (from_day: number) => ({
    ...{ wallet: { tenant_id: crypto.randomUUID(), user_id: crypto.randomUUID() }, share: 1, from_day },
    key: null,
  });
  const plans = planHistory({
    ...{ users: [userAt(0), userAt(60)], policy, admin_id: crypto.randomUUID(), until_ms, days: 90 },
    executions: 500,
    names: [
      {
        ...{ candidates: [modelAt('openai'), modelAt('anthropic')], share: 1 },
        ...{ input_tokens: [100, 6_000], output_tokens: [50, 900] },
      },
    ],
  });
  const [old = [], young = []] = [...plans.values()];
  expect(old.length).toBeGreaterThan(young.length);
  expect(young[0]?.at_ms).toBeGreaterThanOrEqual(until_ms - 30 * DAY_MS);
  for (const commands of [old, young]) {
    let balance = policy.allocation_tokens;
    let held = 0;
    let last_ms = 0;
    for (const { at_ms, method, command } of commands) {
      expect(at_ms).toBeGreaterThanOrEqual(last_ms);
      expect(at_ms).toBeLessThan(until_ms);
      last_ms = at_ms;
      if (method === 'credit') balance += command.amount;
      if (method === 'reserve') {
        expect([held, command.amount <= balance]).toEqual([0, true]);
        held = command.amount;
      }
      if (method === 'settle') {
        expect(command.amount).toBeLessThanOrEqual(held);
        balance -= command.amount;
      }
      if (method === 'settle' || method === 'release') held = 0;
    }
    expect(held).toBe(0);
  }
});
