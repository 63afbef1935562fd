import { z } from 'zod';
import { walletTokens } from './amounts.ts';

/** lifetime: the allocation is granted once. monthly: it is granted anew at each UTC month. */
export const allocationMode = z.enum(['lifetime', 'monthly']);

/** hard refuses what the balance cannot cover; warn and monitor let it pass as overage, warn with a visible warning. */
export const enforcementMode = z.enum(['monitor', 'warn', 'hard']);

/** The rules one wallet lives by, after the user's overrides were laid over the level's policy. */
export const walletPolicy = z.object({
  version: z
    .int()
    .min(0)
    .describe(
      'Microseconds since 1970 of the newest change to any part of the policy. Caches may lag, so a wallet keeps the highest version it has seen',
    ),
  mode: allocationMode.describe(
    '`monthly`: the allocation is granted anew with each month in UTC; `lifetime`: once',
  ),
  allocation_tokens: walletTokens.describe('Wallet tokens that are granted'),
  rollover_cap_tokens: walletTokens.describe('The most of a month’s tokens that go over into the next'),
  enforcement: enforcementMode.describe(
    'What happens to what the balance cannot cover: `hard`: it is refused; `warn`: it passes as overage, with a visible warning; `monitor`: it passes as overage, and is counted',
  ),
  warning_thresholds_percent: z
    .array(z.int().min(1).max(100))
    .max(10)
    .describe('Percent of the period’s allocation at which to warn, ascending, each 1 to 100'),
  reservation_lifetime_ms: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .describe(
      'How long a hold may stand before the wallet gives it back, in milliseconds; running executions extend theirs',
    ),
  in_flight_max: z.int().min(1).max(10_000).describe('Executions that may run at once'),
});
export type WalletPolicy = z.infer<typeof walletPolicy>;

/** What of a policy decides whether an execution may run: written down with each, since policies change. */
export const governingPolicy = walletPolicy.pick({ mode: true, enforcement: true, allocation_tokens: true });
