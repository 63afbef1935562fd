import { describe, expect, it } from 'vitest';
import type { UsageItem } from '../../../../contracts/api/usage.ts';
import { groupsFor, measuresOf } from '../../../../web/src/features/usage/measures.ts';
import { changeOf, chartOf, nameOfGroup } from '../../../../web/src/features/usage/usage-groups.ts';

const period = { from: '2026-03-01', to: '2026-03-03' };

/** An item of a day and a model; figures that no test reads are left out. */
const item = (day: string | null, model: string | null, wallet_tokens: number): UsageItem => {
  const groups = {
    day,
    model,
    hour: null,
    user: null,
    api_key: null,
    provider: null,
    level: null,
    tenant: null,
  };
  return { ...groups, wallet_tokens, revenue_micro_usd: null } as UsageItem;
};

describe('the rows of a chart', () => {
  const of = (items: UsageItem[]) => chartOf(items, { period, group: 'model', measure: 'wallet_tokens' });

  it('have every day of the period, and zero where nothing ended', () => {
    const { rows, series } = of([item('2026-03-02', 'large', 5), item('2026-03-02', 'small', 2)]);
    expect(series).toEqual(['large', 'small']);
    expect(rows).toEqual([
      { day: '2026-03-01', large: 0, small: 0 },
      { day: '2026-03-02', large: 5, small: 2 },
      { day: '2026-03-03', large: 0, small: 0 },
    ]);
  });

  it('show the five largest groups, and the sum of the others', () => {
    const models = [9, 8, 7, 6, 5, 4, 3].map((tokens) => item('2026-03-01', `model ${tokens}`, tokens));
    const { rows, series } = of(models);
    expect(series).toEqual(['model 9', 'model 8', 'model 7', 'model 6', 'model 5', 'Others']);
    expect(rows[0]).toMatchObject({ 'model 9': 9, Others: 7 });
  });

  it('add up to the figures of the items', () => {
    const items = Array.from({ length: 30 }, (_, at) =>
      item(`2026-03-0${1 + (at % 3)}`, `model ${at % 8}`, at),
    );
    const { rows, series } = of(items);
    const sum = rows.flatMap((row) => series.map((name) => Number(row[name]))).reduce((a, b) => a + b);
    expect(sum).toBe((29 * 30) / 2);
  });

  it('are empty without executions, and have one series for whole days', () => {
    expect(of([]).series).toEqual([]);
    const whole = chartOf([item('2026-03-01', null, 3)], { period, group: 'day', measure: 'wallet_tokens' });
    expect(whole.series).toEqual(['All']);
  });
});

it('a group without an owner has a name that says so', () => {
  expect(nameOfGroup(item(null, null, 1), 'key')).toBe('Web app, without a key');
  expect(nameOfGroup(item(null, null, 1), 'user')).toBe('Deleted user');
});

it('the change of a figure is a share of the one before, and none if that was zero', () => {
  expect([changeOf(3, 2), changeOf(1, 2), changeOf(2, 0)]).toEqual([0.5, -0.5, null]);
});

it('users are offered no money, admins no cost of the platform, and neither the groups of others', () => {
  expect(measuresOf('user').some((measure) => measure.endsWith('_usd'))).toBe(false);
  expect(measuresOf('admin')).not.toContain('margin_micro_usd');
  expect(measuresOf('superadmin')).toContain('margin_micro_usd');
  expect(groupsFor('user')).not.toContain('user');
  expect(groupsFor('admin')).not.toContain('tenant');
});
