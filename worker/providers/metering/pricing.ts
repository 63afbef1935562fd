import type { z } from 'zod';
import { WALLET_TOKENS_MAX } from '../../../contracts/amounts.ts';
import type { tokenRates } from '../../../contracts/price.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Usage } from '../../../contracts/usage.ts';

/**
 * Prices a call. Pure and exact: products of amounts exceed the integers a number holds, so they are BigInts until they are
 * divided, and every result is rounded up to a whole unit once.
 */

/** A price per usage class: wallet tokens per 1,000 provider tokens, or micro-USD per million of them. */
export type RatesByClass = z.infer<typeof tokenRates>;

/** The result exceeds the range of an amount (contracts/amounts.ts). */
type AmountOutOfRange = { code: 'amount_out_of_range' };

const PROVIDER_TOKENS_PER_WALLET_RATE = 1_000n;
const PROVIDER_TOKENS_PER_COST_RATE = 1_000_000n;

const isAmount = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= WALLET_TOKENS_MAX;

type Product = { tokens: number; rate: number };

/** ceil(sum of tokens x rate / per), or a failure when a factor or the result is not an amount. */
function priced(products: Product[], per: bigint): Result<number, AmountOutOfRange> {
  if (!products.every(({ tokens, rate }) => isAmount(tokens) && isAmount(rate))) {
    return fail({ code: 'amount_out_of_range' });
  }
  const sum = products.reduce((total, { tokens, rate }) => total + BigInt(tokens) * BigInt(rate), 0n);
  const roundedUp = (sum + per - 1n) / per;
  if (roundedUp > BigInt(WALLET_TOKENS_MAX)) return fail({ code: 'amount_out_of_range' });
  return ok(Number(roundedUp));
}

/** The priced classes. Reasoning is part of the output, so it is not priced again. */
const byClass = (usage: Usage, rates: RatesByClass): Product[] => [
  { tokens: usage.input_tokens, rate: rates.input },
  { tokens: usage.cache_read_tokens, rate: rates.cache_read },
  { tokens: usage.cache_write_tokens, rate: rates.cache_write },
  { tokens: usage.output_tokens, rate: rates.output },
];

/** Wallet tokens to charge for `usage`, at rates per 1,000 provider tokens. */
export const chargeOf = (
  usage: Usage,
  wallet_tokens_per_1000: RatesByClass,
): Result<number, AmountOutOfRange> =>
  priced(byClass(usage, wallet_tokens_per_1000), PROVIDER_TOKENS_PER_WALLET_RATE);

/** The highest price of a call: every input token is priced as the most expensive input class. */
const atWorst = (
  input_tokens_bound: number,
  max_output_tokens: number,
  { input, cache_read, cache_write, output }: RatesByClass,
): Product[] => [
  { tokens: input_tokens_bound, rate: Math.max(input, cache_read, cache_write) },
  { tokens: max_output_tokens, rate: output },
];

/** The most wallet tokens to charge for a call whose input and output stay within these bounds. */
export const worstCaseCharge = (
  input_tokens_bound: number,
  max_output_tokens: number,
  wallet_tokens_per_1000: RatesByClass,
): Result<number, AmountOutOfRange> =>
  priced(
    atWorst(input_tokens_bound, max_output_tokens, wallet_tokens_per_1000),
    PROVIDER_TOKENS_PER_WALLET_RATE,
  );

/** The platform's cost of `usage` in micro-USD, at prices in micro-USD per million provider tokens. */
export const costMicroUsd = (
  usage: Usage,
  micro_usd_per_million: RatesByClass,
): Result<number, AmountOutOfRange> =>
  priced(byClass(usage, micro_usd_per_million), PROVIDER_TOKENS_PER_COST_RATE);

/** The platform's highest cost in micro-USD of a call whose input and output stay within these bounds. */
export const worstCaseCostMicroUsd = (
  input_tokens_bound: number,
  max_output_tokens: number,
  micro_usd_per_million: RatesByClass,
): Result<number, AmountOutOfRange> =>
  priced(
    atWorst(input_tokens_bound, max_output_tokens, micro_usd_per_million),
    PROVIDER_TOKENS_PER_COST_RATE,
  );
