import { z } from 'zod';
import { capability } from '../chat/chat.ts';
import { providerKind } from '../usage.ts';
import { modelKind } from './model-kinds.ts';
import { rates } from './price.ts';

/** The catalog file (catalog/models.json): the current models of the providers and their list prices, each with its source. */

const price = z.strictObject({
  /** Null for the price in force, else the moment from which the price applies. */
  effective_from: z.iso
    .datetime()
    .transform((moment) => new Date(moment).toISOString())
    .nullable(),
  micro_usd_per_million: rates,
});

const model = z.strictObject({
  provider_model: z.string().min(1).max(200),
  /** The names users ask for. Models that share one are tried in the order of their providers. */
  public_names: z.array(z.string().min(1).max(200)).min(1),
  /** The endpoint that takes the model. Never changes. */
  kind: modelKind.default('chat'),
  context_window_tokens: z.int().min(1),
  /** 0 for kinds whose answers have no tokens. */
  max_output_tokens: z.int().min(0),
  /** False for what the provider's kind supports and this model does not. */
  capabilities: z.partialRecord(capability, z.boolean()).default({}),
  /** The page of the provider that states limits and prices. */
  source: z.url(),
  /** The month in which the page was read. */
  as_of: z.string().regex(/^\d{4}-\d{2}$/),
  prices: z
    .array(price)
    .min(1)
    .refine(
      (prices) =>
        prices.every(({ effective_from }, index) =>
          index === 0
            ? effective_from === null
            : (effective_from ?? '') > (prices[index - 1]?.effective_from ?? ''),
        ),
      'must begin with the price in force, and ascend by effective_from',
    ),
});

const provider = z.strictObject({
  id: z.uuid(),
  name: z.string().min(1).max(100),
  kind: providerKind,
  priority: z.int().min(0),
  models: z.array(model).min(1),
});

export const catalogFile = z.strictObject({
  version: z.iso.date(),
  /** The price of a dollar's worth of provider tokens at the list price, in wallet tokens. */
  wallet_tokens_per_usd: z.int().min(1),
  providers: z.array(provider).min(1),
});
export type CatalogFile = z.infer<typeof catalogFile>;
export type CatalogProvider = z.infer<typeof provider>;
export type CatalogModel = z.infer<typeof model>;

/** Returns the list price of a model at a moment, an ISO time and the time from which it applies. Pure. */
export function listPriceAt({ prices }: CatalogModel, moment: string): CatalogModel['prices'][number] {
  const price = prices.findLast(({ effective_from }) => effective_from === null || effective_from <= moment);
  if (price === undefined) throw new Error('The first price of a model is in force from the beginning');
  return price;
}
