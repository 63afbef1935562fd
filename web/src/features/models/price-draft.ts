import {
  type CreatePriceRequest,
  createPriceRequest,
  type ModelPrice,
} from '../../../../contracts/api/catalog.ts';
import { readForm } from '../../lib/form-errors.ts';
import { type UsageClass, usageClasses } from '../../lib/usage-classes.ts';

/** A new version of a price while it is edited. Pure. */

/** A figure for each class of tokens. An emptied number field holds a text. */
type Figures = Record<UsageClass, number | string>;

/** The request's fields; costs are in US dollars here and in micro-USD in the request. */
export type PriceDraft = {
  wallet_tokens_per_1000: Figures;
  micro_usd_per_million: Figures;
  /** `at` is the value of a date and time field. It counts when the choice is `later`. */
  effective_from: { choice: 'now' | 'later'; at: string };
};

type FigureField = `${'wallet_tokens_per_1000' | 'micro_usd_per_million'}.${UsageClass}`;
type PriceField = FigureField | 'effective_from';

const figureFields = usageClasses.flatMap((name): FigureField[] => [
  `wallet_tokens_per_1000.${name}`,
  `micro_usd_per_million.${name}`,
]);
export const priceFields: readonly PriceField[] = [...figureFields, 'effective_from'];

const WALLET_RULE = 'Enter a whole number, 0 or more';
const COST_RULE = 'Enter an amount in dollars, 0 or more';
const fieldRules = {
  ...Object.fromEntries(
    figureFields.map((field) => [field, field.startsWith('wallet') ? WALLET_RULE : COST_RULE]),
  ),
  effective_from: 'Choose a time in the future',
} as Record<PriceField, string>;

const MICRO = 1_000_000;

const byClass = <Value>(figure: (name: UsageClass) => Value) =>
  Object.fromEntries(usageClasses.map((name) => [name, figure(name)])) as Record<UsageClass, Value>;

const dollarsOf = (microUsd: number | undefined) => (microUsd === undefined ? '' : microUsd / MICRO);

/** A draft with the figures of an existing version; empty for null. */
export const draftOfPrice = (price: ModelPrice | null): PriceDraft => ({
  wallet_tokens_per_1000: byClass((name) => price?.wallet_tokens_per_1000[name] ?? ''),
  micro_usd_per_million: byClass((name) => dollarsOf(price?.micro_usd_per_million?.[name])),
  effective_from: { choice: 'now', at: '' },
});

const microOf = (dollars: number | string) =>
  typeof dollars === 'number' ? Math.round(dollars * MICRO) : dollars;

/** ISO time of a choice; null for now, and an empty text for a time that is missing or invalid. */
function momentOf({ choice, at }: PriceDraft['effective_from']): string | null {
  if (choice === 'now') return null;
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString();
}

/** The request of a draft, or an error for each field that is wrong. `withCost` is false for models of the platform, which sets their cost. */
export const readPrice = (draft: PriceDraft, withCost: boolean) =>
  readForm<CreatePriceRequest, PriceField>(
    createPriceRequest,
    {
      wallet_tokens_per_1000: draft.wallet_tokens_per_1000,
      ...(withCost
        ? { micro_usd_per_million: byClass((name) => microOf(draft.micro_usd_per_million[name])) }
        : {}),
      effective_from: momentOf(draft.effective_from),
    },
    fieldRules,
  );
