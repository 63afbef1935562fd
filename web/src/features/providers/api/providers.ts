import type {
  CreateProviderRequest,
  ProviderPatch,
  TestProviderRequest,
} from '../../../../../contracts/api/catalog.ts';
import { api, ask } from '../../../lib/api-client.ts';

const providers = api.admin.providers;

/** The tenant's own, in the order in which they are tried; on the platform, the global ones. */
export const fetchProviders = () => ask(providers.$get());
export const postProvider = (request: CreateProviderRequest) => ask(providers.$post({ json: request }));
/** Calls a provider once. Nothing is saved. */
export const postProviderTest = (request: TestProviderRequest) =>
  ask(providers.test.$post({ json: request }));
export const patchProvider = (id: string, patch: ProviderPatch) =>
  ask(providers[':id'].$patch({ param: { id }, json: patch }));
/** All ids, in the order in which they are to be tried. */
export const putProviderOrder = (ids: string[]) => ask(providers.order.$put({ json: { ids } }));
export const deleteProvider = (id: string) => ask(providers[':id'].$delete({ param: { id } }));
