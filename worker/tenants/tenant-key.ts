import { fail, ok, type Result } from '../../contracts/result.ts';
import type { TenantKey } from '../db/load-snapshots.ts';
import type { Settings } from '../runtime/settings.ts';

type KeyFailure = { code: 'unknown_host' | 'invalid_request'; details: Record<string, unknown> };

const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The slug of the tenant that is the platform itself: it owns what is global, and its users run the platform. */
export const PLATFORM_SLUG = 'platform';

/**
 * Pure: the tenant key of a hostname. On the platform's hostnames `X-Tenant-Slug` chooses the tenant and its absence means
 * the platform; anywhere else the header is ignored, since it must never override a hostname.
 */
export function tenantKeyOf(
  rawHostname: string,
  slugHeader: string | null,
  settings: Pick<Settings, 'PLATFORM_DOMAIN' | 'PLATFORM_HOSTNAMES'>,
): Result<TenantKey, KeyFailure> {
  const hostname = rawHostname.toLowerCase().replace(/\.$/, '');
  if (settings.PLATFORM_HOSTNAMES.includes(hostname)) {
    if (slugHeader === null) return ok({ slug: PLATFORM_SLUG });
    const slug = slugHeader.toLowerCase();
    if (slugPattern.test(slug)) return ok({ slug });
    return fail({
      code: 'invalid_request',
      details: {
        field: 'X-Tenant-Slug',
        rule: 'lower-case letters, digits and inner hyphens, 1 to 63 characters',
      },
    });
  }
  const suffix = `.${settings.PLATFORM_DOMAIN}`;
  if (!hostname.endsWith(suffix)) return ok({ hostname });
  const slug = hostname.slice(0, -suffix.length);
  // The platform's slug answers on the platform's own hostnames only.
  if (slugPattern.test(slug) && slug !== PLATFORM_SLUG) return ok({ slug });
  return fail({ code: 'unknown_host', details: { hostname } });
}
