import { type SQL, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type {
  OverviewQuery,
  PlatformDay,
  PlatformFigures,
  PlatformUsage,
  ReportedTenant,
  UsageFilter,
  UsageQuery,
} from '../../../contracts/api/platform/platform.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage } from '../paging.ts';
import { tenants } from '../schema/tenancy.ts';
import { dailyUsage } from '../schema/usage.ts';
import { isSuperadminCaller } from '../tenants/tenants.ts';

/** Usage across tenants, from sums by day. Superadmins only. */

export type PlatformRefusal = EnterRefusal | 'forbidden';

/**
 * The figures of rows of `daily_usage`. The platform pays for its own keys only, and its own tenant pays it nothing.
 */
const figures = sql`sum(u.executions)::float8 as executions, sum(u.failed_executions)::float8 as failed_executions,
  coalesce(sum(u.executions) filter (where u.key_owner = 'tenant'), 0)::float8 as own_key_executions,
  sum(u.input_tokens)::float8 as input_tokens, sum(u.output_tokens)::float8 as output_tokens,
  sum(u.tokens_charged)::float8 as tokens_charged,
  coalesce(sum(u.cost_micro_usd) filter (where u.key_owner = 'platform'), 0)::float8 as cost_micro_usd,
  coalesce(sum(u.wholesale_micro_usd) filter (where u.tenant_id <> app.platform_tenant_id()), 0)::float8 as revenue_micro_usd,
  (coalesce(sum(u.wholesale_micro_usd) filter (where u.tenant_id <> app.platform_tenant_id()), 0)
    - coalesce(sum(u.cost_micro_usd) filter (where u.key_owner = 'platform'), 0))::float8 as margin_micro_usd`;

/** `from daily_usage u where ...`: the rows of a period, of one tenant or of all. A row of 0 executions was corrected to nothing. */
const ofPeriod = ({ from, to, tenant_id }: Pick<UsageFilter, 'from' | 'to' | 'tenant_id'>): SQL =>
  sql`from ${dailyUsage} u where u.day between ${from}::date and ${to}::date and u.executions <> 0
    ${tenant_id === undefined ? sql`` : sql`and u.tenant_id = ${tenant_id}::uuid`}`;

type DayRow = PlatformDay & Record<string, unknown>;

/** Returns the figures of each day with executions, oldest first. */
export async function readDays(
  database: Database,
  claims: SessionClaims,
  period: OverviewQuery,
): Promise<Result<PlatformDay[], { code: PlatformRefusal }>> {
  const answer = await runAsUser(database, claims, [
    database.execute<DayRow>(
      sql`select u.day::text as day, ${figures} ${ofPeriod(period)} group by u.day order by u.day`,
    ),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [{ rows }, callers] = answer.value;
  return isSuperadminCaller(callers) ? ok(rows) : fail({ code: 'forbidden' });
}

/** The column by which usage is grouped. */
const groups = { tenant: sql`u.tenant_id`, model: sql`u.model`, day: sql`u.day` };

/** The order of items: a number, then a hash of the group, which fits any cursor. */
const positionOf = ({ group_by, sort }: UsageFilter): SQL => {
  const figure = sort ?? (group_by === 'day' ? 'day' : 'revenue_micro_usd');
  return figure === 'day'
    ? sql`(grouped.key::date - date '1970-01-01')::float8`
    : sql`grouped.${sql.identifier(figure)}`;
};

const cursorShape = /^-?\d{1,16}:[0-9a-f]{32}$/;

type UsageRow = PlatformFigures & {
  key: string;
  position: number;
  hash: string;
  tenant: ReportedTenant | null;
} & Record<string, unknown>;

/** Selects the items of a report after a position, in its order. Without a limit, all of them. */
function selectUsage(database: Database, filter: UsageFilter, after: string | null, limit: number | null) {
  const direction = filter.order === 'asc' ? sql`asc` : sql`desc`;
  const beyond = filter.order === 'asc' ? sql`>` : sql`<`;
  const [value, hash] = after?.split(':') ?? [];
  const isLater =
    value === undefined ? sql`true` : sql`(position, hash) ${beyond} (${value}::float8, ${hash}::text)`;
  return database.execute<UsageRow>(sql`
    with grouped as (
      select ${groups[filter.group_by]}::text as key, ${figures} ${ofPeriod(filter)} group by ${groups[filter.group_by]}
    ), page as (
      select * from (select *, ${positionOf(filter)} as position, md5(key) as hash from grouped) placed
      where ${isLater} order by position ${direction}, hash ${direction} ${limit === null ? sql`` : sql`limit ${limit}`}
    )
    select page.*, ${
      filter.group_by === 'tenant'
        ? sql`(select jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'status', t.status)
            from ${tenants} t where t.id = page.key::uuid)`
        : sql`null::jsonb`
    } as tenant
    from page order by position ${direction}, hash ${direction}`);
}

const presentUsage =
  ({ group_by }: Pick<UsageFilter, 'group_by'>) =>
  ({ key, position: _p, hash: _h, tenant, ...row }: UsageRow): PlatformUsage => ({
    tenant,
    model: group_by === 'model' && key !== '' ? key : null,
    day: group_by === 'day' ? key : null,
    ...row,
  });

async function readUsage(
  database: Database,
  claims: SessionClaims,
  filter: UsageFilter,
  { after, limit }: { after: string | null; limit: number | null },
): Promise<Result<UsageRow[], { code: PlatformRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectUsage(database, filter, after, limit),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [{ rows }, callers] = answer.value;
  return isSuperadminCaller(callers) ? ok(rows) : fail({ code: 'forbidden' });
}

/** Lists usage by tenant, model or day, a page of it. */
export async function listUsage(
  database: Database,
  claims: SessionClaims,
  { cursor, limit, ...filter }: UsageQuery,
): Promise<Result<Page<PlatformUsage>, { code: PlatformRefusal | InvalidCursor }>> {
  const start = startOfPage({ cursor, limit }, cursorShape);
  if (!start.ok) return start;
  const rows = await readUsage(database, claims, filter, { after: start.value, limit: limit + 1 });
  if (!rows.ok) return rows;
  const { items, next_cursor } = pageOfRows(rows.value, limit, ({ position, hash }) => `${position}:${hash}`);
  return ok({ items: items.map(presentUsage(filter)), next_cursor });
}

/** Returns all usage by tenant, model or day. There are as many items as tenants, models or days. */
export async function readAllUsage(
  database: Database,
  claims: SessionClaims,
  filter: UsageFilter,
): Promise<Result<PlatformUsage[], { code: PlatformRefusal }>> {
  const rows = await readUsage(database, claims, filter, { after: null, limit: null });
  return rows.ok ? ok(rows.value.map(presentUsage(filter))) : rows;
}
