import type { Execution } from '../../../../contracts/api/executions.ts';
import {
  type RatesByClass as Rates,
  rateOf,
  ratesOfUsage,
  tokensOf,
  usageClasses,
} from '../../../../contracts/catalog/price.ts';
import { formatMicroUsd, formatPicoUsd, formatThousandths, formatTokens } from '../../lib/format.ts';
import { classNames } from '../../lib/usage-classes.ts';

/** The calculation of a charge and of a cost, step by step, as text. Pure. */

/** `1,200 tokens × 2 per 1,000 = 2.4`. */
type WorkedClass = { label: string; factors: string; product: string };

export type WorkedPrice = {
  /** The price version and the list it is on. */
  source: string;
  /** Classes with at least one token. */
  classes: WorkedClass[];
  sum: string;
  total: string;
  /** The reason why the total differs from the sum, or null when they are equal. */
  difference: string | null;
};

type Charged = Pick<Execution, 'usage' | 'price' | 'tokens_charged' | 'cost_micro_usd' | 'response_cache'>;

/** The units and words of one kind of money. */
type Money = {
  per: bigint;
  unit: string;
  rate: (rate: number) => string;
  /** Formats an exact amount, given in parts of `per`. */
  exact: (parts: bigint) => string;
  whole: (amount: number) => string;
  rounded: string;
  capped: string;
};

const walletTokens: Money = {
  per: 1_000n,
  unit: 'per 1,000',
  rate: formatTokens,
  exact: formatThousandths,
  whole: formatTokens,
  rounded: 'Rounded up to a whole number, once',
  capped: 'Never more than was held',
};

const dollars: Money = {
  per: 1_000_000n,
  unit: 'per million',
  rate: formatMicroUsd,
  exact: formatPicoUsd,
  whole: formatMicroUsd,
  rounded: 'Rounded up to a millionth of a dollar, once',
  capped: 'Never more than the request could have cost',
};

const WHOLE_PERCENT = 100n;

const lists = { tenant: 'the tenant’s own list', platform: 'the platform’s list' };

/** The version and its list, and the tier where the prompt was long. */
function sourceOf(version: number, list: keyof typeof lists, rates: Rates & { above_input_tokens?: number }) {
  const { above_input_tokens: above } = rates;
  const tier = above === undefined ? '' : `, above ${formatTokens(above)} prompt tokens`;
  return `Version ${formatTokens(version)} on ${lists[list]}${tier}`;
}

function workedOut(
  money: Money,
  {
    usage,
    rates,
    total,
    source,
    percent = 100,
  }: {
    usage: NonNullable<Execution['usage']>;
    rates: Rates;
    total: number;
    source: string;
    /** The part of the sum that is charged. */
    percent?: number;
  },
): WorkedPrice {
  const used = usageClasses
    .map((name) => ({ name, tokens: tokensOf(usage, name), rate: rateOf(rates, name) }))
    .filter(({ tokens }) => tokens > 0)
    .map((factors) => ({ ...factors, parts: BigInt(factors.tokens) * BigInt(factors.rate) }));
  const sum = used.reduce((parts, factors) => parts + factors.parts, 0n);
  const per = money.per * WHOLE_PERCENT;
  const charged = sum * BigInt(percent);
  const whole = (charged + per - 1n) / per;
  const reasons = [
    ...(percent === 100 ? [] : [`${percent} % of the sum, for an answer from the response cache`]),
    ...(whole !== BigInt(total) ? [money.capped] : charged % per !== 0n ? [money.rounded] : []),
  ];
  return {
    source,
    classes: used.map(({ name, tokens, rate, parts }) => ({
      label: classNames[name],
      factors: `${formatTokens(tokens)} tokens × ${money.rate(rate)} ${money.unit}`,
      product: money.exact(parts),
    })),
    sum: money.exact(sum),
    total: money.whole(total),
    difference: reasons.length === 0 ? null : reasons.join('. '),
  };
}

/** The calculation of the charge in wallet tokens, or null without usage or a stored price. */
export function workedCharge({ usage, price, tokens_charged, response_cache }: Charged): WorkedPrice | null {
  if (usage === null || price === null) return null;
  const { wallet_tokens_per_1000, version, list } = price;
  const rates = ratesOfUsage(wallet_tokens_per_1000, usage);
  return workedOut(walletTokens, {
    usage,
    rates,
    total: tokens_charged,
    source: sourceOf(version, list, rates),
    ...(response_cache !== null && { percent: response_cache.price_percent }),
  });
}

/**
 * The calculation of the provider's cost in US dollars. Null without usage or a stored price, for users who do not see it, and for an
 * answer from the response cache, which costs nothing.
 */
export function workedCost({ usage, price, cost_micro_usd, response_cache }: Charged): WorkedPrice | null {
  if (response_cache !== null) return null;
  const { micro_usd_per_million, cost_list, cost_version } = price ?? {};
  if (usage === null || cost_micro_usd === undefined || micro_usd_per_million === undefined) return null;
  if (cost_list === undefined || cost_version === undefined) return null;
  const rates = ratesOfUsage(micro_usd_per_million, usage);
  return workedOut(dollars, {
    usage,
    rates,
    total: cost_micro_usd,
    source: sourceOf(cost_version, cost_list, rates),
  });
}
