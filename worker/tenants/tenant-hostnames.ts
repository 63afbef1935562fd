import type { StoredTenant } from '../db/tenants/tenants.ts';
import type { Settings } from '../runtime/settings.ts';
import { PLATFORM_SLUG } from './tenant-key.ts';

type Domains = Pick<Settings, 'PLATFORM_DOMAIN' | 'PLATFORM_HOSTNAMES'>;

/** Returns the hostname that a slug gives its tenant. Pure. */
export const hostnameOfSlug = (slug: string, { PLATFORM_DOMAIN }: Domains): string =>
  `${slug}.${PLATFORM_DOMAIN}`;

/** Returns the hostnames of a tenant: the platform's first, then its own. A deleted tenant has none. Pure. */
export function hostnamesOf(
  { slug, status, own_hostnames }: Pick<StoredTenant, 'slug' | 'status' | 'own_hostnames'>,
  settings: Domains,
): string[] {
  if (status === 'deleted') return [];
  const given = slug === PLATFORM_SLUG ? settings.PLATFORM_HOSTNAMES : [hostnameOfSlug(slug, settings)];
  return [...given, ...own_hostnames];
}
