import type {
  CreateModelRequest,
  CreatePriceRequest,
  ModelPatch,
} from '../../../../../contracts/api/catalog.ts';
import { api, ask } from '../../../lib/api-client.ts';

const models = api.admin.models;

/** The tenant's own models and the platform's that serve it, each name's in the order in which they are tried. */
export const fetchCatalog = () => ask(models.$get());
export const fetchCatalogModel = (id: string) => ask(models[':id'].$get({ param: { id } }));
/** A model as the API answers it. */
export type CatalogModel = Awaited<ReturnType<typeof fetchCatalogModel>>;

export const postModel = (request: CreateModelRequest) => ask(models.$post({ json: request }));
export const patchModel = (id: string, patch: ModelPatch) =>
  ask(models[':id'].$patch({ param: { id }, json: patch }));
export const deleteModel = (id: string) => ask(models[':id'].$delete({ param: { id } }));

/** Every version of a model's price: the tenant's own list first, newest first. */
export const fetchPrices = (id: string) => ask(models[':id'].prices.$get({ param: { id } }));
export const postPrice = (id: string, request: CreatePriceRequest) =>
  ask(models[':id'].prices.$post({ param: { id }, json: request }));
