import { type PublicTenant, publicTenantFields } from '../../contracts/api/tenant.ts';
import { pickFields } from '../../contracts/fields.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Settings } from '../runtime/settings.ts';

/** Returns the part of a tenant that anyone who opens its hostname can read. */
export const presentTenant = (
  { id, slug, branding, ...tenant }: TenantSnapshot,
  { SIMULATED_PROVIDERS }: Pick<Settings, 'SIMULATED_PROVIDERS'>,
): PublicTenant => ({
  ...{ id, slug, branding },
  ...pickFields(publicTenantFields, tenant),
  simulated_providers: SIMULATED_PROVIDERS,
});
