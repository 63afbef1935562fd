import { z } from 'zod';
import { microUsd, walletTokens } from './amounts.ts';

/** What provider tokens cost: on whose list, since when it was known, and by usage class. */

const byClass = <Amount extends z.ZodType>(amount: Amount) =>
  z.object({ input: amount, cache_read: amount, cache_write: amount, output: amount });

/** Wallet tokens per 1,000 provider tokens, by usage class. */
export const tokenRates = byClass(walletTokens);

/** What the provider charges: micro-USD per million provider tokens, by usage class. */
export const costRates = byClass(microUsd);

/** Whose price list: what a tenant's own says goes before what the platform's does. */
export const priceList = z.enum(['tenant', 'platform']);

/** The price an execution is charged by: with it and the usage, anybody can work out again what it cost. */
export const appliedPrice = z.object({
  /** Whose list the wallet's rates stand on. */
  list: priceList,
  /** The model that answers, as the catalog knows it. */
  model_id: z.uuid(),
  /** Of this model's price, on that list. */
  version: z.int().min(1),
  wallet_tokens_per_1000: tokenRates,
  /**
   * Whose list says what the provider charges, and in which version: that of whoever the model belongs to. They are the same as above,
   * but where a tenant prices the platform's model for its users.
   */
  cost_list: priceList,
  cost_version: z.int().min(1),
  micro_usd_per_million: costRates,
});
export type AppliedPrice = z.infer<typeof appliedPrice>;
