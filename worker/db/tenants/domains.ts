import { and, asc, eq, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import { DOMAINS_MAX } from '../../../contracts/api/tenant/domains.ts';
import type { UserSummary } from '../../../contracts/api/tenant/users.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { type DomainFindings, domainFindings } from '../../../contracts/tenants/domain-findings.ts';
import { auditChange, columnsJson } from '../audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { tenantDomains } from '../schema/domains.ts';
import { users } from '../schema/users.ts';
import { isoTime, userSummaryColumns } from '../users/user-rows.ts';

/** Custom domains, for the admins of their tenant. */

const selectDomains = (database: Database) =>
  database
    .select({
      tenant_id: tenantDomains.tenant_id,
      id: tenantDomains.id,
      hostname: tenantDomains.hostname,
      status: tenantDomains.status,
      status_since: tenantDomains.status_since,
      verification_token: tenantDomains.verification_token,
      custom_hostname_id: tenantDomains.custom_hostname_id,
      findings: tenantDomains.findings,
      problem: tenantDomains.problem,
      missing_since: tenantDomains.missing_since,
      checked_at: tenantDomains.checked_at,
      next_check_at: tenantDomains.next_check_at,
      verified_at: tenantDomains.verified_at,
      created_at: tenantDomains.created_at,
      created_by: userSummaryColumns,
    })
    .from(tenantDomains)
    .leftJoin(
      users,
      and(eq(users.tenant_id, tenantDomains.tenant_id), eq(users.id, tenantDomains.created_by)),
    );

type DomainRow = Awaited<ReturnType<typeof selectDomains>>[number];

/** A domain as it is stored. Times are in ISO 8601. */
export type StoredDomain = Omit<DomainRow, 'findings' | 'created_by'> & {
  findings: DomainFindings | null;
  created_by: UserSummary | null;
};

const isoOrNull = (time: string | null) => (time === null ? null : isoTime(time));

/** Converts a stored row. Findings of another version of this code are dropped: the next check writes new ones. */
export const domainOfRow = (row: DomainRow): StoredDomain => ({
  ...row,
  findings: domainFindings.nullable().catch(null).parse(row.findings),
  status_since: isoTime(row.status_since),
  missing_since: isoOrNull(row.missing_since),
  checked_at: isoOrNull(row.checked_at),
  next_check_at: isoOrNull(row.next_check_at),
  verified_at: isoOrNull(row.verified_at),
  created_at: isoTime(row.created_at),
});

/** A domain of the tenant that the transaction is in. */
export const isDomain = (id: string): SQL =>
  sql`${tenantDomains.tenant_id} = app.tenant_id() and ${tenantDomains.id} = ${id}::uuid`;

/** Selects one domain of the tenant that the transaction is in. */
export const selectDomain = (database: Database, id: string) => selectDomains(database).where(isDomain(id));

type Refusal = EnterRefusal | 'forbidden';

/** Lists the domains of the caller's tenant, the oldest first. Admins only. */
export async function listDomains(
  database: Database,
  claims: SessionClaims,
): Promise<Result<StoredDomain[], { code: Refusal }>> {
  const answer = await runAsUser(database, claims, [
    selectDomains(database)
      .where(eq(tenantDomains.tenant_id, claims.tenantId))
      .orderBy(asc(tenantDomains.id)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  return isAdminRole(callers.rows[0]) ? ok(rows.map(domainOfRow)) : fail({ code: 'forbidden' });
}

/** Returns a domain of the caller's tenant. Admins only. */
export async function readDomain(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<StoredDomain, { code: Refusal | 'not_found' }>> {
  const answer = await runAsUser(database, claims, [selectDomain(database, id), selectCallerRole(database)]);
  if (!answer.ok) return answer;
  const [[row], callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(domainOfRow(row));
}

const nothing = sql`null::jsonb`;
const audited = columnsJson({ hostname: tenantDomains.hostname, status: tenantDomains.status });

/** A change of one domain, for the audit log. */
const auditDomain = (
  database: Database,
  {
    action,
    before,
    after,
    which,
    request_id,
  }: Record<'before' | 'after' | 'which', SQL> & {
    action: string;
    request_id: string;
  },
) =>
  auditChange(database, {
    ...{ id: uuidv7(), action, target_type: 'domain', target: tenantDomains, before, after, request_id },
    rows: sql`from ${tenantDomains} where ${which}`,
  });

type InsertRefusal = Refusal | 'name_taken' | 'too_many_domains';

/**
 * Claims a hostname for the caller's tenant, without a proof. Hostnames that the tenant has already, and those that another tenant
 * answers at, are `name_taken`; claims of other tenants without a proof are not. Admins only.
 */
export async function insertDomain(
  database: Database,
  claims: SessionClaims,
  { hostname, verification_token }: { hostname: string; verification_token: string },
  requestId: string,
): Promise<Result<StoredDomain, { code: InsertRefusal }>> {
  const id = uuidv7();
  const kept = sql`${tenantDomains.tenant_id} = app.tenant_id() and ${tenantDomains.status} <> 'deleting'`;
  const isTaken = sql`(exists (select from ${tenantDomains} where ${kept} and ${tenantDomains.hostname} = ${hostname})
    or app.tenant_of_hostname(${hostname}) is not null)`;
  const count = sql`(select count(*) from ${tenantDomains} where ${kept})`;
  const answer = await runAsUser(
    database,
    claims,
    [
      // One after the other, so that the count holds.
      database.execute(
        sql`select pg_advisory_xact_lock(hashtextextended('tenant_domains ' || app.tenant_id(), 0)) where ${callerIsAdmin}`,
      ),
      database.execute<{ taken: boolean; count: number }>(
        sql`select ${isTaken} as taken, ${count}::int as count`,
      ),
      database.execute(sql`insert into tenant_domains (tenant_id, id, hostname, verification_token, created_by)
        select app.tenant_id(), ${id}::uuid, ${hostname}::text, ${verification_token}::text,
          case when app.acting_session_id() is null then app.user_id() end
        where ${callerIsAdmin} and not ${isTaken} and ${count} < ${DOMAINS_MAX}`),
      auditDomain(database, {
        action: 'domain.added',
        before: nothing,
        after: audited,
        which: isDomain(id),
        request_id: requestId,
      }),
      selectDomain(database, id),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' },
  );
  if (!answer.ok) return answer;
  const [, checks, , , [row], callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  if (row !== undefined) return ok(domainOfRow(row));
  return fail({ code: checks.rows[0]?.taken === true ? 'name_taken' : 'too_many_domains' });
}

/**
 * Begins to remove a domain of the caller's tenant: it does not answer any more. Safe to repeat. Returns it as it was before. Admins
 * only.
 */
export async function beginDomainRemoval(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<StoredDomain, { code: Refusal | 'not_found' }>> {
  const which = sql`${isDomain(id)} and ${callerIsAdmin} and ${tenantDomains.status} <> 'deleting'`;
  const answer = await runAsUser(database, claims, [
    selectDomain(database, id),
    auditDomain(database, {
      action: 'domain.removed',
      before: audited,
      after: nothing,
      which,
      request_id: requestId,
    }),
    database.execute(sql`update ${tenantDomains} set status = 'deleting', status_since = now(), next_check_at = now(),
      problem = null, missing_since = null where ${which}`),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [[row], , , callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(domainOfRow(row));
}
