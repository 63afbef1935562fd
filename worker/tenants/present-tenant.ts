import type { PublicTenant } from '../../contracts/api/tenant.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Settings } from '../runtime/settings.ts';

/** Pure: the part of a tenant that anybody who opens its hostname may know. */
export function presentTenant(tenant: TenantSnapshot, settings: Settings): PublicTenant {
  return {
    id: tenant.id,
    slug: tenant.slug,
    branding: tenant.branding,
    registration_open: tenant.registration_open,
    simulated_providers: settings.SIMULATED_PROVIDERS,
  };
}
