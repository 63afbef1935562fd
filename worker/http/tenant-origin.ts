import { originOfTenant } from '../tenants/invitation-link.ts';
import type { TenantEnv } from './app-env.ts';

/**
 * Returns the origin at which the tenant of a request answers, for links. On the platform's hostnames a header can select another
 * tenant, whose links are for its own hostname.
 */
export const tenantOrigin = ({
  tenant,
  url,
  settings,
}: Pick<TenantEnv['Variables'], 'tenant' | 'url' | 'settings'>): string =>
  settings.PLATFORM_HOSTNAMES.includes(url.hostname)
    ? originOfTenant(tenant.slug, url, settings)
    : url.origin;
