import { fail, ok, type Result } from '../../contracts/result.ts';
import type { TenantKey } from '../db/load-snapshots.ts';
import type { Settings } from '../runtime/settings.ts';

type KeyFailure = { code: 'unknown_host' | 'invalid_request'; details: Record<string, unknown> };

const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The slug of the platform's own tenant. It owns global providers and models, and its users are the superadmins. */
export const PLATFORM_SLUG = 'platform';

/**
 * Returns the tenant key of a hostname. On the platform's hostnames, `X-Tenant-Slug` selects the tenant and its absence means
 * the platform. On every other hostname the header is ignored. Pure.
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
  // The platform's slug is served on the platform's own hostnames only.
  if (slugPattern.test(slug) && slug !== PLATFORM_SLUG) return ok({ slug });
  return fail({ code: 'unknown_host', details: { hostname } });
}
