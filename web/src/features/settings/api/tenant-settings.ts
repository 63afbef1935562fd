import type { TenantSettings } from '../../../../../contracts/api/tenant.ts';
import { api, ask } from '../../../lib/api-client.ts';

export const fetchTenantSettings = () => ask(api.tenant.settings.$get());
export const patchTenantSettings = (settings: TenantSettings) => ask(api.tenant.$patch({ json: settings }));
