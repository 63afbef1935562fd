import { z } from 'zod';
import { walletTokens } from './amounts.ts';

/** lifetime: the allocation is granted once. monthly: it is granted anew at each UTC month. */
export const allocationMode = z.enum(['lifetime', 'monthly']);

/** hard refuses what the balance cannot cover; warn and monitor let it pass as overage, warn with a visible warning. */
export const enforcementMode = z.enum(['monitor', 'warn', 'hard']);

/** The rules one wallet lives by, after the user's overrides were laid over the level's policy. */
export const walletPolicy = z.object({
  /**
   * Microseconds since the epoch of the newest change to any part of the policy. Caches may lag, so a wallet keeps the
   * policy with the highest version it has seen.
   */
  version: z.int().min(0),
  mode: allocationMode,
  allocation_tokens: walletTokens,
  rollover_cap_tokens: walletTokens,
  enforcement: enforcementMode,
  /** Percent of the period's allocation, ascending, each 1 to 100. */
  warning_thresholds_percent: z.array(z.int().min(1).max(100)).max(10),
  /** How long a reservation may stay held before the wallet expires it. */
  reservation_lifetime_ms: z.int().min(1_000).max(3_600_000),
  in_flight_max: z.int().min(1).max(10_000),
});
export type WalletPolicy = z.infer<typeof walletPolicy>;

/** What of a policy decides whether an execution may run: written down with each, since policies change. */
export const governingPolicy = walletPolicy.pick({ mode: true, enforcement: true, allocation_tokens: true });
