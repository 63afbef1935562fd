import { expect, it } from 'vitest';
import { alertText } from '../../../contracts/webhooks/alert-text.ts';

it.each([
  [
    'low_balance',
    { threshold_percent: 80, balance: 12_000 },
    'Low balance: You have used 80 % of your tokens. 12,000 are left.',
  ],
  [
    'budget',
    { threshold_percent: 80, left_micro_usd: 12_345_678 },
    '80 % of the budget used: $12.35 of the budget is left.',
  ],
  ['budget', { threshold_percent: 100, left_micro_usd: 0 }, 'Budget used up: $0.00 of the budget is left.'],
  [
    'provider_failing',
    { provider_name: 'OpenAI', calls: 20, failures: 15, last_failure: 'timeout' },
    'Provider OpenAI fails: 15 of 20 calls failed within the last hours. The last failure: timeout.',
  ],
  [
    'difference',
    { user_id: null, differences: ['hash_broken', 'link_broken'] },
    'A wallet and its ledger differ: The check of the budget found: hash_broken, link_broken.',
  ],
  [
    'unusual_spend',
    { day: '2026-11-30', spent_micro_usd: 9_000_000, mean_micro_usd: 1_000_000 },
    'Unusual spend: $9.00 were spent on 2026-11-30 (UTC). The mean of the 28 days before is $1.00.',
  ],
] as const)('an alert of the kind %s about %o says what it is about', (kind, data, said) => {
  const { title, text } = alertText(kind, { ...data } as never);
  expect(`${title}: ${text}`).toBe(said);
});
