import { describe, expect, it } from 'vitest';
import { daysOf } from '../../../../contracts/days.ts';
import { isPeriod, periodOf, readPeriod } from '../../../../web/src/lib/period.ts';

const now = Date.parse('2026-03-01T23:30:00Z');

it.each([
  ['7', '2026-02-23'],
  ['30', '2026-01-31'],
  ['90', '2025-12-02'],
  ['month', '2026-03-01'],
] as const)('the period %s ends today and begins on %s, in UTC', (name, from) => {
  expect(periodOf(name, now)).toEqual({ from, to: '2026-03-01' });
});

describe('the period of an address', () => {
  it.each([
    '',
    'period=8',
    'period=toString',
    'from=2026-02-01',
    'from=2026-02-02&to=2026-02-01',
    'from=x&to=y',
  ])('is 30 days if it says %j', (query) => {
    expect(readPeriod(new URLSearchParams(query), now)).toEqual({
      choice: '30',
      period: { from: '2026-01-31', to: '2026-03-01' },
    });
  });

  it('is the named one, or the days that were picked', () => {
    expect(readPeriod(new URLSearchParams('period=month'), now).choice).toBe('month');
    expect(readPeriod(new URLSearchParams('from=2026-02-01&to=2026-02-03'), now)).toEqual({
      choice: 'custom',
      period: { from: '2026-02-01', to: '2026-02-03' },
    });
  });
});

it('a period has at most 400 days', () => {
  expect(isPeriod('2025-01-01', '2026-02-04')).toBe(true);
  expect(isPeriod('2025-01-01', '2026-02-05')).toBe(false);
});

it('the days of a period include both ends', () => {
  expect(daysOf({ from: '2026-02-27', to: '2026-03-01' })).toEqual([
    '2026-02-27',
    '2026-02-28',
    '2026-03-01',
  ]);
});
