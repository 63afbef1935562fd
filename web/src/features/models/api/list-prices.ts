import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type { AddListedModelsRequest, ListPriceRequest } from '../../../../../contracts/api/list-prices.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { CATALOG_KEY } from '../../providers/api/providers.ts';

const meta = { invalidates: [CATALOG_KEY] };

const readListed = (providerId: string) =>
  ask(api.admin.providers[':id'].catalog.$get({ param: { id: providerId } }));
/** A model of the catalog as the API returns it. */
export type ListedModel = Awaited<ReturnType<typeof readListed>>['items'][number];

/** The models of the catalog that a provider serves, with their list prices. */
export const listedModelsQuery = (providerId: string) =>
  queryOptions({
    queryKey: [...CATALOG_KEY, 'listed', providerId],
    queryFn: () => readListed(providerId),
    select: ({ items }) => items,
  });

/** Adds models of the catalog to a provider: all of them, or none. */
export const addListedModels = (providerId: string) =>
  mutationOptions({
    mutationFn: (request: AddListedModelsRequest) =>
      ask(api.admin.providers[':id'].catalog.$post({ param: { id: providerId }, json: request })),
    meta,
  });

/** Accepts or declines the new list price of a model. */
export const decideListPrice = (modelId: string, request: ListPriceRequest) =>
  mutationOptions({
    mutationFn: () =>
      ask(api.admin.models[':id']['list-price'].$put({ param: { id: modelId }, json: request })),
    meta,
  });
