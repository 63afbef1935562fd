import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type {
  CreateModelRequest,
  CreatePriceRequest,
  ModelPatch,
} from '../../../../../contracts/api/catalog.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { CATALOG_KEY, PROVIDERS_KEY } from '../../providers/api/providers.ts';

const models = api.admin.models;

const keys = {
  models: [...CATALOG_KEY, 'models'],
  model: (id: string) => [...CATALOG_KEY, 'model', id],
  prices: (id: string) => [...CATALOG_KEY, 'prices', id],
} as const;

const meta = { invalidates: [CATALOG_KEY] };

const readCatalog = () => ask(models.$get());
const readModel = (id: string) => ask(models[':id'].$get({ param: { id } }));
/** A model as the API returns it. */
export type CatalogModel = Awaited<ReturnType<typeof readModel>>;

/** The models of the tenant and of the platform. Models that share a public name are in the order in which they are tried. */
export const catalogQuery = queryOptions({
  queryKey: keys.models,
  queryFn: readCatalog,
  select: ({ items }) => items,
});

export const modelQuery = (id: string) =>
  queryOptions({ queryKey: keys.model(id), queryFn: () => readModel(id) });

/** All versions of a model's price: the tenant's list first, newest first. */
export const pricesQuery = (id: string) =>
  queryOptions({
    queryKey: keys.prices(id),
    queryFn: () => ask(models[':id'].prices.$get({ param: { id } })),
    select: ({ items }) => items,
  });

export const createModel = mutationOptions({
  mutationFn: (request: CreateModelRequest) => ask(models.$post({ json: request })),
  meta,
});

const patchModel = (id: string, patch: ModelPatch) =>
  ask(models[':id'].$patch({ param: { id }, json: patch }));

export const changeModel = (id: string) =>
  mutationOptions({ mutationFn: (patch: ModelPatch) => patchModel(id, patch), meta });

export const enableModel = (id: string, enabled: boolean) =>
  mutationOptions({ mutationFn: () => patchModel(id, { enabled }), meta });

/** Deletes a model. Its own page, which is still open, is not read again. */
export const deleteModel = (id: string) =>
  mutationOptions({
    mutationFn: () => ask(models[':id'].$delete({ param: { id } })),
    onSuccess: (_data, _variables, _result, { client }) =>
      client.setQueryData<Awaited<ReturnType<typeof readCatalog>>>(
        keys.models,
        (catalog) => catalog && { items: catalog.items.filter((model) => model.id !== id) },
      ),
    meta: { invalidates: [keys.models, PROVIDERS_KEY] },
  });

/** Adds a version to the price of a model. */
export const createPrice = (modelId: string) =>
  mutationOptions({
    mutationFn: (request: CreatePriceRequest) =>
      ask(models[':id'].prices.$post({ param: { id: modelId }, json: request })),
    meta,
  });
