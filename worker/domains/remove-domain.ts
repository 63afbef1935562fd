import type { Database } from '../db/client.ts';
import { type BegunCheck, forgetDomain, postponeRemoval } from '../db/tenants/domain-checks.ts';
import type { StoredDomain } from '../db/tenants/domains.ts';
import type { CustomHostnames } from './cloudflare.ts';
import { nextCheckMs } from './decide.ts';

/**
 * Removes the custom hostname of a domain at Cloudflare, and then the domain. While Cloudflare cannot be reached, the domain stays and
 * the hourly run tries again; it does not answer meanwhile. Returns null if the domain is gone.
 */
export async function removeDomain(
  database: Database,
  hostnames: CustomHostnames | null,
  check: BegunCheck,
  domain: StoredDomain,
): Promise<StoredDomain | null> {
  const { custom_hostname_id: id } = domain;
  const isGone = id === null || (hostnames !== null && (await hostnames.remove(id)).ok);
  if (isGone) {
    await forgetDomain(database, check);
    return null;
  }
  const scheduled = {
    ...({ status: 'deleting', is_incomplete: true, has_leftover: true } as const),
    ...{ status_since_ms: Date.parse(domain.status_since), missing_since_ms: null },
  };
  await postponeRemoval(database, check, nextCheckMs(scheduled, Date.now()));
  return domain;
}
