import {
  type AddListedModelsRequest,
  addListedModelsRequest,
} from '../../../../contracts/api/list-prices.ts';
import { marginOf, statedClasses, walletRatesOf } from '../../../../contracts/catalog/markup.ts';
import {
  classesOfKind,
  rateOf,
  type TieredRates,
  type UsageClass,
} from '../../../../contracts/catalog/price.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';
import type { ListedModel } from './api/list-prices.ts';

/** Models picked from the catalog of a provider, with the markup or the prices of each. Pure. */

/** Prices typed for one model: wallet tokens per 1,000, by usage class. An empty number field holds a text. */
type TypedRates = Partial<Record<UsageClass, number | string>>;

export type PickDraft = {
  /** The provider's names of the picked models. */
  picked: string[];
  pricing: 'markup' | 'by_hand';
  /** The markup on the list price in percent. */
  markup_percent: number | string;
  /** By the provider's name of the model; missing ones have the price of the markup. */
  typed: Record<string, TypedRates>;
};

export const emptyPick: PickDraft = { picked: [], pricing: 'markup', markup_percent: 25, typed: {} };

export const pickFields = ['models', 'markup_percent'] as const;
type PickField = (typeof pickFields)[number];

const fieldRules: Record<PickField, string> = {
  models: 'Choose at least one model, and enter whole numbers as prices',
  markup_percent: 'Enter a percentage from -100 to 10,000',
};

/** Hundredths of a percent in a percent. */
const BASIS_POINTS = 100;

/** The largest markup in percent. */
const MARKUP_MAX = 10_000;

const markupOf = ({ markup_percent }: PickDraft): number | null =>
  typeof markup_percent === 'number' && markup_percent >= -100 && markup_percent <= MARKUP_MAX
    ? Math.round(markup_percent * BASIS_POINTS)
    : null;

/** The price of a model by the markup of the draft; without a valid one, its list price. */
const byMarkup = (draft: PickDraft, model: ListedModel, wallet_tokens_per_usd: number): TieredRates =>
  walletRatesOf(model.micro_usd_per_million, wallet_tokens_per_usd, markupOf(draft) ?? 0);

/** A class of a picked model: its list price, the users' price, and the margin, null for a price of nothing. */
type PickedClass = {
  name: UsageClass;
  micro_usd_per_million: number;
  wallet_tokens_per_1000: number | string;
  margin: number | null;
};

/** Returns what each class of a model costs, what users pay, and what is left. */
export function pickedClasses(
  draft: PickDraft,
  model: ListedModel,
  wallet_tokens_per_usd: number,
): PickedClass[] {
  const cost = model.micro_usd_per_million;
  const price = byMarkup(draft, model, wallet_tokens_per_usd);
  const typed = draft.pricing === 'by_hand' ? (draft.typed[model.provider_model] ?? {}) : {};
  const names = statedClasses(price, cost).filter((name) => classesOfKind(model.kind).includes(name));
  return names.map((name) => {
    const rate = typed[name] ?? rateOf(price, name);
    return {
      name,
      micro_usd_per_million: rateOf(cost, name),
      wallet_tokens_per_1000: rate,
      margin: typeof rate === 'number' ? marginOf(rate, rateOf(cost, name), wallet_tokens_per_usd) : null,
    };
  });
}

/** A draft with one typed price. */
export const withTypedRate = (
  draft: PickDraft,
  provider_model: string,
  name: UsageClass,
  rate: number | string,
): PickDraft => ({
  ...draft,
  typed: { ...draft.typed, [provider_model]: { ...draft.typed[provider_model], [name]: rate } },
});

/** The models whose names contain `search`. */
export function foundModels(models: ListedModel[], search: string): ListedModel[] {
  const part = search.trim().toLowerCase();
  return models.filter(({ provider_model, public_names }) =>
    [provider_model, ...public_names].some((name) => name.toLowerCase().includes(part)),
  );
}

/** The typed price of a model. Prices of long prompts keep the markup: they are changed on the page of the model. */
function typedPrice(draft: PickDraft, model: ListedModel, wallet_tokens_per_usd: number) {
  const { tiers, ...base } = byMarkup(draft, model, wallet_tokens_per_usd);
  return { ...base, ...draft.typed[model.provider_model], ...(tiers !== undefined && { tiers }) };
}

/** The request of a draft, or an error for each field that is wrong. */
export function readPick(
  draft: PickDraft,
  models: ListedModel[],
  wallet_tokens_per_usd: number,
): FormRead<AddListedModelsRequest, PickField> {
  const markup_basis_points = markupOf(draft);
  if (markup_basis_points === null && draft.pricing === 'markup')
    return { ok: false, errors: { markup_percent: fieldRules.markup_percent } };
  const picked = models.filter(({ provider_model }) => draft.picked.includes(provider_model));
  const request = {
    models: picked.map((model) => ({
      provider_model: model.provider_model,
      ...(draft.pricing === 'markup'
        ? { markup_basis_points }
        : { wallet_tokens_per_1000: typedPrice(draft, model, wallet_tokens_per_usd) }),
    })),
  };
  return readForm<AddListedModelsRequest, PickField>(addListedModelsRequest, request, fieldRules);
}
