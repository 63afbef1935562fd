import type { TieredRates } from '../../contracts/catalog/price.ts';
import { type CatalogPlan, isEmptyPlan, type StoredPrice } from './catalog-plan.ts';

/** A plan in words, for the person who runs a command. Pure. */

const usd = (microUsd: number): string => `$${microUsd / 1_000_000}`;

/** `$2 in, $0.1 cached, $2.5 written, $10 out`, with a mark for prices of long prompts. */
const ratesText = ({ input, cache_read, cache_write, cache_write_1h, output, tiers }: TieredRates): string =>
  `${usd(input)} in, ${usd(cache_read)} cached, ${usd(cache_write)} written, ` +
  (cache_write_1h === undefined ? '' : `${usd(cache_write_1h)} for an hour, `) +
  `${usd(output)} out` +
  (tiers ?? [])
    .map((tier) => `; above ${tier.above_input_tokens} tokens ${usd(tier.input)} in, ${usd(tier.output)} out`)
    .join('');

const nameOf = ({ public_name, provider_model }: { public_name: string; provider_model: string }): string =>
  public_name === provider_model ? public_name : `${public_name} (${provider_model})`;

/** Returns the lines that describe a plan; prices are in US dollars per million tokens. `now` is an ISO time. */
export function describePlan(plan: CatalogPlan, now: string): string[] {
  const priceLines = (prices: StoredPrice[]) =>
    prices.map(
      (price) =>
        `    ${ratesText(price.cost)}${price.effective_from > now ? ` from ${price.effective_from.slice(0, 10)}` : ''}`,
    );
  const lines = [
    ...plan.providers.map(({ name }) => `+ ${name}: a provider, disabled until it has a key`),
    ...plan.models.flatMap((model) => [`+ ${nameOf(model)}`, ...priceLines(model.prices)]),
    ...plan.limits.map(
      (change) =>
        `~ ${nameOf(change)}: ${change.before.context_window_tokens} to ${change.after.context_window_tokens} tokens of context, ` +
        `${change.before.max_output_tokens} to ${change.after.max_output_tokens} of output`,
    ),
    ...plan.prices.flatMap((change) => [
      `~ ${nameOf(change)}`,
      ...(change.before === null ? [] : [`  - ${ratesText(change.before.cost)}`]),
      ...priceLines(change.prices).map((line) => line.replace('    ', '  + ')),
      ...(change.keeps_wallet_rates ? ['    Its price in wallet tokens was set by hand, and stays.'] : []),
    ]),
  ];
  const unlisted = plan.unlisted.map((model) => `? ${nameOf(model)}: not in the file, stays as it is`);
  return isEmptyPlan(plan) ? ['The catalog is up to date.', ...unlisted] : [...lines, ...unlisted];
}
