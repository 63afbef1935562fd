import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { TenantSignup, TenantSignupMode } from '../../../../../contracts/api/platform/tenant-signups.ts';
import type {
  CreateTenant,
  TenantDetail,
  TenantPatch,
  TenantStatus,
  TenantsQuery,
} from '../../../../../contracts/api/platform/tenants.ts';
import { api, ask, askFile } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

const keys = {
  lists: ['tenants', 'list'],
  list: (filter: TenantFilter) => ['tenants', 'list', filter],
  detail: (id: string) => ['tenants', 'detail', id],
  signups: ['tenants', 'sign-ups'],
} as const;

/** Filters of the list. `q` is a part of a slug, name or hostname; empty for all. A null status hides deleted tenants. */
export type TenantFilter = { q: string; status: TenantStatus | null; sort: TenantsQuery['sort'] };

export const tenantsQuery = ({ q, status, sort }: TenantFilter) =>
  pagedOptions(keys.list({ q, status, sort }), (cursor) =>
    ask(
      api.tenants.$get({
        query: {
          ...pageQuery(cursor),
          sort,
          ...(q === '' ? {} : { q }),
          ...(status === null ? {} : { status }),
        },
      }),
    ),
  );

export const tenantQuery = (id: string) =>
  queryOptions({
    queryKey: keys.detail(id),
    queryFn: () => ask(api.tenants[':id'].$get({ param: { id } })),
  });

const selfMadeKey = (id: string) => ['tenants', 'self-made-changes', id];

/** The rules for changes that the admins of a tenant make to their own wallet and policy. */
export const selfMadeChangesQuery = (id: string) =>
  queryOptions({
    queryKey: selfMadeKey(id),
    queryFn: () => ask(api.tenants[':id']['self-made-changes'].$get({ param: { id } })),
  });

export const setSelfMadeChanges = (id: string, allowed: boolean) =>
  mutationOptions({
    mutationFn: () => ask(api.tenants[':id']['self-made-changes'].$put({ param: { id }, json: { allowed } })),
    onSuccess: (rules, _variables, _result, { client }) => client.setQueryData(selfMadeKey(id), rules),
  });

const keepDetail = (client: QueryClient, tenant: TenantDetail) =>
  client.setQueryData(keys.detail(tenant.id), tenant);

const meta = { invalidates: [keys.lists] };

/** Creates a tenant. The answer has the link of its first admin, which is shown once. */
export const createTenant = mutationOptions({
  mutationFn: (request: CreateTenant) => ask(api.tenants.$post({ json: request })),
  meta,
});

/** Changes the name, the brand or the slug. */
export const changeTenant = (id: string) =>
  mutationOptions({
    mutationFn: (patch: TenantPatch) => ask(api.tenants[':id'].$patch({ param: { id }, json: patch })),
    onSuccess: (tenant, _variables, _result, { client }) => keepDetail(client, tenant),
    meta,
  });

/** Ends a suspension, or restores a tenant that is being deleted. */
export const resumeTenant = (id: string) =>
  mutationOptions({
    mutationFn: () => ask(api.tenants[':id'].$patch({ param: { id }, json: { status: 'active' } })),
    onSuccess: (tenant, _variables, _result, { client }) => keepDetail(client, tenant),
    meta,
  });

/** Starts the grace period of a tenant. `slug` confirms that this one is meant. */
export const deleteTenant = (id: string) =>
  mutationOptions({
    mutationFn: ({ slug }: { slug: string }) =>
      ask(api.tenants[':id'].$delete({ param: { id }, query: {}, header: { 'x-confirm-slug': slug } })),
    onSuccess: (tenant, _variables, _result, { client }) => keepDetail(client, tenant),
    meta,
  });

/** Opens a session of the superadmin inside a tenant. */
export const openTenant = (id: string) =>
  mutationOptions({
    mutationFn: (request: { reason: string }) =>
      ask(api.tenants[':id'].sessions.$post({ param: { id }, json: request })),
  });

/** Downloads everything of a tenant but secrets and contents. */
export const downloadTenant = (id: string) =>
  mutationOptions({ mutationFn: () => askFile(api.tenants[':id'].export.$get({ param: { id } })) });

export const signupQuery = queryOptions({
  queryKey: keys.signups,
  queryFn: () => ask(api['tenant-signups'].$get()),
});

/** Signs up a tenant, without a session. */
export const signUpTenant = (request: TenantSignup) => ask(api['tenant-signups'].$post({ json: request }));

/** Sets who may sign up a tenant. */
export const setSignups = mutationOptions({
  mutationFn: (request: { mode: TenantSignupMode }) => ask(api['tenant-signups'].$put({ json: request })),
  onSuccess: (setting, _variables, _result, { client }) => client.setQueryData(keys.signups, setting),
});
