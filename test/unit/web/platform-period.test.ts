import { expect, it } from 'vitest';
import { choiceOf, periodOf } from '../../../web/src/features/platform-overview/period.ts';

const now = Date.parse('2026-03-01T23:30:00Z');

it.each([
  ['7', '2026-02-23'],
  ['30', '2026-01-31'],
  ['90', '2025-12-02'],
  ['month', '2026-03-01'],
] as const)('the period %s ends today and begins on %s, in UTC', (choice, from) => {
  expect(periodOf(choice, now)).toEqual({ from, to: '2026-03-01' });
});

it('an unknown period in an address is 30 days', () => {
  expect([choiceOf(null), choiceOf('8'), choiceOf('toString'), choiceOf('month')]).toEqual([
    '30',
    '30',
    '30',
    'month',
  ]);
});
