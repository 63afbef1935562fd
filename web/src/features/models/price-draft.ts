import {
  type CreatePriceRequest,
  createPriceRequest,
  type ModelPrice,
} from '../../../../contracts/api/catalog.ts';
import type { ModelKind } from '../../../../contracts/catalog/model-kinds.ts';
import {
  classesOfKind,
  isOptionalClass,
  ratesOfPrompt,
  type UsageClass,
  usageClasses,
} from '../../../../contracts/catalog/price.ts';
import { readForm } from '../../lib/form-errors.ts';

/** A new version of a price while it is edited. Pure. */

/** A figure for each class of tokens. An empty number field holds a text; an optional class then has the rate of another. */
type Figures = Record<UsageClass, number | string>;
type Tier = Figures & { above_input_tokens: number | string };
type TieredFigures = Figures & { tiers: Tier[] };

/**
 * The request's fields; costs are in US dollars here and in micro-USD in the request. Both have the same tiers, whose lengths are those
 * of the price.
 */
export type PriceDraft = {
  wallet_tokens_per_1000: TieredFigures;
  micro_usd_per_million: TieredFigures;
  /** `at` is the value of a date and time field. It counts when the choice is `later`. */
  effective_from: { choice: 'now' | 'later'; at: string };
};

/** Most tiers that a price can have. */
export const TIERS_MAX = 4;

/** The place of figures in the draft: those of the base price, or of one tier. */
export type FiguresAt = '' | `tiers.${number}.`;
type FigureField = `${'wallet_tokens_per_1000' | 'micro_usd_per_million'}.${FiguresAt}${UsageClass}`;
type LengthField = `wallet_tokens_per_1000.tiers.${number}.above_input_tokens`;
type PriceField = FigureField | LengthField | 'wallet_tokens_per_1000.tiers' | 'effective_from';

const tierNumbers = Array.from({ length: TIERS_MAX }, (_, index) => index);
const places: FiguresAt[] = ['', ...tierNumbers.map((index) => `tiers.${index}.` as const)];
const figureFields = places.flatMap((at) =>
  usageClasses.flatMap((name): FigureField[] => [
    `wallet_tokens_per_1000.${at}${name}`,
    `micro_usd_per_million.${at}${name}`,
  ]),
);
const lengthFields = tierNumbers.map(
  (index): LengthField => `wallet_tokens_per_1000.tiers.${index}.above_input_tokens`,
);
export const priceFields: readonly PriceField[] = [
  ...figureFields,
  ...lengthFields,
  'wallet_tokens_per_1000.tiers',
  'effective_from',
];

const WALLET_RULE = 'Enter a whole number, 0 or more';
const COST_RULE = 'Enter an amount in dollars, 0 or more';
const fieldRules = {
  ...Object.fromEntries(
    figureFields.map((field) => [field, field.startsWith('wallet') ? WALLET_RULE : COST_RULE]),
  ),
  ...Object.fromEntries(lengthFields.map((field) => [field, 'Enter a number of tokens, 1 or more'])),
  'wallet_tokens_per_1000.tiers': 'Each tier must begin above the one before it',
  effective_from: 'Choose a time in the future',
} as Record<PriceField, string>;

const MICRO = 1_000_000;

const byClass = <Value>(figure: (name: UsageClass) => Value) =>
  Object.fromEntries(usageClasses.map((name) => [name, figure(name)])) as Record<UsageClass, Value>;

const dollarsOf = (microUsd: number | undefined) => (microUsd === undefined ? '' : microUsd / MICRO);

const emptyTier = (above_input_tokens: number | string): Tier => ({
  above_input_tokens,
  ...byClass(() => ''),
});

/** A draft with the figures of an existing version; empty for null. */
export function draftOfPrice(price: ModelPrice | null): PriceDraft {
  const { wallet_tokens_per_1000: wallet, micro_usd_per_million: cost } = price ?? {};
  const lengths = [...(wallet?.tiers ?? []), ...(cost?.tiers ?? [])].map((tier) => tier.above_input_tokens);
  const tiers = [...new Set(lengths)].sort((one, other) => one - other).slice(0, TIERS_MAX);
  const priceAt = (length: number) => wallet && ratesOfPrompt(wallet, length + 1);
  const costAt = (length: number) => cost && ratesOfPrompt(cost, length + 1);
  return {
    wallet_tokens_per_1000: {
      ...byClass((name) => wallet?.[name] ?? ''),
      tiers: tiers.map((length) => ({
        above_input_tokens: length,
        ...byClass((name) => priceAt(length)?.[name] ?? ''),
      })),
    },
    micro_usd_per_million: {
      ...byClass((name) => dollarsOf(cost?.[name])),
      tiers: tiers.map((length) => ({
        above_input_tokens: length,
        ...byClass((name) => dollarsOf(costAt(length)?.[name])),
      })),
    },
    effective_from: { choice: 'now', at: '' },
  };
}

/** True if the rate of an optional class is set at this place. */
export function hasOptionalFigures(draft: PriceDraft, at: FiguresAt): boolean {
  const index = at === '' ? null : Number(at.split('.')[1]);
  return [draft.wallet_tokens_per_1000, draft.micro_usd_per_million].some((figures) => {
    const placed: Figures | undefined = index === null ? figures : figures.tiers[index];
    return placed !== undefined && usageClasses.some((name) => isOptionalClass(name) && placed[name] !== '');
  });
}

/** A draft with one tier more, whose figures are empty. */
export const withTier = (draft: PriceDraft): PriceDraft => ({
  ...draft,
  wallet_tokens_per_1000: {
    ...draft.wallet_tokens_per_1000,
    tiers: [...draft.wallet_tokens_per_1000.tiers, emptyTier('')],
  },
  micro_usd_per_million: {
    ...draft.micro_usd_per_million,
    tiers: [...draft.micro_usd_per_million.tiers, emptyTier('')],
  },
});

/** A draft without one of its tiers. */
export function withoutTier(draft: PriceDraft, index: number): PriceDraft {
  const without = (figures: TieredFigures) => ({ ...figures, tiers: figures.tiers.toSpliced(index, 1) });
  return {
    ...draft,
    wallet_tokens_per_1000: without(draft.wallet_tokens_per_1000),
    micro_usd_per_million: without(draft.micro_usd_per_million),
  };
}

const microOf = (dollars: number | string) =>
  typeof dollars === 'number' ? Math.round(dollars * MICRO) : dollars;

/** ISO time of a choice; null for now, and an empty text for a time that is missing or invalid. */
function momentOf({ choice, at }: PriceDraft['effective_from']): string | null {
  if (choice === 'now') return null;
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString();
}

/** Figures without empty ones of optional classes. A class that models of the kind do not use costs nothing. */
const filled = (figures: object, kind: ModelKind) =>
  Object.fromEntries(
    Object.entries(figures)
      .filter(([name, value]) => !(isOptionalClass(name as UsageClass) && value === ''))
      .map(([name, value]) => [name, isUnused(name, kind) ? 0 : value]),
  );

const isUnused = (name: string, kind: ModelKind): boolean =>
  usageClasses.includes(name as UsageClass) && !classesOfKind(kind).includes(name as UsageClass);

/** The figures as the request has them; the key of tiers is missing where there are none. */
const requestFigures = ({ tiers, ...figures }: TieredFigures, kind: ModelKind) => ({
  ...filled(figures, kind),
  ...(tiers.length > 0 && { tiers: tiers.map((tier) => filled(tier, kind)) }),
});

const microFigures = (figures: Figures) => byClass((name) => microOf(figures[name]));

/** The costs in micro-USD, with the lengths of the price's tiers. */
const costOf = ({ wallet_tokens_per_1000: price, micro_usd_per_million: cost }: PriceDraft) => ({
  ...microFigures(cost),
  tiers: cost.tiers.map((tier, index) => ({
    above_input_tokens: price.tiers[index]?.above_input_tokens ?? '',
    ...microFigures(tier),
  })),
});

/**
 * The request of a draft for a model of a kind, or an error for each field that is wrong. `withCost` is false for models of the platform,
 * which sets their cost.
 */
export const readPrice = (draft: PriceDraft, withCost: boolean, kind: ModelKind = 'chat') =>
  readForm<CreatePriceRequest, PriceField>(
    createPriceRequest,
    {
      wallet_tokens_per_1000: requestFigures(draft.wallet_tokens_per_1000, kind),
      ...(withCost ? { micro_usd_per_million: requestFigures(costOf(draft), kind) } : {}),
      effective_from: momentOf(draft.effective_from),
    },
    fieldRules,
  );
