import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { CreateDomainRequest, Domain } from '../../../../../contracts/api/tenant/domains.ts';
import { api, ask } from '../../../lib/api-client.ts';

const DOMAINS_KEY = ['domains'];
const meta = { invalidates: [DOMAINS_KEY] };

/** Time between two looks at domains that are on their way. */
const ON_THE_WAY_REFRESH_MS = 20_000;

/** True for a domain whose state changes by itself. */
export const isOnItsWay = ({ status }: Pick<Domain, 'status'>): boolean =>
  status === 'waiting_for_txt' || status === 'issuing' || status === 'deleting';

/** The custom domains of the tenant, and where they have to point. */
export const domainsQuery = queryOptions({
  queryKey: DOMAINS_KEY,
  queryFn: () => ask(api.domains.$get()),
  refetchInterval: ({ state }) => (state.data?.items.some(isOnItsWay) ? ON_THE_WAY_REFRESH_MS : false),
});

/** Shows a checked domain at once. */
const keepDomain = (client: QueryClient, domain: Domain) =>
  client.setQueryData(
    domainsQuery.queryKey,
    (list) =>
      list && { ...list, items: list.items.map((known) => (known.id === domain.id ? domain : known)) },
  );

export const addDomain = mutationOptions({
  mutationFn: (request: CreateDomainRequest) => ask(api.domains.$post({ json: request })),
  meta,
});

/** Checks a domain now. */
export const checkDomain = (id: string) =>
  mutationOptions({
    mutationFn: () => ask(api.domains[':id'].check.$post({ param: { id } })),
    onSuccess: (domain, _variables, _result, { client }) => keepDomain(client, domain),
  });

export const removeDomain = (id: string) =>
  mutationOptions({ mutationFn: () => ask(api.domains[':id'].$delete({ param: { id } })), meta });
