import { fail, ok, type Result } from '../../contracts/result.ts';
import type { CustomHostname, DomainFindings } from '../../contracts/tenants/domain-findings.ts';
import {
  type BegunCheck,
  beginCheck,
  type CheckResult,
  hastenHolder,
  saveCheck,
  saveCustomHostnameId,
  saveProof,
} from '../db/tenants/domain-checks.ts';
import type { StoredDomain } from '../db/tenants/domains.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { invalidateTenant } from '../tenants/tenant-lookup.ts';
import { type CustomHostnames, connectCustomHostnames } from './cloudflare.ts';
import { customDomainSettings } from './custom-domain-settings.ts';
import {
  type CheckedDomain,
  type CloudflareFailure,
  type Decision,
  decideProven,
  decideUnproven,
  isUnproven,
  mayProve,
  nextCheckMs,
} from './decide.ts';
import { lookUp } from './dns.ts';
import { proofIn, routingIn } from './dns-answer.ts';
import { proofName, proofValue, validationMethodOf } from './records.ts';
import { removeDomain } from './remove-domain.ts';

export type CheckDependencies = Pick<Dependencies, 'database' | 'settings' | 'log'>;

type Checking = CheckDependencies & {
  hostnames: CustomHostnames;
  target: string;
  check: BegunCheck;
  /** Somebody waits for the result: Cloudflare is asked to validate at once. */
  isOnDemand: boolean;
};

type Reported = { custom_hostname: CustomHostname | null; failure: CloudflareFailure | null };
type Seen = Pick<DomainFindings, 'proof' | 'routing'>;

const timeOf = (iso: string | null) => (iso === null ? null : Date.parse(iso));

const checkedOf = (domain: StoredDomain): CheckedDomain => ({
  status: domain.status,
  status_since_ms: Date.parse(domain.status_since),
  missing_since_ms: timeOf(domain.missing_since),
  problem: domain.problem,
});

/** Looks for the proof and for the way of the hostname, in three questions at once. */
async function lookAround({ settings, target }: Checking, domain: StoredDomain): Promise<Seen> {
  const { hostname, verification_token } = domain;
  const [proof, addresses, targetAddresses] = await Promise.all([
    lookUp(settings, proofName(hostname), 'TXT'),
    lookUp(settings, hostname, 'A'),
    lookUp(settings, target, 'A'),
  ]);
  return {
    proof: proofIn(proof, proofValue(verification_token)),
    routing: routingIn(addresses, target, targetAddresses),
  };
}

/**
 * Makes the custom hostname. One that exists already is of an earlier owner, or of a call whose answer was lost: the hostname was
 * proved to be this tenant's, so it is replaced.
 */
async function createCustomHostname(
  { hostnames }: Checking,
  hostname: string,
): Promise<Result<CustomHostname, CloudflareFailure>> {
  const method = validationMethodOf(hostname);
  const created = await hostnames.create(hostname, method);
  if (created.ok || created.failure.code !== 'duplicate') return created;
  const earlier = await hostnames.find(hostname);
  if (!earlier.ok) return earlier;
  if (earlier.value !== null) {
    const removed = await hostnames.remove(earlier.value);
    if (!removed.ok) return removed;
  }
  return hostnames.create(hostname, method);
}

async function makeCustomHostname(checking: Checking, hostname: string): Promise<Reported> {
  const created = await createCustomHostname(checking, hostname);
  if (!created.ok) return { custom_hostname: null, failure: created.failure };
  // At once, so that the custom hostname is never forgotten.
  if (!(await saveCustomHostnameId(checking.database, checking.check, created.value.id)))
    await checking.hostnames.remove(created.value.id);
  return { custom_hostname: created.value, failure: null };
}

/** Asks Cloudflare for the custom hostname of a proved domain. One on its way gets one where there is none. */
async function askCloudflare(
  checking: Checking,
  domain: StoredDomain,
  isJustProved: boolean,
): Promise<Reported> {
  const { hostnames, isOnDemand } = checking;
  const { hostname, custom_hostname_id: id, status, problem } = domain;
  const isOnItsWay = status === 'issuing';
  // Hostnames that an operator made active have none.
  if (id === null)
    return isOnItsWay ? makeCustomHostname(checking, hostname) : { custom_hostname: null, failure: null };
  const validatesNow = isOnItsWay && (isOnDemand || isJustProved || problem === 'certificate_timed_out');
  const report = validatesNow
    ? await hostnames.refresh(id, validationMethodOf(hostname))
    : await hostnames.read(id);
  if (report.ok) return { custom_hostname: report.value, failure: null };
  return isOnItsWay && report.failure.code === 'gone'
    ? makeCustomHostname(checking, hostname)
    : { custom_hostname: null, failure: report.failure };
}

/** Removes the custom hostname of a domain that is not served any more. Returns the id that is left. */
async function dropCustomHostname({ hostnames }: Checking, id: string | null): Promise<string | null> {
  if (id === null) return null;
  return (await hostnames.remove(id)).ok ? null : id;
}

type Outcome = Reported & { decision: Decision; custom_hostname_id: string | null };

type Proof = { isJustProved: boolean; isTaken: boolean };

async function decide(
  checking: Checking,
  domain: StoredDomain,
  seen: Seen,
  { isJustProved, isTaken }: Proof,
): Promise<Outcome> {
  const before = checkedOf(domain);
  const reported: Reported = isUnproven(domain.status)
    ? { custom_hostname: null, failure: null }
    : await askCloudflare(checking, domain, isJustProved);
  const decision = isUnproven(domain.status)
    ? decideUnproven(before, isTaken, Date.now())
    : decideProven(before, { ...seen, ...reported }, Date.now());
  const known = reported.custom_hostname?.id ?? domain.custom_hostname_id;
  const id = reported.failure?.code === 'gone' ? null : known;
  const isServed = decision.status === 'issuing' || decision.status === 'active';
  return {
    ...reported,
    decision,
    custom_hostname_id: isServed ? id : await dropCustomHostname(checking, id),
  };
}

/** Gives the hostname to the tenant if the evidence proves its ownership. Returns null if the check has been overtaken. */
async function prove(
  { database, check }: Checking,
  begun: StoredDomain,
  seen: Seen,
): Promise<(Proof & { domain: StoredDomain }) | null> {
  if (!isUnproven(begun.status) || !mayProve(begun.status, seen))
    return { domain: begun, isJustProved: false, isTaken: false };
  const proved = await saveProof(database, check);
  if (proved.ok) return { domain: proved.value, isJustProved: true, isTaken: false };
  if (proved.failure.code === 'lost') return null;
  await hastenHolder(database, check.tenant_id, begun.hostname);
  return { domain: begun, isJustProved: false, isTaken: true };
}

function resultOf(domain: StoredDomain, seen: Seen, outcome: Outcome): CheckResult {
  const { decision, custom_hostname, failure, custom_hostname_id } = outcome;
  const { status, problem, missing_since_ms } = decision;
  const now_ms = Date.now();
  const isServed = status === 'issuing' || status === 'active';
  const known = failure === null ? null : (domain.findings?.custom_hostname ?? null);
  const scheduled = {
    ...{ status, missing_since_ms },
    status_since_ms: status === domain.status ? Date.parse(domain.status_since) : now_ms,
    is_incomplete: seen.proof === 'unknown' || seen.routing === 'unknown' || failure !== null,
    has_leftover: custom_hostname_id !== null && !isServed,
  };
  return {
    ...{ status, problem, missing_since_ms, custom_hostname_id },
    findings: {
      ...seen,
      custom_hostname: isServed ? (custom_hostname ?? known) : null,
      refusal: failure?.message ?? null,
    },
    next_check_ms: nextCheckMs(scheduled, now_ms),
    is_proved: isServed && seen.proof === 'found',
  };
}

async function runCheck(checking: Checking, begun: StoredDomain): Promise<StoredDomain | null> {
  const { database, check, log } = checking;
  const seen = await lookAround(checking, begun);
  const proof = await prove(checking, begun, seen);
  if (proof === null) return null;
  const result = resultOf(proof.domain, seen, await decide(checking, proof.domain, seen, proof));
  const saved = await saveCheck(database, check, result);
  const { status, problem } = result;
  if (status !== begun.status) log.info('domain_changed', { domain_id: check.id, status, problem });
  if ((status === 'active') !== (begun.status === 'active'))
    await invalidateTenant([{ hostname: begun.hostname }]);
  return saved;
}

export type CheckFailure = { code: 'busy' | 'not_found' | 'custom_domains_off' };

/**
 * Checks a domain of a tenant: looks up its records, asks Cloudflare, and keeps what follows. One whose removal has begun is removed.
 * Returns null if the domain is gone. Takes three or four round trips to the database, and at most a minute.
 */
export async function checkDomain(
  deps: CheckDependencies,
  { tenant_id, id }: Pick<BegunCheck, 'tenant_id' | 'id'>,
  isOnDemand: boolean,
): Promise<Result<StoredDomain | null, CheckFailure>> {
  const custom = customDomainSettings(deps.settings);
  if (custom === null) return fail({ code: 'custom_domains_off' });
  const begun = await beginCheck(deps.database, tenant_id, id);
  if (!begun.ok) return begun;
  const { check, domain } = begun.value;
  const hostnames = connectCustomHostnames(custom, deps.log);
  if (domain.status === 'deleting') return ok(await removeDomain(deps.database, hostnames, check, domain));
  return ok(await runCheck({ ...deps, hostnames, target: custom.target, check, isOnDemand }, domain));
}
