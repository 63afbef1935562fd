import {
  type CreatePriceRequest,
  createPriceRequest,
  type ModelPrice,
} from '../../../../contracts/api/catalog.ts';
import { type FieldErrors, readForm } from '../../lib/form-errors.ts';
import { type UsageClass, usageClasses } from '../../lib/usage-classes.ts';

/** A version of a price while it is being filled in. Pure. */

type Figure = 'wallet_tokens_per_1000' | 'micro_usd_per_million';
type FigureField = `${Figure}.${UsageClass}`;
type PriceField = FigureField | 'effective_from';
export type PriceErrors = FieldErrors<PriceField>;

/** An emptied number field holds a text. Costs are US dollars here and micro-USD on their way. */
export type PriceDraft = Record<FigureField, number | string> & {
  /** `at` is as a field of day and time gives it, and counts for later. */
  effective_from: { choice: 'now' | 'later'; at: string };
};

const figureFields = usageClasses.flatMap((name): FigureField[] => [
  `wallet_tokens_per_1000.${name}`,
  `micro_usd_per_million.${name}`,
]);
export const priceFields: readonly PriceField[] = [...figureFields, 'effective_from'];

const WALLET_RULE = 'A whole number, 0 or more';
const COST_RULE = 'Dollars, 0 or more';
const fieldRules = {
  ...Object.fromEntries(
    figureFields.map((field) => [field, field.startsWith('wallet') ? WALLET_RULE : COST_RULE]),
  ),
  effective_from: 'Choose a time to come',
} as Record<PriceField, string>;

const MICRO = 1_000_000;

const dollarsOf = (microUsd: number | undefined) => (microUsd === undefined ? '' : microUsd / MICRO);

/** The figures of a version that is there, to begin with; empty when there is none. */
export function draftOfPrice(price: ModelPrice | null): PriceDraft {
  const figures = usageClasses.flatMap((name) => [
    [`wallet_tokens_per_1000.${name}`, price?.wallet_tokens_per_1000[name] ?? ''],
    [`micro_usd_per_million.${name}`, dollarsOf(price?.micro_usd_per_million?.[name])],
  ]);
  return { ...Object.fromEntries(figures), effective_from: { choice: 'now', at: '' } };
}

const microOf = (dollars: number | string) =>
  typeof dollars === 'number' ? Math.round(dollars * MICRO) : dollars;

function momentOf({ choice, at }: PriceDraft['effective_from']): string | null {
  if (choice === 'now') return null;
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString();
}

const byClass = <Value>(figure: (name: UsageClass) => Value) =>
  Object.fromEntries(usageClasses.map((name) => [name, figure(name)]));

/**
 * The request a draft says, or what is wrong with each of its figures. `saysCost`: the model is one's own. What the platform's models
 * cost is not a tenant's to say.
 */
export const readPrice = (draft: PriceDraft, saysCost: boolean) =>
  readForm<CreatePriceRequest, PriceField>(
    createPriceRequest,
    {
      wallet_tokens_per_1000: byClass((name) => draft[`wallet_tokens_per_1000.${name}`]),
      ...(saysCost
        ? { micro_usd_per_million: byClass((name) => microOf(draft[`micro_usd_per_million.${name}`])) }
        : {}),
      effective_from: momentOf(draft.effective_from),
    },
    fieldRules,
  );
