import { and, desc, eq, like, lt, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type {
  AuditEntry,
  AuditFilter,
  AuditQuery,
  PlatformAuditEntry,
  PlatformAuditQuery,
} from '../../contracts/api/tenant/audit.ts';
import { levelName } from '../../contracts/api/tenant/levels.ts';
import { managementKeySummary } from '../../contracts/api/tenant/management-keys.ts';
import { userSummary } from '../../contracts/api/tenant/users.ts';
import { pickFields } from '../../contracts/fields.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { isAdminRole, selectCallerRole } from './authorization.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, runAsUser } from './context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from './paging.ts';
import { auditClients } from './schema/audit-clients.ts';
import { managementKeys } from './schema/management-keys.ts';
import { levels, tenants } from './schema/tenancy.ts';
import { auditLog, users } from './schema/users.ts';
import { isSuperadminCaller } from './tenants/tenants.ts';
import { isoTime } from './users/user-rows.ts';

const actors = alias(users, 'actors');
const targets = alias(users, 'targets');

const isSelfMade = sql<boolean>`(${auditLog.details} @> '{"self": true}')`;

const selectEntries = (database: Database) =>
  database
    .select({
      id: auditLog.id,
      at: auditLog.at,
      action: auditLog.action,
      actor: pickFields(userSummary, actors),
      actor_key: pickFields(managementKeySummary, managementKeys),
      actor_role: auditLog.actor_role,
      target_type: auditLog.target_type,
      target_id: auditLog.target_id,
      target_user: pickFields(userSummary, targets),
      target_level: pickFields(levelName, levels),
      self_made: isSelfMade,
      details: auditLog.details,
      client: { address: auditClients.address, agent: auditClients.agent },
      tenant: { id: tenants.id, slug: tenants.slug, name: tenants.name },
    })
    .from(auditLog)
    .innerJoin(tenants, eq(tenants.id, auditLog.tenant_id))
    .leftJoin(
      auditClients,
      and(eq(auditClients.tenant_id, auditLog.tenant_id), eq(auditClients.entry_id, auditLog.id)),
    )
    .leftJoin(actors, and(eq(actors.tenant_id, auditLog.tenant_id), eq(actors.id, auditLog.actor_user_id)))
    .leftJoin(
      managementKeys,
      and(
        eq(managementKeys.tenant_id, auditLog.tenant_id),
        eq(managementKeys.id, auditLog.management_key_id),
      ),
    )
    .leftJoin(
      targets,
      and(
        eq(targets.tenant_id, auditLog.tenant_id),
        sql`${targets.id} = case when ${auditLog.target_type} = 'user' then ${auditLog.target_id}::uuid end`,
      ),
    )
    .leftJoin(
      levels,
      and(
        eq(levels.tenant_id, auditLog.tenant_id),
        sql`${levels.id} = case when ${auditLog.target_type} = 'level' then ${auditLog.target_id}::uuid end`,
      ),
    );

type EntryRow = Awaited<ReturnType<typeof selectEntries>>[number];

function presentPlatformEntry({ at, details, ...row }: EntryRow): PlatformAuditEntry {
  const { tenant_id: _tenant, self: _self, ...shown } = details;
  return { ...row, at: isoTime(at), details: shown };
}

function presentEntry(row: EntryRow): AuditEntry {
  const { tenant: _, ...entry } = presentPlatformEntry(row);
  return entry;
}

/** The entries that a filter lets through. */
function isAmong({ user_id, actor_id, action, from, to, self_made }: AuditFilter): SQL | undefined {
  const given = <Value>(value: Value | undefined, condition: (value: Value) => SQL | undefined) =>
    value === undefined ? undefined : condition(value);
  return and(
    given(user_id, (id) => and(eq(auditLog.target_type, 'user'), eq(auditLog.target_id, id))),
    given(actor_id, (id) => eq(auditLog.actor_user_id, id)),
    given(action, (text) =>
      text.includes('.')
        ? eq(auditLog.action, text)
        : like(auditLog.action, `${text.replaceAll('_', '\\_')}.%`),
    ),
    given(from, (day) => sql`${auditLog.at} >= ${day}::date at time zone 'UTC'`),
    given(to, (day) => sql`${auditLog.at} < (${day}::date + 1) at time zone 'UTC'`),
    given(self_made, () => isSelfMade),
  );
}

type PageStart = { after: string | null; limit: number };

/** Selects a page of the entries that a condition and a filter let through, newest first (IDs are UUIDv7). */
const selectPage = (
  database: Database,
  which: SQL | undefined,
  filter: AuditFilter,
  { after, limit }: PageStart,
) =>
  selectEntries(database)
    .where(and(which, isAmong(filter), after === null ? undefined : lt(auditLog.id, after)))
    .orderBy(desc(auditLog.id))
    .limit(limit + 1);

type ListRefusal = EnterRefusal | InvalidCursor | 'forbidden';

/** Lists the audit log of the caller's tenant, newest first. Admins only. */
export async function listAuditEntries(
  database: Database,
  claims: SessionClaims,
  { cursor, limit, ...filter }: AuditQuery,
): Promise<Result<Page<AuditEntry>, { code: ListRefusal }>> {
  const start = startOfPage({ cursor, limit }, uuidPosition);
  if (!start.ok) return start;
  const ofTenant = eq(auditLog.tenant_id, claims.tenantId);
  const answer = await runAsUser(database, claims, [
    selectPage(database, ofTenant, filter, { after: start.value, limit }),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, limit, ({ id }) => id);
  return ok({ items: items.map(presentEntry), next_cursor });
}

/** Lists the audit log of all tenants or of one, newest first. Superadmins only. */
export async function listPlatformAuditEntries(
  database: Database,
  claims: SessionClaims,
  { cursor, limit, tenant_id, ...filter }: PlatformAuditQuery,
): Promise<Result<Page<PlatformAuditEntry>, { code: ListRefusal }>> {
  const start = startOfPage({ cursor, limit }, uuidPosition);
  if (!start.ok) return start;
  const ofTenant = tenant_id === undefined ? undefined : eq(auditLog.tenant_id, tenant_id);
  const answer = await runAsUser(database, claims, [
    selectPage(database, ofTenant, filter, { after: start.value, limit }),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  if (!isSuperadminCaller(callers)) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, limit, ({ id }) => id);
  return ok({ items: items.map(presentPlatformEntry), next_cursor });
}
