import type { TenantSettingsPatch } from '../../../../../contracts/api/tenant.ts';
import { api, ask } from '../../../lib/api-client.ts';

export const fetchTenantSettings = () => ask(api.tenant.settings.$get());
export const patchTenantSettings = (settings: TenantSettingsPatch) =>
  ask(api.tenant.$patch({ json: settings }));
