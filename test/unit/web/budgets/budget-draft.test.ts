import { describe, expect, it } from 'vitest';
import type { TenantBudget } from '../../../../contracts/api/tenant/budgets.ts';
import { draftOf, readBudget, readCredit } from '../../../../web/src/features/budgets/budget-draft.ts';
import { changedTerms } from '../../../../web/src/features/budgets/budget-words.ts';
import { dollarsOf, microUsdOf } from '../../../../web/src/features/budgets/dollars.ts';

const prepaid: TenantBudget = {
  ...{ mode: 'prepaid', enforcement: 'hard', limit_micro_usd: null, balance_micro_usd: 12_345_678 },
  ...{ leased_micro_usd: 0, spent_micro_usd: 0, available_micro_usd: 12_345_678, overage_micro_usd: 0 },
  ...{ warning_thresholds_percent: [80, 95], markup_basis_points: 1_250, own_key_fee_micro_usd: 500 },
  ...{ resets_at: null, warning_percent: null, seq: 3 },
};
const monthly: TenantBudget = { ...prepaid, mode: 'monthly', limit_micro_usd: 50_000_000 };

describe('dollars', () => {
  it.each([
    [0, 0],
    [12.345678, 12_345_678],
    [0.000001, 1],
    [1_125_899_906.842624, 2 ** 50],
    ['19.99', 19_990_000],
    ['1125899906.842624', 2 ** 50],
  ])('%s are exactly %s micro-USD, and back', (dollars, microUsd) => {
    expect(microUsdOf(dollars)).toBe(microUsd);
    expect(microUsdOf(dollarsOf(microUsd))).toBe(microUsd);
  });

  it.each(['', '-1', '1.0000001', 'ten', '1e3', -1, Number.NaN])('%j are none', (dollars) => {
    expect(microUsdOf(dollars)).toBeNull();
  });
});

describe('the draft of a budget', () => {
  it.each([prepaid, monthly])('that is not edited asks for the same budget', (budget) => {
    const read = readBudget(budget, draftOf(budget), 'a-key');
    expect(read).toEqual({
      ok: true,
      value: {
        idempotency_key: 'a-key',
        change: {
          ...{ mode: budget.mode, enforcement: 'hard', warning_thresholds_percent: [80, 95] },
          ...{ markup_basis_points: 1_250, own_key_fee_micro_usd: 500 },
          // A balance is sent if it was edited: it has been spent from meanwhile.
          ...(budget.mode === 'monthly' && { limit_micro_usd: 50_000_000 }),
        },
      },
    });
  });

  it('sends the balance that was edited, and the one of a budget that becomes prepaid', () => {
    const edited = readBudget(prepaid, { ...draftOf(prepaid), balance_micro_usd: 20.5 }, 'a-key');
    expect(edited).toMatchObject({ value: { change: { balance_micro_usd: 20_500_000 } } });
    const changed = { ...draftOf(monthly), mode: 'prepaid' as const };
    expect(readBudget(monthly, changed, 'a-key')).toMatchObject({
      errors: { balance_micro_usd: expect.any(String) },
    });
    expect(readBudget(monthly, { ...changed, balance_micro_usd: 1 }, 'a-key')).toMatchObject({
      value: { change: { mode: 'prepaid', balance_micro_usd: 1_000_000 } },
    });
  });

  it('names each field that is wrong', () => {
    const wrong = {
      ...draftOf(monthly),
      ...{ limit_micro_usd: '', markup_basis_points: 0.001, own_key_fee_micro_usd: '-1' },
    };
    const read = readBudget(monthly, wrong, 'a-key');
    expect(read.ok ? [] : Object.keys(read.errors).sort()).toEqual([
      'limit_micro_usd',
      'markup_basis_points',
      'own_key_fee_micro_usd',
    ]);
  });
});

it('the draft of a credit is read to the micro-dollar, with a reason', () => {
  const draft = { amount_micro_usd: 0.25, reason: ' paid ', reference: '' };
  expect(readCredit(draft, 'a-key')).toEqual({
    ok: true,
    value: { amount_micro_usd: 250_000, reason: 'paid', idempotency_key: 'a-key' },
  });
  expect(readCredit({ ...draft, amount_micro_usd: 0, reason: '' }, 'a-key')).toMatchObject({
    errors: { amount_micro_usd: expect.any(String), reason: expect.any(String) },
  });
});

it('a review shows the terms that change, before and after', () => {
  const before = { ...prepaid, amount_micro_usd: 1_000_000 };
  const after = { ...before, enforcement: 'warn' as const, markup_basis_points: 2_000 };
  expect(changedTerms(before, after)).toEqual([
    { label: 'Limit', from: 'Hard limit', to: 'Soft limit' },
    { label: 'Markup', from: '12.5 %', to: '20 %' },
  ]);
});
