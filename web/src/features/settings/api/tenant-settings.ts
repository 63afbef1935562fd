import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { TenantSettings, TenantSettingsPatch } from '../../../../../contracts/api/tenant/tenant.ts';
import { api, ask } from '../../../lib/api-client.ts';

/** The settings of the tenant. */
export const tenantSettingsQuery = queryOptions({
  queryKey: ['tenant-settings'],
  queryFn: () => ask(api.tenant.settings.$get()),
});

const patchTenant = (patch: TenantSettingsPatch) => ask(api.tenant.$patch({ json: patch }));

const keepSettings = (client: QueryClient, settings: TenantSettings) =>
  client.setQueryData(tenantSettingsQuery.queryKey, settings);

export const changeTenantSettings = mutationOptions({
  mutationFn: patchTenant,
  onSuccess: (settings, _variables, _result, { client }) => keepSettings(client, settings),
});

/** Turns one setting on or off. */
export const switchTenantSetting = (patch: TenantSettingsPatch) =>
  mutationOptions({
    mutationFn: () => patchTenant(patch),
    onSuccess: (settings, _variables, _result, { client }) => keepSettings(client, settings),
  });

export const uploadLogo = mutationOptions({
  mutationFn: (image: Blob) => ask(api.tenant.logo.$put(undefined, { init: { body: image } })),
  onSuccess: (settings, _variables, _result, { client }) => keepSettings(client, settings),
});

export const removeLogo = mutationOptions({
  mutationFn: () => ask(api.tenant.logo.$delete()),
  onSuccess: (settings, _variables, _result, { client }) => keepSettings(client, settings),
});
