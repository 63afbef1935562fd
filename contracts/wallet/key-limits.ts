import { z } from 'zod';
import { positiveWalletTokens, walletTokens } from '../amounts.ts';

/**
 * Spending limits of an API key; null for no limit. Tokens are wallet tokens; minutes and months are calendar ones in UTC.
 * `version` is the time of the newest change in microseconds since the epoch: the highest version applies.
 */
export const keyLimits = z.object({
  id: z.uuid(),
  version: z.int().min(0),
  requests_per_minute: z.int().min(1).nullable(),
  tokens_per_minute: positiveWalletTokens.nullable(),
  monthly_budget_tokens: walletTokens.nullable(),
});
export type KeyLimits = z.infer<typeof keyLimits>;

/** The rest of an API key's limits in this minute; null where it has none. Tokens are wallet tokens, held ones included. */
export type KeyWindow = {
  requests: { limit: number; remaining: number } | null;
  tokens: { limit: number; remaining: number } | null;
  resets_in_ms: number;
};
