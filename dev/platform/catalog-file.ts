import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { modelKind } from '../../contracts/catalog/model-kinds.ts';
import { type RatesByClass, rates, type TieredRates, usageClasses } from '../../contracts/catalog/price.ts';
import { providerKind } from '../../contracts/usage.ts';

/** The catalog file: the current models of the providers and their list prices, each with its source. */

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

const catalogFile = z.strictObject({
  version: z.iso.date(),
  /** The price of a dollar's worth of provider tokens at the list price, in wallet tokens. */
  wallet_tokens_per_usd: z.int().min(1),
  providers: z.array(provider).min(1),
});
export type CatalogFile = z.infer<typeof catalogFile>;
export type CatalogProvider = z.infer<typeof provider>;
export type CatalogModel = z.infer<typeof model>;

/** The catalog file of this repository. */
export const CATALOG_FILE = fileURLToPath(new URL('../../catalog/models.json', import.meta.url));

/** Reads a catalog file. Throws with the field that is wrong. */
export async function readCatalogFile(file: string): Promise<CatalogFile> {
  const parsed = catalogFile.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
}

type Rate = (microUsdPerMillion: number) => number;

/** Applies a function to every rate that is stated. */
const mapClasses = (rates: RatesByClass, rate: Rate): RatesByClass =>
  Object.fromEntries(
    usageClasses.flatMap((name) => (rates[name] === undefined ? [] : [[name, rate(rates[name])]])),
  ) as RatesByClass;

/** Returns the wallet tokens per 1,000 provider tokens that equal a list price, rounded up. Pure. */
export function walletRatesOf({ tiers, ...base }: TieredRates, wallet_tokens_per_usd: number): TieredRates {
  const rate: Rate = (microUsd) => Math.ceil((microUsd * wallet_tokens_per_usd) / 1_000_000_000);
  if (tiers === undefined) return mapClasses(base, rate);
  return {
    ...mapClasses(base, rate),
    tiers: tiers.map(({ above_input_tokens, ...tier }) => ({
      above_input_tokens,
      ...mapClasses(tier, rate),
    })),
  };
}
