import { randomBytes } from 'node:crypto';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { Domain, DomainList } from '../../contracts/api/tenant/domains.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { beginCheck, hastenHolder } from '../db/tenants/domain-checks.ts';
import {
  beginDomainRemoval,
  insertDomain,
  listDomains,
  readDomain,
  type StoredDomain,
} from '../db/tenants/domains.ts';
import { PLATFORM_TENANT_ID } from '../db/tenants/tenants.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { invalidateTenant } from '../tenants/tenant-lookup.ts';
import { type CheckDependencies, type CheckFailure, checkDomain } from './check-domain.ts';
import { connectCustomHostnames } from './cloudflare.ts';
import { customDomainSettings } from './custom-domain-settings.ts';
import { acceptHostname, type BrokenHostnameRule } from './hostname.ts';
import { dnsRecords } from './records.ts';
import { removeDomain } from './remove-domain.ts';
import { describeParts, errorOf } from './words.ts';

/** Use cases of a tenant's admins: add, list, check and remove custom domains. */

type Settings = Pick<Dependencies, 'settings'>;

/** Converts a stored domain to the API's. Pure. */
export function presentDomain({ settings }: Settings, stored: StoredDomain): Domain {
  const { id, hostname, status, checked_at, next_check_at, verified_at, created_by, created_at } = stored;
  return {
    ...{ id, hostname, status },
    ...describeParts(stored),
    records: dnsRecords(stored, customDomainSettings(settings)?.target ?? null),
    error: errorOf(stored),
    ...{ checked_at, next_check_at, verified_at, created_by, created_at },
  };
}

/** The failures of a function of the database. */
type FailureOf<Call extends (...args: never[]) => Promise<unknown>> = Extract<
  Awaited<ReturnType<Call>>,
  { ok: false }
>['failure'];

/** Lists the domains of the caller's tenant, and where they have to point. */
export async function listTenantDomains(
  deps: Pick<Dependencies, 'database' | 'settings'>,
  claims: SessionClaims,
): Promise<Result<DomainList, FailureOf<typeof listDomains>>> {
  const domains = await listDomains(deps.database, claims);
  if (!domains.ok) return domains;
  const custom = customDomainSettings(deps.settings);
  return ok({
    items: domains.value.map((stored) => presentDomain(deps, stored)),
    target: custom?.target ?? null,
    simulated: custom !== null && custom.base_url !== null,
  });
}

/** Returns one domain of the caller's tenant. */
export async function readTenantDomain(
  deps: Pick<Dependencies, 'database' | 'settings'>,
  claims: SessionClaims,
  id: string,
): Promise<Result<Domain, FailureOf<typeof readDomain>>> {
  const read = await readDomain(deps.database, claims, id);
  return read.ok ? ok(presentDomain(deps, read.value)) : read;
}

type AddFailure =
  | FailureOf<typeof insertDomain>
  | BrokenHostnameRule
  | { code: 'custom_domains_off' | 'platform_tenant' };

/** Adds a domain to the caller's tenant. It answers once its ownership, its certificate and its routing are in order. */
export async function addDomain(
  deps: Pick<Dependencies, 'database' | 'settings' | 'requestId'>,
  claims: SessionClaims,
  typed: string,
): Promise<Result<Domain, AddFailure>> {
  if (customDomainSettings(deps.settings) === null) return fail({ code: 'custom_domains_off' });
  // Superadmins sign in at the platform's own hostnames alone.
  if (claims.tenantId === PLATFORM_TENANT_ID) return fail({ code: 'platform_tenant' });
  const accepted = acceptHostname(typed, deps.settings);
  if (!accepted.ok) return accepted;
  const { hostname } = accepted.value;
  const claim = { hostname, verification_token: randomBytes(24).toString('hex') };
  const added = await insertDomain(deps.database, claims, claim, deps.requestId);
  if (!added.ok && added.failure.code === 'name_taken')
    await hastenHolder(deps.database, claims.tenantId, hostname);
  return added.ok ? ok(presentDomain(deps, added.value)) : added;
}

/** Checks a domain of the caller's tenant now. */
export async function checkTenantDomain(
  deps: CheckDependencies,
  claims: SessionClaims,
  id: string,
): Promise<Result<Domain, FailureOf<typeof readDomain> | CheckFailure>> {
  const read = await readDomain(deps.database, claims, id);
  if (!read.ok) return read;
  const checked = await checkDomain(deps, { tenant_id: claims.tenantId, id }, true);
  if (!checked.ok) return checked;
  return checked.value === null ? fail({ code: 'not_found' }) : ok(presentDomain(deps, checked.value));
}

/**
 * Removes a domain of the caller's tenant: it stops answering, at once in this colo and within a minute elsewhere. What is left of it
 * at Cloudflare is removed now or, if that fails, by the hourly run. A new claim of the hostname needs a new proof.
 */
export async function removeTenantDomain(
  deps: CheckDependencies & Pick<Dependencies, 'requestId'>,
  claims: SessionClaims,
  id: string,
): Promise<Result<null, FailureOf<typeof beginDomainRemoval>>> {
  const removed = await beginDomainRemoval(deps.database, claims, id, deps.requestId);
  if (!removed.ok) return removed;
  await invalidateTenant([{ hostname: removed.value.hostname }]);
  const begun = await beginCheck(deps.database, claims.tenantId, id);
  // Another check runs: the hourly run finishes the removal.
  if (!begun.ok) return ok(null);
  const custom = customDomainSettings(deps.settings);
  const hostnames = custom === null ? null : connectCustomHostnames(custom, deps.log);
  await removeDomain(deps.database, hostnames, begun.value.check, begun.value.domain);
  return ok(null);
}
