import { z } from 'zod';
import { walletTokens } from '../amounts.ts';

/** lifetime: the allocation is granted once. monthly: it is granted at the start of each UTC month. */
export const allocationMode = z.enum(['lifetime', 'monthly']).meta({ id: 'AllocationMode' });

/** hard: executions the balance cannot cover are refused. warn, monitor: they run as overage; warn shows a warning. */
export const enforcementMode = z.enum(['monitor', 'warn', 'hard']).meta({ id: 'EnforcementMode' });

/** The policy of one wallet: the level's, with the user's overrides on top. */
export const walletPolicy = z.object({
  version: z
    .int()
    .min(0)
    .describe(
      'The version of the policy: the time of its last change, in microseconds since 1970. A wallet keeps the highest version it has seen.',
    ),
  mode: allocationMode.describe(
    'The allocation mode: `monthly`: granted at the start of each month, in UTC; `lifetime`: granted once.',
  ),
  allocation_tokens: walletTokens.describe('The wallet tokens granted.'),
  rollover_cap_tokens: walletTokens.describe(
    'The most wallet tokens of a month that roll over into the next.',
  ),
  enforcement: enforcementMode.describe(
    'The rule for executions the balance cannot cover: `hard`: refused; `warn`: allowed as overage, with a visible warning; `monitor`: allowed as overage, and counted.',
  ),
  warning_thresholds_percent: z
    .array(z.int().min(1).max(100))
    .max(10)
    .describe("Percentages of the period's allocation at which to warn, in ascending order."),
  reservation_lifetime_ms: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .describe('The lifetime of a reservation, in milliseconds. Running executions extend theirs.'),
  in_flight_max: z
    .int()
    .min(1)
    .max(10_000)
    .describe('The number of executions that may run at the same time.'),
});
export type WalletPolicy = z.infer<typeof walletPolicy>;

/** The part of a policy that decides about an execution, recorded with each because policies change. */
export const governingPolicy = walletPolicy
  .pick({ mode: true, enforcement: true, allocation_tokens: true })
  .meta({ id: 'GoverningPolicy' });
