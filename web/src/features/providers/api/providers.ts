import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type {
  CreateProviderRequest,
  ProviderPatch,
  TestProviderRequest,
} from '../../../../../contracts/api/catalog.ts';
import { api, ask } from '../../../lib/api-client.ts';

const providers = api.admin.providers;

/** Providers, models and prices. A change of one often shows in the others, so most mutations invalidate all of them. */
export const CATALOG_KEY = ['catalog'] as const;
export const PROVIDERS_KEY = [...CATALOG_KEY, 'providers'] as const;

const meta = { invalidates: [CATALOG_KEY] };

const readProviders = () => ask(providers.$get());

/** The tenant's providers in the order in which they are tried. On the platform, the providers of every tenant. */
export const providersQuery = queryOptions({
  queryKey: PROVIDERS_KEY,
  queryFn: readProviders,
  select: ({ items }) => items,
});

export const createProvider = mutationOptions({
  mutationFn: (request: CreateProviderRequest) => ask(providers.$post({ json: request })),
  meta,
});

/** Sends a test request to a provider. Saves nothing. */
export const testProvider = mutationOptions({
  mutationFn: (request: TestProviderRequest) => ask(providers.test.$post({ json: request })),
});

const patchProvider = (id: string, patch: ProviderPatch) =>
  ask(providers[':id'].$patch({ param: { id }, json: patch }));

export const changeProvider = (id: string) =>
  mutationOptions({ mutationFn: (patch: ProviderPatch) => patchProvider(id, patch), meta });

export const enableProvider = (id: string, enabled: boolean) =>
  mutationOptions({ mutationFn: () => patchProvider(id, { enabled }), meta });

/** Sets the order in which providers are tried. Takes the ids of all of them. */
export const orderProviders = mutationOptions({
  mutationFn: (ids: string[]) => ask(providers.order.$put({ json: { ids } })),
  onSuccess: (_data, ids, _result, { client }) =>
    client.setQueryData<Awaited<ReturnType<typeof readProviders>>>(
      PROVIDERS_KEY,
      (list) =>
        list && { items: list.items.toSorted((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id)) },
    ),
  meta,
});

export const deleteProvider = (id: string) =>
  mutationOptions({ mutationFn: () => ask(providers[':id'].$delete({ param: { id } })), meta });
