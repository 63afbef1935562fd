import { WALLET_TOKENS_MAX } from '../../../contracts/amounts.ts';
import {
  type RatesByClass,
  rateOf,
  ratesOfUsage,
  type TieredRates,
  tokensOf,
  usageClasses,
} from '../../../contracts/catalog/price.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Usage } from '../../../contracts/usage.ts';

/**
 * Prices a call. Pure and exact: products of amounts exceed the integers a number holds, so they are BigInts until they are
 * divided, and every result is rounded up to a whole unit once.
 */

/** The result exceeds the range of an amount (contracts/amounts.ts). */
type AmountOutOfRange = { code: 'amount_out_of_range' };

const PROVIDER_TOKENS_PER_WALLET_RATE = 1_000n;
const PROVIDER_TOKENS_PER_COST_RATE = 1_000_000n;

const isAmount = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= WALLET_TOKENS_MAX;

type Product = { tokens: number; rate: number };

const WHOLE_PERCENT = 100n;

/** ceil(percent of sum of tokens x rate / per), or a failure when a factor or the result is not an amount. */
function priced(products: Product[], per: bigint, percent = 100): Result<number, AmountOutOfRange> {
  if (!products.every(({ tokens, rate }) => isAmount(tokens) && isAmount(rate))) {
    return fail({ code: 'amount_out_of_range' });
  }
  const sum = products.reduce((total, { tokens, rate }) => total + BigInt(tokens) * BigInt(rate), 0n);
  const parts = per * WHOLE_PERCENT;
  const roundedUp = (sum * BigInt(percent) + parts - 1n) / parts;
  if (roundedUp > BigInt(WALLET_TOKENS_MAX)) return fail({ code: 'amount_out_of_range' });
  return ok(Number(roundedUp));
}

/** The priced classes. Reasoning is part of the output, so it is not priced again. */
const byClass = (usage: Usage, rates: RatesByClass): Product[] =>
  usageClasses.map((name) => ({ tokens: tokensOf(usage, name), rate: rateOf(rates, name) }));

/** Classes that some prompts have: images, audio, and what the client asks a cache to keep for an hour. They may have rates of their own. */
export type InputClass = 'input_image' | 'input_audio' | 'cache_write_1h';

/** The highest rate of the input of a prompt with these classes. */
const worstInputRate = (rates: RatesByClass, classes: readonly InputClass[]): number =>
  Math.max(
    ...[rates.input, rates.cache_read, rates.cache_write],
    ...classes.map((name) => rateOf(rates, name)),
  );

/** The highest rate of the output. A model that has a rate for images or audio may answer with them. */
const worstOutputRate = (rates: RatesByClass): number =>
  Math.max(rates.output, rateOf(rates, 'output_image'), rateOf(rates, 'output_audio'));

/** Wallet tokens to charge for `usage`, at rates per 1,000 provider tokens, or that percentage of them. */
export const chargeOf = (
  usage: Usage,
  wallet_tokens_per_1000: TieredRates,
  percent?: number,
): Result<number, AmountOutOfRange> => {
  const rates = ratesOfUsage(wallet_tokens_per_1000, usage);
  return priced(byClass(usage, rates), PROVIDER_TOKENS_PER_WALLET_RATE, percent);
};

/** The products of an input that the provider told and so much output, of whichever class. */
function byTold(input: Usage, output_tokens: number, tiered: TieredRates): Product[] {
  const rates = ratesOfUsage(tiered, input);
  return byClass({ ...input, output_tokens }, { ...rates, output: worstOutputRate(rates) });
}

/** The most wallet tokens to charge for an input that the provider told and so much output. */
export const chargeOfTold = (
  input: Usage,
  output_tokens: number,
  wallet_tokens_per_1000: TieredRates,
): Result<number, AmountOutOfRange> =>
  priced(byTold(input, output_tokens, wallet_tokens_per_1000), PROVIDER_TOKENS_PER_WALLET_RATE);

/** The platform's highest cost of the same in micro-USD. */
export const costOfTold = (
  input: Usage,
  output_tokens: number,
  micro_usd_per_million: TieredRates,
): Result<number, AmountOutOfRange> =>
  priced(byTold(input, output_tokens, micro_usd_per_million), PROVIDER_TOKENS_PER_COST_RATE);

/** A call at its most: its tokens, the rates of all tiers, and the classes that its prompt may have. */
type Worst = {
  input_tokens_bound: number;
  max_output_tokens: number;
  rates: TieredRates;
  input_classes: readonly InputClass[];
};

/** The highest price of a call at one tier: every token is priced as the most expensive class that its side can have. */
const atWorst = (
  { input_tokens_bound, max_output_tokens, input_classes }: Worst,
  rates: RatesByClass,
): Product[] => [
  { tokens: input_tokens_bound, rate: worstInputRate(rates, input_classes) },
  { tokens: max_output_tokens, rate: worstOutputRate(rates) },
];

/** The highest price of a call at any tier that a prompt within the bound can reach. A shorter prompt may cost more. */
function worstOf(call: Worst, per: bigint): Result<number, AmountOutOfRange> {
  const { tiers = [], ...base } = call.rates;
  const reached = tiers.filter(({ above_input_tokens }) => call.input_tokens_bound > above_input_tokens);
  let worst = priced(atWorst(call, base), per);
  for (const tier of reached) {
    const price = priced(atWorst(call, tier), per);
    if (!price.ok) return price;
    if (worst.ok && price.value > worst.value) worst = price;
  }
  return worst;
}

const anyClass: readonly InputClass[] = ['input_image', 'input_audio', 'cache_write_1h'];

/** The most wallet tokens to charge for a call whose input and output stay within these bounds, and whose prompt may have these classes. */
export const worstCaseCharge = (
  input_tokens_bound: number,
  max_output_tokens: number,
  rates: TieredRates,
  input_classes: readonly InputClass[] = anyClass,
): Result<number, AmountOutOfRange> =>
  worstOf({ input_tokens_bound, max_output_tokens, rates, input_classes }, PROVIDER_TOKENS_PER_WALLET_RATE);

/** The platform's cost of `usage` in micro-USD, at prices in micro-USD per million provider tokens. */
export const costMicroUsd = (
  usage: Usage,
  micro_usd_per_million: TieredRates,
): Result<number, AmountOutOfRange> =>
  priced(byClass(usage, ratesOfUsage(micro_usd_per_million, usage)), PROVIDER_TOKENS_PER_COST_RATE);

/** The platform's highest cost in micro-USD of a call whose input and output stay within these bounds, and whose prompt may have these classes. */
export const worstCaseCostMicroUsd = (
  input_tokens_bound: number,
  max_output_tokens: number,
  rates: TieredRates,
  input_classes: readonly InputClass[] = anyClass,
): Result<number, AmountOutOfRange> =>
  worstOf({ input_tokens_bound, max_output_tokens, rates, input_classes }, PROVIDER_TOKENS_PER_COST_RATE);
