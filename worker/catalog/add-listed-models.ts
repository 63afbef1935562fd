import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { AdminModel, ModelPrice } from '../../contracts/api/catalog.ts';
import type {
  AddListedModelsRequest,
  ListedModel,
  ListPriceRequest,
} from '../../contracts/api/list-prices.ts';
import { walletRatesOf } from '../../contracts/catalog/markup.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import {
  getProviderToFill,
  insertListedModels,
  type ModelToAdd,
  type ProviderToFill,
} from '../db/catalog/listed-models.ts';
import { getCatalogModel } from '../db/catalog/models.ts';
import { acceptListPrice, declineListPrice, type PriceRefusal } from '../db/catalog/price-versions.ts';
import type { CatalogRefusal } from '../db/catalog/providers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { currentListPrice, listedModelsOf, listPriceChangeOf, presentCatalogModel } from './list-prices.ts';

/** Lists the models of the catalog file that a provider of the caller's tenant serves, with today's list prices. Admins only. */
export async function listListedModels(
  { database, settings }: Dependencies,
  claims: SessionClaims,
  providerId: string,
): Promise<Result<ListedModel[], { code: CatalogRefusal }>> {
  const found = await getProviderToFill(database, claims, providerId);
  if (!found.ok) return found;
  const now = new Date();
  return ok(
    listedModelsOf(found.value, settings).map((model): ListedModel => {
      const { prices: _, ...facts } = model;
      const served = found.value.served.filter(
        ({ provider_model }) => provider_model === facts.provider_model,
      );
      return {
        ...facts,
        micro_usd_per_million: currentListPrice(model, now).micro_usd_per_million,
        added_as: served.map(({ public_name }) => public_name),
      };
    }),
  );
}

/** A model of a request that cannot be added: the catalog does not list it, or the request names it twice. */
type Misfit = { code: 'not_listed' | 'named_twice'; index: number };

/** Completes the models of a request from the catalog file. Pure but for the clock. */
function completeModels(
  { models }: AddListedModelsRequest,
  provider: ProviderToFill,
  settings: Dependencies['settings'],
): Result<ModelToAdd[], Misfit> {
  const listed = listedModelsOf(provider, settings);
  const complete: ModelToAdd[] = [];
  for (const [index, asked] of models.entries()) {
    const model = listed.find(({ provider_model }) => provider_model === asked.provider_model);
    if (model === undefined) return fail({ code: 'not_listed', index });
    const { provider_model, kind, context_window_tokens, max_output_tokens, capabilities } = model;
    const public_name = asked.public_name ?? model.public_names[0] ?? provider_model;
    const isRepeated = complete.some(
      (one) => one.provider_model === provider_model && one.public_name === public_name,
    );
    if (isRepeated) return fail({ code: 'named_twice', index });
    const { micro_usd_per_million: list_price } = currentListPrice(model, new Date());
    const wallet_rates =
      asked.wallet_tokens_per_1000 ??
      walletRatesOf(list_price, provider.wallet_tokens_per_usd, asked.markup_basis_points);
    complete.push({
      ...{ kind, public_name, provider_model, context_window_tokens, max_output_tokens },
      ...{ capabilities, list_price, wallet_rates },
    });
  }
  return ok(complete);
}

/** Adds models of the catalog file to a provider of the caller's tenant, with their prices: all of them, or none. */
export async function addListedModels(
  { database, settings, requestId }: Dependencies,
  claims: SessionClaims,
  providerId: string,
  request: AddListedModelsRequest,
): Promise<Result<AdminModel[], { code: CatalogRefusal | 'name_taken' } | Misfit>> {
  const provider = await getProviderToFill(database, claims, providerId);
  if (!provider.ok) return provider;
  const models = completeModels(request, provider.value, settings);
  if (!models.ok) return models;
  const added = await insertListedModels(database, claims, providerId, models.value, requestId);
  return added.ok ? ok(added.value.map((model) => presentCatalogModel(model, settings))) : added;
}

/**
 * Accepts or declines the new list price of a model of the caller's tenant. `no_change`: there is none, as when somebody else has decided
 * already.
 */
export async function decideListPrice(
  { database, settings, requestId }: Dependencies,
  claims: SessionClaims,
  id: string,
  { decision, wallet_tokens_per_1000 }: ListPriceRequest,
): Promise<Result<AdminModel, { code: PriceRefusal | 'no_change' }>> {
  const found = await getCatalogModel(database, claims, id);
  if (!found.ok) return found;
  const change = listPriceChangeOf(found.value, settings, new Date());
  if (change === null) return fail({ code: 'no_change' });
  const wallet = wallet_tokens_per_1000 ?? found.value.price?.wallet_tokens_per_1000;
  if (decision === 'accept' && wallet === undefined) return fail({ code: 'model_unpriced' });
  const decided: Result<ModelPrice | unknown, { code: PriceRefusal }> =
    decision === 'keep' || wallet === undefined
      ? await declineListPrice(database, claims, id, change.after, requestId)
      : await acceptListPrice(
          database,
          claims,
          id,
          { wallet_tokens_per_1000: wallet, micro_usd_per_million: change.after, effective_from: null },
          requestId,
        );
  if (!decided.ok) return decided;
  const model = await getCatalogModel(database, claims, id);
  return model.ok ? ok(presentCatalogModel(model.value, settings)) : model;
}
