import { isOptionalClass, type RatesByClass, type TieredRates, usageClasses } from './price.ts';

/** Prices in wallet tokens beside prices in money: a markup on a list price, and the margin that a price leaves. Pure. */

/** The most wallet tokens that a US dollar can be worth. */
export const WALLET_TOKENS_PER_USD_MAX = 1_000_000_000;

/** Hundredths of a percent in the whole. */
const WHOLE_BASIS_POINTS = 10_000n;

/** Micro-USD per million provider tokens in a dollar per 1,000 of them. */
const MICRO_USD_PER_MILLION_IN_USD_PER_1000 = 1_000_000_000;

/** Applies a function to every rate that is stated. */
const mapClasses = (rates: RatesByClass, rate: (figure: number) => number): RatesByClass =>
  Object.fromEntries(
    usageClasses.flatMap((name) => (rates[name] === undefined ? [] : [[name, rate(rates[name])]])),
  ) as RatesByClass;

/**
 * Returns the wallet tokens per 1,000 provider tokens that equal a list price with a markup, rounded up. The list price is in micro-USD
 * per million provider tokens, the markup in hundredths of a percent of it.
 */
export function walletRatesOf(
  { tiers, ...base }: TieredRates,
  wallet_tokens_per_usd: number,
  markup_basis_points = 0,
): TieredRates {
  const factor = BigInt(wallet_tokens_per_usd) * (WHOLE_BASIS_POINTS + BigInt(markup_basis_points));
  const divisor = BigInt(MICRO_USD_PER_MILLION_IN_USD_PER_1000) * WHOLE_BASIS_POINTS;
  const rate = (microUsd: number) => Number((BigInt(microUsd) * factor + divisor - 1n) / divisor);
  if (tiers === undefined) return mapClasses(base, rate);
  return {
    ...mapClasses(base, rate),
    tiers: tiers.map(({ above_input_tokens, ...tier }) => ({
      above_input_tokens,
      ...mapClasses(tier, rate),
    })),
  };
}

/** Returns what a rate in wallet tokens per 1,000 provider tokens is worth, in micro-USD per million of them. */
const worthOf = (wallet_tokens_per_1000: number, wallet_tokens_per_usd: number): number =>
  (wallet_tokens_per_1000 * MICRO_USD_PER_MILLION_IN_USD_PER_1000) / wallet_tokens_per_usd;

/** Returns the share of a price that is left above its cost; null for a price of nothing. Negative if the cost is higher. */
export function marginOf(
  wallet_tokens_per_1000: number,
  micro_usd_per_million: number,
  wallet_tokens_per_usd: number,
): number | null {
  const worth = worthOf(wallet_tokens_per_1000, wallet_tokens_per_usd);
  return worth === 0 ? null : (worth - micro_usd_per_million) / worth;
}

/** Returns the classes that a price states: those that every price has, and images and audio if they have rates of their own. */
export const statedClasses = (price: RatesByClass, cost: RatesByClass) =>
  usageClasses.filter(
    (name) => !isOptionalClass(name) || price[name] !== undefined || cost[name] !== undefined,
  );
