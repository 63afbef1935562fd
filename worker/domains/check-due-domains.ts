import { listDomainsToCheck } from '../db/tenants/domain-checks.ts';
import { type CheckDependencies, checkDomain } from './check-domain.ts';
import { customDomainSettings } from './custom-domain-settings.ts';

/** Domains of one run, and how many are checked at once. A check opens three connections, and the platform allows six. */
const RUN_MAX = 100;
const AT_ONCE = 2;

/**
 * Checks the domains that are due, in every tenant, the most overdue first. Runs every hour. A domain that fails is logged and checked
 * by a later run. Does nothing on a platform without custom domains.
 */
export async function checkDueDomains(deps: CheckDependencies): Promise<void> {
  if (customDomainSettings(deps.settings) === null) return;
  const due = (await listDomainsToCheck(deps.database, RUN_MAX)).values();
  const work = async () => {
    for (const domain of due) {
      try {
        await checkDomain(deps, domain, false);
      } catch (error) {
        deps.log.warn('domain_not_checked', { tenant_id: domain.tenant_id, domain_id: domain.id, error });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
