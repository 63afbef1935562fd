import { isDeepStrictEqual } from 'node:util';
import type { CatalogFile, CatalogModel, CatalogProvider } from '../../contracts/catalog/catalog-file.ts';
import { walletRatesOf } from '../../contracts/catalog/markup.ts';
import type { TieredRates } from '../../contracts/catalog/price.ts';

/** The difference between a catalog file and the platform's catalog in the database. Pure. */

/** A version of a price. `effective_from` is an ISO time. */
export type StoredPrice = {
  version: number;
  effective_from: string;
  cost: TieredRates;
  wallet: TieredRates;
};

type Limits = Pick<CatalogModel, 'context_window_tokens' | 'max_output_tokens'>;

export type StoredModel = Limits & {
  id: string;
  provider_id: string;
  public_name: string;
  provider_model: string;
  prices: StoredPrice[];
};

export type StoredCatalog = {
  providers: { id: string; name: string; kind: string }[];
  models: StoredModel[];
};

type NamedModel = { public_name: string; provider_model: string };

export type NewModel = NamedModel &
  Limits &
  Pick<CatalogModel, 'kind' | 'capabilities'> & { provider_id: string; prices: StoredPrice[] };
export type ChangedPrice = NamedModel & {
  model_id: string;
  /** The price that the first new version replaces. Null for a model without a price. */
  before: StoredPrice | null;
  prices: StoredPrice[];
  /** True if the wallet's rates were set by hand, and so stay. */
  keeps_wallet_rates: boolean;
};

export type CatalogPlan = {
  providers: Pick<CatalogProvider, 'id' | 'name' | 'kind' | 'priority'>[];
  models: NewModel[];
  limits: (NamedModel & { model_id: string; before: Limits; after: Limits })[];
  prices: ChangedPrice[];
  /** Models of the file's providers that the file does not name. They stay as they are. */
  unlisted: NamedModel[];
};

/** Returns the version in force at a moment: the newest of those that have begun. */
const inForce = (prices: StoredPrice[], moment: string): StoredPrice | undefined =>
  prices
    .filter(({ effective_from }) => effective_from <= moment)
    .toSorted(
      (one, other) => one.effective_from.localeCompare(other.effective_from) || one.version - other.version,
    )
    .at(-1);

type PriceChange = Pick<ChangedPrice, 'before' | 'prices' | 'keeps_wallet_rates'>;

/**
 * Returns the versions that bring a model's cost to the file's, now and at every later moment at which either changes. The
 * wallet's rates follow the cost, unless they were set by hand.
 */
function priceChangeOf(
  model: CatalogModel,
  stored: StoredPrice[],
  wallet_tokens_per_usd: number,
  now: string,
): PriceChange {
  const later = [...model.prices, ...stored].flatMap(({ effective_from }) =>
    effective_from !== null && effective_from > now ? [effective_from] : [],
  );
  const change: PriceChange = { before: inForce(stored, now) ?? null, prices: [], keeps_wallet_rates: false };
  let version = Math.max(0, ...stored.map((price) => price.version));
  for (const moment of [now, ...new Set(later.sort())]) {
    const cost = model.prices.findLast(
      ({ effective_from }) => effective_from === null || effective_from <= moment,
    )?.micro_usd_per_million;
    const current = inForce([...stored, ...change.prices], moment);
    if (cost === undefined || isDeepStrictEqual(current?.cost, cost)) continue;
    const theirs = inForce(stored, moment);
    const isByHand =
      theirs !== undefined &&
      !isDeepStrictEqual(theirs.wallet, walletRatesOf(theirs.cost, wallet_tokens_per_usd));
    const wallet = isByHand ? theirs.wallet : walletRatesOf(cost, wallet_tokens_per_usd);
    change.keeps_wallet_rates ||= isByHand;
    change.prices.push({ version: ++version, effective_from: moment, cost, wallet });
  }
  return change;
}

const limitsOf = ({ context_window_tokens, max_output_tokens }: Limits): Limits => ({
  context_window_tokens,
  max_output_tokens,
});

type Entry = {
  model: CatalogModel;
  public_name: string;
  provider_id: string;
  stored: StoredModel | undefined;
};

/** Adds the difference in one model under one public name. */
function planModel(plan: CatalogPlan, entry: Entry, wallet_tokens_per_usd: number, now: string): void {
  const { model, public_name, provider_id, stored } = entry;
  const named = { public_name, provider_model: model.provider_model };
  const after = limitsOf(model);
  const change = priceChangeOf(model, stored?.prices ?? [], wallet_tokens_per_usd, now);
  if (stored === undefined) {
    const { kind, capabilities } = model;
    plan.models.push({ ...named, kind, capabilities, ...after, provider_id, prices: change.prices });
    return;
  }
  const before = limitsOf(stored);
  if (!isDeepStrictEqual(before, after)) plan.limits.push({ ...named, model_id: stored.id, before, after });
  if (change.prices.length > 0) plan.prices.push({ ...named, model_id: stored.id, ...change });
}

/** Returns what is missing in the database, without the models named in `except`. `now` is an ISO time. */
export function planCatalog(
  file: CatalogFile,
  stored: StoredCatalog,
  now: string,
  except: string[] = [],
): CatalogPlan {
  const plan: CatalogPlan = { providers: [], models: [], limits: [], prices: [], unlisted: [] };
  for (const { models, ...provider } of file.providers) {
    const known =
      stored.providers.find(({ id }) => id === provider.id) ??
      stored.providers.find(({ name, kind }) => name === provider.name && kind === provider.kind);
    if (known === undefined) plan.providers.push(provider);
    const provider_id = known?.id ?? provider.id;
    const theirs = stored.models.filter((model) => model.provider_id === provider_id);
    const entries = models.flatMap((model) =>
      model.public_names.map((public_name): Entry => {
        const stored = theirs.find(
          (one) => one.public_name === public_name && one.provider_model === model.provider_model,
        );
        return { model, public_name, provider_id, stored };
      }),
    );
    for (const entry of entries)
      if (!except.includes(entry.model.provider_model))
        planModel(plan, entry, file.wallet_tokens_per_usd, now);
    plan.unlisted.push(...theirs.filter((model) => entries.every(({ stored }) => stored !== model)));
  }
  return plan;
}

/** True if there is nothing to write. */
export const isEmptyPlan = ({ providers, models, limits, prices }: CatalogPlan): boolean =>
  [providers, models, limits, prices].every(({ length }) => length === 0);
