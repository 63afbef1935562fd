import { eq, type SQL, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type {
  TenantDetail,
  TenantStatus,
  TenantSummary,
  TenantsQuery,
} from '../../../contracts/api/platform/tenants.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { tenantBudgets, tenantWallets } from '../schema/budgets.ts';
import { tenantDomains } from '../schema/domains.ts';
import { aiExecutions } from '../schema/executions.ts';
import { tenants } from '../schema/tenancy.ts';
import { users } from '../schema/users.ts';
import { isoTime } from '../users/user-rows.ts';

/** Tenants as superadmins read them. Row security shows other callers their own tenant at most, and their role is refused. */

/** The id of the platform's own tenant (migrations: app.platform_tenant_id). */
export const PLATFORM_TENANT_ID = '00000000-0000-7000-8000-000000000001';

/** Admins of a tenant that are listed with it. */
const ADMINS_MAX = 100;

/** The status of a tenant, with its version: microseconds since the epoch of its last change. */
export type TenantStanding = { id: string; status: TenantStatus; status_version: number };

/** Its own active hostnames. Those that its slug gives it are not stored. */
type OwnHostnames = { own_hostnames: string[] };

/** A tenant as it is stored. */
export type StoredTenant = Omit<TenantDetail, 'hostnames' | 'is_platform'> & OwnHostnames & TenantStanding;
export type StoredTenantSummary = Omit<TenantSummary, 'hostnames'> & OwnHostnames;

/** The refusals of every request about tenants. */
export type TenantRefusal = EnterRefusal | 'forbidden' | 'not_found';

/** Tells whether a batch ran as a superadmin, from the result of `selectCallerRole`. */
export const isSuperadminCaller = ({ rows: [caller] }: { rows: { role: string }[] }): boolean =>
  caller?.role === 'superadmin';

/** Returns the least UUIDv7 of the current month (UTC). Ids of executions are UUIDv7: theirs of this month are not below it. */
function leastIdOfMonth(now: Date): string {
  const hex = Date.UTC(now.getUTCFullYear(), now.getUTCMonth()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** The budget of the tenants in `page`. A wallet that this month has not moved has the whole limit of the month. */
const budgetOfPage = sql`(select jsonb_build_object('mode', b.mode, 'enforcement', b.enforcement, 'balance_micro_usd',
    case when b.mode = 'monthly' and (w.period is null or w.period < to_char(now() at time zone 'UTC', 'YYYY-MM'))
      then b.limit_micro_usd else coalesce(w.monthly + w.lifetime, 0) end)
  from ${tenantBudgets} b left join ${tenantWallets} w on w.tenant_id = b.tenant_id where b.tenant_id = page.id)`;

/** The figures of the tenants in `page`, each read from an index: own hostnames, users, and executions of the month. */
const figuresOfPage = () => sql`
  array(select d.hostname from ${tenantDomains} d where d.tenant_id = page.id and d.status = 'active' order by d.hostname)
    as own_hostnames,
  (select count(*) from ${users} u where u.tenant_id = page.id)::float8 as users,
  ${budgetOfPage} as budget,
  month.executions as month_executions, month.cost_micro_usd as month_cost_micro_usd`;

const monthOfPage = () => sql`cross join lateral (
    select count(*)::float8 as executions, coalesce(sum(e.cost_micro_usd), 0)::float8 as cost_micro_usd
    from ${aiExecutions} e where e.tenant_id = page.id and e.id >= ${leastIdOfMonth(new Date())}::uuid
  ) month`;

type SummaryRow = StoredTenantSummary & Record<string, unknown>;

/** Selects the tenants that a condition on `tenants` keeps, in an order of its columns. */
const selectSummaries = (database: Database, where: SQL, order: SQL, limit: number) =>
  database.execute<SummaryRow>(sql`
    with page as (select * from ${tenants} where ${where} order by ${order} limit ${limit})
    select page.id, page.slug, page.name, page.status, page.created_at::text, ${figuresOfPage()}
    from page ${monthOfPage()} order by ${order}`);

const presentSummary = ({ created_at, ...row }: SummaryRow): StoredTenantSummary => ({
  ...row,
  created_at: isoTime(created_at),
});

/** A pattern for LIKE of texts that contain `q`. */
const containing = (q: string) => `%${q.replace(/[\\%_]/g, '\\$&')}%`;

/** Tenants whose slug, name or hostname contains `q`. A hostname of the platform is one only if `q` has a dot. */
function matches(q: string, platformDomain: string): SQL {
  const lower = containing(q.toLowerCase());
  const label = q.includes('.') ? sql`slug || ${`.${platformDomain}`}` : sql`slug`;
  return sql`(${label} like ${lower} or lower(name) like ${lower} or name like ${containing(q)} or exists (
    select from ${tenantDomains} d where d.tenant_id = tenants.id and d.status = 'active' and d.hostname like ${lower}))`;
}

const orders = {
  created_at: { by: sql`id desc`, after: (id: string) => sql`id < ${id}::uuid` },
  name: {
    by: sql`lower(name), id`,
    after: (id: string) =>
      sql`(lower(name), id) > (select lower(last.name), last.id from ${tenants} last where last.id = ${id}::uuid)`,
  },
};

/** Lists tenants. Superadmins only. */
export async function listTenants(
  database: Database,
  claims: SessionClaims,
  { q, status, sort, ...page }: TenantsQuery,
  platformDomain: string,
): Promise<Result<Page<StoredTenantSummary>, { code: EnterRefusal | InvalidCursor | 'forbidden' }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const conditions = [
    status === undefined ? sql`status <> 'deleted'` : sql`status = ${status}`,
    ...(q === undefined ? [] : [matches(q, platformDomain)]),
    ...(start.value === null ? [] : [orders[sort].after(start.value)]),
  ];
  const answer = await runAsUser(database, claims, [
    selectSummaries(database, sql.join(conditions, sql` and `), orders[sort].by, page.limit + 1),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [{ rows }, callers] = answer.value;
  if (!isSuperadminCaller(callers)) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, page.limit, ({ id }) => id);
  return ok({ items: items.map(presentSummary), next_cursor });
}

type DetailRow = Omit<StoredTenant, 'branding'> &
  StoredTenant['branding'] &
  Record<string, unknown> & { name: string };

/** Selects one tenant with its admins, for the end of a batch. */
export const selectTenantDetail = (database: Database, id: string) =>
  database.execute<DetailRow>(sql`
    with page as (select * from ${tenants} where id = ${id}::uuid)
    select page.id, page.slug, page.name, page.status, page.created_at::text, page.tagline, page.logo_url,
      page.primary_color, page.status_reason, page.status_changed_at::text, page.deletion_due_at::text,
      page.signed_up_at::text,
      (extract(epoch from page.status_changed_at) * 1000000)::float8 as status_version, ${figuresOfPage()},
      coalesce((select jsonb_agg(admin order by admin.id) from (
        select u.id, u.name, u.email, u.status from ${users} u
        where u.tenant_id = page.id and u.role in ('admin', 'superadmin') order by u.id limit ${ADMINS_MAX}
      ) admin), '[]') as admins
    from page ${monthOfPage()}`);

const isoOrNull = (time: string | null) => (time === null ? null : isoTime(time));

/** Converts the result of {@link selectTenantDetail}; null when there is no such tenant. */
export function presentTenantDetail({ rows: [row] }: { rows: DetailRow[] }): StoredTenant | null {
  if (row === undefined) return null;
  const { tagline, logo_url, primary_color, ...rest } = row;
  return {
    ...rest,
    branding: { name: row.name, tagline, logo_url, primary_color },
    created_at: isoTime(row.created_at),
    status_changed_at: isoTime(row.status_changed_at),
    deletion_due_at: isoOrNull(row.deletion_due_at),
    signed_up_at: isoOrNull(row.signed_up_at),
  };
}

/** Returns one tenant. Superadmins only. */
export async function getTenant(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<StoredTenant, { code: TenantRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectTenantDetail(database, id),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [details, callers] = answer.value;
  if (!isSuperadminCaller(callers)) return fail({ code: 'forbidden' });
  const tenant = presentTenantDetail(details);
  return tenant === null ? fail({ code: 'not_found' }) : ok(tenant);
}

/** Returns the status of a tenant to its service; null when there is no such tenant. */
export async function getTenantStanding(database: Database, id: string): Promise<TenantStanding | null> {
  const answer = await runAsService(database, id, [
    database
      .select({
        id: tenants.id,
        status: tenants.status,
        status_version: sql<number>`(extract(epoch from ${tenants.status_changed_at}) * 1000000)::float8`,
      })
      .from(tenants)
      .where(eq(tenants.id, id)),
  ]);
  return answer.ok ? (answer.value[0][0] ?? null) : null;
}
