import { type PublicTenant, publicTenantFields } from '../../contracts/api/tenant.ts';
import { pickFields } from '../../contracts/fields.ts';
import { isRegistrationOpen, requiresVerification } from '../../contracts/tenants/registration.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Settings } from '../runtime/settings.ts';

/** Returns the part of a tenant that anyone who opens its hostname can read. */
export const presentTenant = (
  { id, slug, branding, sign_in_providers, ...tenant }: TenantSnapshot,
  { SIMULATED_PROVIDERS, MAIL_FROM }: Pick<Settings, 'SIMULATED_PROVIDERS' | 'MAIL_FROM'>,
): PublicTenant => ({
  ...{ id, slug, branding },
  ...pickFields(publicTenantFields, tenant),
  registration_open: isRegistrationOpen(tenant.registration),
  sends_mail: MAIL_FROM !== null,
  requires_verification: requiresVerification(tenant.allocation_after, MAIL_FROM !== null),
  sign_in_providers,
  simulated_providers: SIMULATED_PROVIDERS,
});
