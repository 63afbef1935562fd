import { z } from 'zod';
import { providerTokens, walletTokens } from '../amounts.ts';
import type { Usage } from '../usage.ts';
import type { ModelKind } from './model-kinds.ts';

/** Prices of provider tokens, by usage class. */

/** The usage classes, in the order of a receipt. */
export const usageClasses = [
  'input',
  'input_image',
  'input_audio',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'output',
  'output_image',
  'output_audio',
] as const;
export type UsageClass = (typeof usageClasses)[number];

/** The classes that most calls do not have, with the class whose rate they have unless they have one of their own. */
const fallbacks = {
  input_image: 'input',
  input_audio: 'input',
  cache_write_1h: 'cache_write',
  output_image: 'output',
  output_audio: 'output',
} as const;
export type OptionalClass = keyof typeof fallbacks;

/** True for a class whose rate is optional: images, audio, and what a cache keeps for an hour. */
export const isOptionalClass = (name: UsageClass): name is OptionalClass => name in fallbacks;

/** Returns the class whose rate a class has unless it has one of its own. Pure. */
export const fallbackOf = (name: OptionalClass): UsageClass => fallbacks[name];

/** The classes that models of a kind use and are priced by. The other rates of their prices are 0. */
const classesByKind: Record<ModelKind, readonly UsageClass[]> = {
  chat: usageClasses,
  embedding: ['input'],
  image: ['input', 'input_image', 'output', 'output_image'],
  speech: ['input', 'output', 'output_audio'],
  transcription: ['input', 'input_audio', 'output'],
  moderation: ['input'],
};

/** Returns the classes that models of a kind are priced by. Pure. */
export const classesOfKind = (kind: ModelKind): readonly UsageClass[] => classesByKind[kind];

const byClass = z.object({
  input: walletTokens.describe('The rate for prompt tokens that no cache holds.'),
  input_image: walletTokens
    .optional()
    .describe('The rate for prompt tokens of images that no cache holds. Defaults to `input`.'),
  input_audio: walletTokens
    .optional()
    .describe('The rate for prompt tokens of audio that no cache holds. Defaults to `input`.'),
  cache_read: walletTokens.describe("The rate for prompt tokens read from the provider's cache."),
  cache_write: walletTokens.describe("The rate for prompt tokens written to the provider's cache."),
  cache_write_1h: walletTokens
    .optional()
    .describe(
      "The rate for prompt tokens written to the provider's cache for an hour. Defaults to `cache_write`.",
    ),
  output: walletTokens.describe('The rate for tokens of the answer, reasoning included.'),
  output_image: walletTokens
    .optional()
    .describe('The rate for tokens of images in the answer. Defaults to `output`.'),
  output_audio: walletTokens
    .optional()
    .describe('The rate for tokens of audio in the answer. Defaults to `output`.'),
});

/** Most tiers of one price. Providers have two at most. */
const TIERS_MAX = 4;

/** The rates of long prompts. */
const ratesTier = byClass
  .extend({
    above_input_tokens: providerTokens
      .min(1)
      .describe('The rates apply to requests with more prompt tokens than this, cached ones included.'),
  })
  .strict()
  .meta({ id: 'RatesTier' });

const isAscending = (tiers: readonly { above_input_tokens: number }[]): boolean =>
  tiers.every(
    ({ above_input_tokens }, index) => above_input_tokens > (tiers[index - 1]?.above_input_tokens ?? 0),
  );

/**
 * Rates by usage class: wallet tokens per 1,000 provider tokens, or micro-USD per million of them; both amounts have one range. Rates can
 * change with the length of the prompt: a longer one is priced by the last tier below its length, whole.
 */
export const rates = byClass
  .extend({
    tiers: z
      .array(ratesTier)
      .min(1)
      .max(TIERS_MAX)
      .refine(isAscending, 'must be in ascending order of above_input_tokens')
      .optional()
      .describe('Rates for long prompts, shortest first. All tokens of such a request are priced by them.'),
  })
  .meta({ id: 'Rates' });

/** Returns the tokens of a class. Pure. */
export const tokensOf = (usage: Usage, name: UsageClass): number => usage[`${name}_tokens`] ?? 0;

/** Returns the rate of a class: its own, or that of the class it falls back to. Pure. */
export const rateOf = (rates: RatesByClass, name: UsageClass): number =>
  isOptionalClass(name) ? (rates[name] ?? rates[fallbacks[name]]) : rates[name];

/** Returns the prompt's tokens that no cache holds: text, images and audio. Pure. */
export const uncachedTokensOf = (usage: Usage): number =>
  usage.input_tokens + tokensOf(usage, 'input_image') + tokensOf(usage, 'input_audio');

/** Returns the prompt's tokens that were written to a cache, however long it keeps them. Pure. */
export const cacheWriteTokensOf = (usage: Usage): number =>
  usage.cache_write_tokens + tokensOf(usage, 'cache_write_1h');

/** Returns the prompt's tokens of all classes: its length decides the tier. Pure. */
export const promptTokensOf = (usage: Usage): number =>
  uncachedTokensOf(usage) + usage.cache_read_tokens + cacheWriteTokensOf(usage);

/** Returns the answer's tokens of all classes. Pure. */
export const answerTokensOf = (usage: Usage): number =>
  usage.output_tokens + tokensOf(usage, 'output_image') + tokensOf(usage, 'output_audio');

/** Returns the rates of a request by its prompt tokens: the last tier below them, or the base rates. Pure. */
export function ratesOfPrompt({ tiers = [], ...base }: TieredRates, prompt_tokens: number): RatesByClass {
  return tiers.findLast(({ above_input_tokens }) => prompt_tokens > above_input_tokens) ?? base;
}

/** Returns the rates of a request by its usage. Pure. */
export const ratesOfUsage = (rates: TieredRates, usage: Usage): RatesByClass =>
  ratesOfPrompt(rates, promptTokensOf(usage));

/** A price by usage class that may depend on the length of the prompt. */
export type TieredRates = z.infer<typeof rates>;
/** The rates of one request, by usage class. */
export type RatesByClass = Pick<TieredRates, UsageClass>;

/** The owner of a price list. A tenant's list takes precedence over the platform's. */
export const priceList = z.enum(['tenant', 'platform']).meta({ id: 'PriceList' });

/** The price of an execution. With the usage, anyone can compute the charge again. */
export const appliedPrice = z
  .object({
    list: priceList.describe("The price list of the wallet's rates: the tenant's or the platform's."),
    model_id: z.uuid().describe('The id of the model that answered.'),
    version: z.int().min(1).describe("The version of the model's price on that list."),
    wallet_tokens_per_1000: rates.describe(
      'Wallet tokens charged per 1,000 provider tokens, by usage class.',
    ),
    cost_list: priceList.describe("The price list of the provider's price: that of the model's owner."),
    cost_version: z.int().min(1).describe("The version of the provider's price on that list."),
    micro_usd_per_million: rates.describe(
      "The provider's price in micro-USD per million tokens, by usage class.",
    ),
  })
  .meta({ id: 'AppliedPrice' });
export type AppliedPrice = z.infer<typeof appliedPrice>;

const onlyForCost = 'Absent for users, unless the tenant shows them provider cost.';
const { cost_list, cost_version, micro_usd_per_million } = appliedPrice.shape;

/** The price of an execution as its reader sees it: with the provider's price only for readers who may see cost. */
export const shownPrice = appliedPrice
  .extend({
    cost_list: cost_list.optional().describe(`${cost_list.description} ${onlyForCost}`),
    cost_version: cost_version.optional().describe(`${cost_version.description} ${onlyForCost}`),
    micro_usd_per_million: micro_usd_per_million
      .optional()
      .describe(`${micro_usd_per_million.description} ${onlyForCost}`),
  })
  .meta({ id: 'ExecutionPrice' });
export type ShownPrice = z.infer<typeof shownPrice>;
