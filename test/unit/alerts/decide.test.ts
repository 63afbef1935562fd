import { describe, expect, it } from 'vitest';
import { type AlertRules, DEFAULT_ALERT_RULES as rules } from '../../../contracts/api/tenant/alerts.ts';
import { changesOf, failingProviders, unusualAbove, unusualSpend } from '../../../worker/alerts/decide.ts';

const provider = (calls: number, failures: number) => ({
  ...{ provider_id: 'p', provider_name: 'OpenAI', calls, failures, last_failure: 'timeout' },
});

describe('a provider', () => {
  it.each<[number, number, Partial<AlertRules>, boolean]>([
    [0, 0, {}, false],
    [9, 9, {}, false],
    [10, 4, {}, false],
    [10, 5, {}, true],
    [10, 10, {}, true],
    [1_000, 499, {}, false],
    [1_000, 500, {}, true],
    [10, 10, { provider_failing: false }, false],
    [10, 3, { provider_failing_percent: 30 }, true],
    [5, 5, { provider_failing_min_calls: 5 }, true],
  ])(
    'with %i calls of which %i failed, by the rules %o, is failing: %s',
    (calls, failures, change, failing) => {
      expect(failingProviders({ ...rules, ...change }, [provider(calls, failures)])).toHaveLength(
        failing ? 1 : 0,
      );
    },
  );
});

const steady = (spent: number, days = 28) => Array.from({ length: days }, () => spent);

describe('spend', () => {
  it.each<[string, number[], { mean: number; limit: number } | null]>([
    ['of no day has no habit', [], null],
    ['of six days has no habit', steady(1_000_000, 6), null],
    ['of seven days counts the others as zero', steady(4_000_000, 7), { mean: 1_000_000, limit: 6_196_152 }],
    ['that never varies is unusual above itself', steady(2_000_000), { mean: 2_000_000, limit: 2_000_000 }],
    [
      'of 1 and 3 in turn is unusual above 5',
      Array.from({ length: 28 }, (_, day) => (day % 2) * 2 + 1),
      { mean: 2, limit: 5 },
    ],
  ])('%s', (_, days, limit) => {
    expect(unusualAbove(days)).toEqual(limit);
  });

  it.each<[number, Partial<AlertRules>, boolean]>([
    [2_000_001, {}, true],
    [2_000_000, {}, false],
    [2_000_001, { unusual_spend: false }, false],
    [2_000_001, { unusual_spend_floor_micro_usd: 5_000_000 }, false],
  ])(
    'of %i today beside two dollars on every day before, by the rules %o, is unusual: %s',
    (today, change, unusual) => {
      const spending = { day: '2026-11-30', today_micro_usd: today, before_micro_usd: steady(2_000_000) };
      const found = unusualSpend({ ...rules, ...change }, 't', spending);
      expect(found).toHaveLength(unusual ? 1 : 0);
      if (unusual)
        expect(found[0]?.data).toEqual({
          ...{
            day: '2026-11-30',
            spent_micro_usd: 2_000_001,
            mean_micro_usd: 2_000_000,
            limit_micro_usd: 2_000_000,
          },
        });
    },
  );
});

it('a finding opens an alert unless one is open, and an open alert without a finding ends', () => {
  const finding = (subject: string) => ({ kind: 'provider_failing' as const, subject, data: {} });
  const open = [
    { kind: 'provider_failing' as const, subject: 'a' },
    { kind: 'unusual_spend' as const, subject: 'b' },
  ];
  expect(changesOf([finding('a'), finding('b')], open)).toEqual({
    opened: [finding('b')],
    ended: [{ kind: 'unusual_spend', subject: 'b' }],
  });
});
