import { z } from 'zod';
import { microUsd, walletTokens } from './amounts.ts';

/** Prices of provider tokens, by usage class. */

const byClass = <Amount extends z.ZodType>(amount: Amount) =>
  z.object({
    input: amount.describe('The rate for prompt tokens that no cache holds.'),
    cache_read: amount.describe("The rate for prompt tokens read from the provider's cache."),
    cache_write: amount.describe("The rate for prompt tokens written to the provider's cache."),
    output: amount.describe('The rate for tokens of the answer, reasoning included.'),
  });

/** Wallet tokens per 1,000 provider tokens, by usage class. */
export const tokenRates = byClass(walletTokens).meta({ id: 'TokenRates' });

/** The provider's price: micro-USD per million provider tokens, by usage class. */
export const costRates = byClass(microUsd).meta({ id: 'CostRates' });

/** The owner of a price list. A tenant's list takes precedence over the platform's. */
export const priceList = z.enum(['tenant', 'platform']).meta({ id: 'PriceList' });

/** The price of an execution. With the usage, anyone can compute the charge again. */
export const appliedPrice = z
  .object({
    list: priceList.describe("The price list of the wallet's rates: the tenant's or the platform's."),
    model_id: z.uuid().describe('The id of the model that answered.'),
    version: z.int().min(1).describe("The version of the model's price on that list."),
    wallet_tokens_per_1000: tokenRates.describe(
      'Wallet tokens charged per 1,000 provider tokens, by usage class.',
    ),
    cost_list: priceList.describe("The price list of the provider's price: that of the model's owner."),
    cost_version: z.int().min(1).describe("The version of the provider's price on that list."),
    micro_usd_per_million: costRates.describe(
      "The provider's price in micro-USD per million tokens, by usage class.",
    ),
  })
  .meta({ id: 'AppliedPrice' });
export type AppliedPrice = z.infer<typeof appliedPrice>;
