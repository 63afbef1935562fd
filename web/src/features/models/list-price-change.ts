import type { EffectivePrice, ListPriceChange } from '../../../../contracts/api/catalog.ts';
import { marginOf, statedClasses } from '../../../../contracts/catalog/markup.ts';
import {
  classesOfKind,
  type RatesByClass,
  rateOf,
  ratesOfPrompt,
  type TieredRates,
  type UsageClass,
  usageClasses,
} from '../../../../contracts/catalog/price.ts';
import type { CatalogModel } from './api/catalog.ts';

/** A change of a list price beside the price that users pay. Pure. */

type ChangedClass = {
  name: UsageClass;
  /** The cost in micro-USD per million tokens. */
  before: number;
  after: number;
  /** The share of the price that is left; null for a price of nothing. */
  margin_before: number | null;
  margin_after: number | null;
};

/** Returns the classes whose cost changes, with the margin before and after. */
export function changedClasses(
  { kind, price }: Pick<CatalogModel, 'kind' | 'price'>,
  change: ListPriceChange,
  wallet_tokens_per_usd: number,
): ChangedClass[] {
  const cost = price?.micro_usd_per_million ?? change.before;
  const wallet = price?.wallet_tokens_per_1000;
  const margin = (name: UsageClass, micro_usd: number) =>
    wallet === undefined ? null : marginOf(rateOf(wallet, name), micro_usd, wallet_tokens_per_usd);
  return statedClasses(cost, change.after)
    .filter((name) => classesOfKind(kind).includes(name) && rateOf(cost, name) !== rateOf(change.after, name))
    .map((name) => {
      const [before, after] = [rateOf(cost, name), rateOf(change.after, name)];
      return { name, before, after, margin_before: margin(name, before), margin_after: margin(name, after) };
    });
}

/** A rate that changes as its cost does, rounded up. A rate whose cost was nothing stays. */
const rescaled = (rate: number, before: number, after: number): number =>
  before === 0 ? rate : Number((BigInt(rate) * BigInt(after) + BigInt(before) - 1n) / BigInt(before));

const rescaledClasses = (wallet: RatesByClass, cost: RatesByClass, after: RatesByClass): RatesByClass =>
  Object.fromEntries(
    usageClasses.flatMap((name) =>
      wallet[name] === undefined
        ? []
        : [[name, rescaled(wallet[name], rateOf(cost, name), rateOf(after, name))]],
    ),
  ) as RatesByClass;

/** Returns the price that leaves the same margin at the new list price, in each class and each tier. */
export function rescaledRates(
  { wallet_tokens_per_1000: wallet, micro_usd_per_million: cost }: EffectivePrice,
  { after }: ListPriceChange,
): TieredRates {
  const { tiers, ...base } = wallet;
  const at = (length: number, rates: RatesByClass) =>
    rescaledClasses(rates, ratesOfPrompt(cost, length), ratesOfPrompt(after, length));
  return {
    ...at(0, base),
    ...(tiers !== undefined && {
      tiers: tiers.map(({ above_input_tokens, ...tier }) => ({
        above_input_tokens,
        ...at(above_input_tokens + 1, tier),
      })),
    }),
  };
}
