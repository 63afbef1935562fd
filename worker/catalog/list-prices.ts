import { isDeepStrictEqual } from 'node:util';
import stored from '../../catalog/models.json';
import type { AdminModel } from '../../contracts/api/catalog.ts';
import {
  type CatalogFile,
  type CatalogModel,
  catalogFile,
  listPriceAt,
} from '../../contracts/catalog/catalog-file.ts';
import type { TieredRates } from '../../contracts/catalog/price.ts';
import { platformSettingsOf, providerKinds } from '../../contracts/catalog/provider-kinds.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import type { StoredModel } from '../db/catalog/models.ts';
import type { Settings } from '../runtime/settings.ts';

/** The list prices of catalog/models.json, of which each version of the Worker has a copy. */

let parsed: CatalogFile | null = null;

/** Returns the catalog file, which is parsed at its first use. */
function catalog(): CatalogFile {
  parsed ??= catalogFile.parse(stored);
  return parsed;
}

type Address = { kind: ProviderKind; base_url: string | null };

/** True for the official endpoint of a kind, and for the address that the platform itself calls for it. */
function isOfficial({ kind, base_url }: Address, settings: Settings): boolean {
  const official = [providerKinds[kind].official_base_url, settings[platformSettingsOf(kind).base_url]];
  return base_url === null || official.includes(base_url);
}

/** Returns the models of the catalog file that a provider serves. Servers at another address have prices of their own, so none. */
export function listedModelsOf(provider: Address, settings: Settings): CatalogModel[] {
  if (!isOfficial(provider, settings)) return [];
  return catalog().providers.flatMap(({ kind, models }) => (kind === provider.kind ? models : []));
}

/** Returns the list price of a listed model at a moment, with the time from which it applies; the date of the file for the first price. */
export function currentListPrice(
  model: CatalogModel,
  now: Date,
): { changed_at: string; micro_usd_per_million: TieredRates } {
  const { effective_from, micro_usd_per_million } = listPriceAt(model, now.toISOString());
  const changed_at = effective_from ?? new Date(catalog().version).toISOString();
  return { changed_at, micro_usd_per_million };
}

/**
 * Returns the change of a model's list price that nobody has decided about: today's differs from the one that the model was last compared
 * with, and from its cost.
 */
export function listPriceChangeOf(
  { provider, provider_base_url, provider_model, list_price, price }: StoredModel,
  settings: Settings,
  now: Date,
): AdminModel['list_price_change'] {
  if (provider === null || list_price === null) return null;
  const listed = listedModelsOf({ kind: provider.kind, base_url: provider_base_url }, settings).find(
    (model) => model.provider_model === provider_model,
  );
  if (listed === undefined) return null;
  const { changed_at, micro_usd_per_million: after } = currentListPrice(listed, now);
  const known = [list_price, price?.micro_usd_per_million];
  if (known.some((rates) => isDeepStrictEqual(rates, after))) return null;
  return { changed_at, before: list_price, after };
}

/** Returns a model as the API presents it to admins. */
export function presentCatalogModel(model: StoredModel, settings: Settings): AdminModel {
  const { list_price: _, provider_base_url: _address, ...shown } = model;
  return { ...shown, list_price_change: listPriceChangeOf(model, settings, new Date()) };
}
