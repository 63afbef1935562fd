import type { TenantDetail, TenantSummary } from '../../contracts/api/platform/tenants.ts';
import { PLATFORM_TENANT_ID, type StoredTenant, type StoredTenantSummary } from '../db/tenants/tenants.ts';
import type { Settings } from '../runtime/settings.ts';
import { hostnamesOf } from '../tenants/tenant-hostnames.ts';

/** Converts a stored tenant to the API's, with its hostnames. Pure. */
export const presentTenantSummary = (
  { own_hostnames, ...tenant }: StoredTenantSummary,
  settings: Settings,
): TenantSummary => ({ ...tenant, hostnames: hostnamesOf({ ...tenant, own_hostnames }, settings) });

/** Converts a stored tenant with its details to the API's. Pure. */
export const presentTenantDetail = (
  { own_hostnames, status_version: _, ...tenant }: StoredTenant,
  settings: Settings,
): TenantDetail => ({
  ...tenant,
  hostnames: hostnamesOf({ ...tenant, own_hostnames }, settings),
  is_platform: tenant.id === PLATFORM_TENANT_ID,
});
