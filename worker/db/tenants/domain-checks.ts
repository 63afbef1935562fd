import { type SQL, sql } from 'drizzle-orm';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type {
  DomainFindings,
  DomainProblem,
  DomainStatus,
} from '../../../contracts/tenants/domain-findings.ts';
import { attemptQuery, type Database } from '../client.ts';
import { runAsService } from '../context.ts';
import { tenantDomains } from '../schema/domains.ts';
import { domainOfRow, isDomain, type StoredDomain, selectDomain } from './domains.ts';

/** Checks of custom domains, as the service of their tenant. One check of a domain runs at a time. */

/** A check that has begun. What it saves counts only while no later one has. */
export type BegunCheck = { tenant_id: string; id: string; started_at: string };

/** The wait between two checks, but not before a removal, and the time after which a check is taken for dead. */
const PAUSE = sql`interval '10 seconds'`;
const DEAD_AFTER = sql`interval '2 minutes'`;

const isOver = sql`${tenantDomains.checked_at} >= ${tenantDomains.check_started_at}`;
const mayBegin = sql`(${tenantDomains.check_started_at} is null
  or ${tenantDomains.check_started_at} < now() - ${DEAD_AFTER}
  or (${isOver} and (${tenantDomains.status} = 'deleting' or ${tenantDomains.check_started_at} < now() - ${PAUSE})))`;

const isOurs = ({ id, started_at }: BegunCheck): SQL =>
  sql`${isDomain(id)} and ${tenantDomains.check_started_at} = ${started_at}::timestamptz`;

/** Lists domains of all tenants that are due, the most overdue first. */
export async function listDomainsToCheck(
  database: Database,
  rowsMax: number,
): Promise<{ tenant_id: string; id: string }[]> {
  const answer = await attemptQuery(() =>
    database.execute<{ tenant_id: string; id: string }>(
      sql`select tenant_id, domain_id as id from app.domains_to_check(${rowsMax}::integer)`,
    ),
  );
  return answer.ok ? answer.value.rows : [];
}

/** Begins a check. `busy`: another one runs, or has ended just now. */
export async function beginCheck(
  database: Database,
  tenantId: string,
  id: string,
): Promise<Result<{ check: BegunCheck; domain: StoredDomain }, { code: 'busy' | 'not_found' }>> {
  const answer = await runAsService(database, tenantId, [
    database.execute<{ started_at: string }>(sql`update ${tenantDomains} set check_started_at = now()
      where ${isDomain(id)} and ${mayBegin} returning check_started_at::text as started_at`),
    selectDomain(database, id),
  ]);
  if (!answer.ok) return answer;
  const [begun, [row]] = answer.value;
  if (row === undefined) return fail({ code: 'not_found' });
  const started_at = begun.rows[0]?.started_at;
  if (started_at === undefined) return fail({ code: 'busy' });
  return ok({ check: { tenant_id: tenantId, id, started_at }, domain: domainOfRow(row) });
}

/**
 * Gives a hostname whose ownership was proved to its tenant. The first to prove it has it: `taken` if another tenant has. `lost` if
 * the domain was removed meanwhile, or another check has begun.
 */
export async function saveProof(
  database: Database,
  check: BegunCheck,
): Promise<Result<StoredDomain, { code: 'taken' | 'lost' }>> {
  const which = sql`${isOurs(check)} and ${tenantDomains.status} in ('waiting_for_txt', 'moved', 'failed')`;
  const answer = await runAsService(
    database,
    check.tenant_id,
    [
      database.execute(sql`update ${tenantDomains} set status = 'issuing', status_since = now(), verified_at = now(),
        problem = null, missing_since = null where ${which} returning 1`),
      selectDomain(database, check.id),
    ],
    { '23505': 'taken' },
  );
  if (!answer.ok) return answer;
  const [proved, [row]] = answer.value;
  return proved.rows.length === 0 || row === undefined ? fail({ code: 'lost' }) : ok(domainOfRow(row));
}

/**
 * Keeps the id of a custom hostname that Cloudflare has made or removed, also for a domain whose removal has begun meanwhile.
 * Returns false if the domain is gone.
 */
export async function saveCustomHostnameId(
  database: Database,
  { tenant_id, id }: Pick<BegunCheck, 'tenant_id' | 'id'>,
  customHostnameId: string | null,
): Promise<boolean> {
  const answer = await runAsService(database, tenant_id, [
    database.execute(
      sql`update ${tenantDomains} set custom_hostname_id = ${customHostnameId}::text where ${isDomain(id)} returning 1`,
    ),
  ]);
  return answer.ok && answer.value[0].rows.length > 0;
}

/** Findings and decisions of a check. */
export type CheckResult = {
  status: DomainStatus;
  problem: DomainProblem | null;
  findings: DomainFindings;
  custom_hostname_id: string | null;
  missing_since_ms: number | null;
  next_check_ms: number | null;
  /** The proof was found. */
  is_proved: boolean;
};

const time = (ms: number | null) => sql`${ms === null ? null : new Date(ms).toISOString()}::timestamptz`;

/** Saves a check. A domain whose removal has begun meanwhile is left alone. Returns the domain, or null if it is gone. */
export async function saveCheck(
  database: Database,
  check: BegunCheck,
  result: CheckResult,
): Promise<StoredDomain | null> {
  const { status, problem, findings, custom_hostname_id } = result;
  const which = sql`${isOurs(check)} and ${tenantDomains.status} <> 'deleting'`;
  const answer = await runAsService(database, check.tenant_id, [
    database.execute(sql`update ${tenantDomains} set
          status_since = case when status = ${status} then status_since else now() end,
          status = ${status}, problem = ${problem}::text, findings = ${JSON.stringify(findings)}::jsonb,
          custom_hostname_id = ${custom_hostname_id}::text, missing_since = ${time(result.missing_since_ms)},
          checked_at = clock_timestamp(), next_check_at = ${time(result.next_check_ms)},
          verified_at = case when ${result.is_proved} then now() else verified_at end
        where ${which}`),
    selectDomain(database, check.id),
  ]);
  if (!answer.ok) throw new Error('A check of a domain was refused');
  const [, [row]] = answer.value;
  return row === undefined ? null : domainOfRow(row);
}

/** Deletes a domain that is removed at Cloudflare too. */
export async function forgetDomain(database: Database, check: BegunCheck): Promise<void> {
  await runAsService(database, check.tenant_id, [
    database.execute(
      sql`delete from ${tenantDomains} where ${isOurs(check)} and ${tenantDomains.status} = 'deleting'`,
    ),
  ]);
}

/** Keeps a domain whose removal did not succeed for the next run. */
export async function postponeRemoval(
  database: Database,
  check: BegunCheck,
  nextCheckMs: number | null,
): Promise<void> {
  await runAsService(database, check.tenant_id, [
    database.execute(sql`update ${tenantDomains} set checked_at = clock_timestamp(), next_check_at = ${time(nextCheckMs)}
      where ${isOurs(check)} and ${tenantDomains.status} = 'deleting'`),
  ]);
}

/** The time that lies between two checks of a domain that others ask for. */
const HASTE_PAUSE = sql`interval '1 hour'`;

/**
 * Brings forward the next check of a hostname that another tenant answers at: whoever asks for it may have it from them. The hourly run
 * finds out whether it is still theirs.
 */
export async function hastenHolder(database: Database, tenantId: string, hostname: string): Promise<void> {
  const asked = await runAsService(database, tenantId, [
    database.execute<{ holder: string | null }>(sql`select app.tenant_of_hostname(${hostname}) as holder`),
  ]);
  const holder = asked.ok ? (asked.value[0].rows[0]?.holder ?? null) : null;
  if (holder === null || holder === tenantId) return;
  await runAsService(database, holder, [
    database.execute(sql`update ${tenantDomains} set next_check_at = now()
      where ${tenantDomains.tenant_id} = app.tenant_id() and ${tenantDomains.hostname} = ${hostname}
        and ${tenantDomains.status} = 'active' and ${tenantDomains.next_check_at} > now()
        and (${tenantDomains.checked_at} is null or ${tenantDomains.checked_at} < now() - ${HASTE_PAUSE})`),
  ]);
}
