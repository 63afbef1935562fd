import { z } from 'zod';
import { microUsd, walletTokens } from './amounts.ts';

/** What provider tokens cost: on whose list, since when it was known, and by usage class. */

const byClass = <Amount extends z.ZodType>(amount: Amount) =>
  z.object({
    input: amount.describe('For the prompt, but for what a cache has of it'),
    cache_read: amount.describe('For what was read from the provider’s cache'),
    cache_write: amount.describe('For what was written to it'),
    output: amount.describe('For the answer, thoughts included'),
  });

/** Wallet tokens per 1,000 provider tokens, by usage class. */
export const tokenRates = byClass(walletTokens);

/** What the provider charges: micro-USD per million provider tokens, by usage class. */
export const costRates = byClass(microUsd);

/** Whose price list: what a tenant's own says goes before what the platform's does. */
export const priceList = z.enum(['tenant', 'platform']);

/** The price an execution is charged by: with it and the usage, anybody can work out again what it cost. */
export const appliedPrice = z.object({
  list: priceList.describe('Whose list the wallet’s rates stand on: the tenant’s or the platform’s'),
  model_id: z.uuid().describe('The model that answers, as the catalog knows it'),
  version: z.int().min(1).describe('The version of this model’s price on that list'),
  wallet_tokens_per_1000: tokenRates.describe(
    'Wallet tokens charged for 1,000 tokens of the provider’s, by class',
  ),
  cost_list: priceList.describe(
    'Whose list says what the provider charges: that of whoever the model belongs to',
  ),
  cost_version: z.int().min(1).describe('The version of that price on that list'),
  micro_usd_per_million: costRates.describe(
    'Millionths of a US dollar that the provider charges for a million tokens, by class',
  ),
});
export type AppliedPrice = z.infer<typeof appliedPrice>;
