import { type SQL, sql } from 'drizzle-orm';
import {
  groupsOf,
  timeOf,
  type UsageGroup,
  type UsageItem,
  type UsageReportFilter,
  type UsageReportQuery,
  type UsageScope,
  type UsageSummary,
} from '../../../contracts/api/usage.ts';
import { DAY_MS, dayAt } from '../../../contracts/days.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage } from '../paging.ts';
import { aiProviders } from '../schema/catalog.ts';
import { levels, tenants } from '../schema/tenancy.ts';
import { apiKeys, users } from '../schema/users.ts';
import { type FiguresRow, figureColumns, figures, presentFigures, summed } from './usage-figures.ts';
import { type GroupedScope, needsTenant, type UsageReader, usageRows } from './usage-source.ts';

/** Usage by groups, from sums that equal the ledger. Row security and the role decide what a caller sees. */

/** `forbidden`: only superadmins see tenants. `needs_tenant`: the report across tenants would read the rows of every user. */
export type UsageRefusal = EnterRefusal | 'forbidden' | 'needs_tenant';
type UsageResult<Value> = Promise<Result<Value, { code: UsageRefusal }>>;

/** The key of each group. Zeros for no key, provider or level. */
const keys: Record<UsageGroup, SQL> = {
  day: sql`u.day`,
  hour: sql`u.hour`,
  model: sql`u.model`,
  user: sql`u.user_id`,
  key: sql`u.api_key_id`,
  provider: sql`u.provider_id`,
  level: sql`u.level_id`,
  tenant: sql`u.tenant_id`,
};

const NONE_ID = '00000000-0000-0000-0000-000000000000';

/** The object that an item has for the key of a group, in a row of `page`. `tenant` is the tenant whose rows are read. */
function nameOf(group: UsageGroup, key: SQL, tenant: SQL): SQL {
  const named = (name: SQL) => sql`jsonb_build_object('id', ${key}, 'name', ${name})`;
  const inTenant = sql`n.tenant_id = ${tenant} and n.id = ${key}::uuid`;
  switch (group) {
    case 'user':
      return sql`(select jsonb_build_object('id', n.id, 'name', n.name, 'email', n.email) from ${users} n where ${inTenant})`;
    case 'key':
      return named(sql`(select n.name from ${apiKeys} n where ${inTenant})`);
    case 'level':
      return named(sql`(select n.name from ${levels} n where ${inTenant})`);
    case 'provider':
      // Only administrators read providers. Everybody else gets the name of the last call, as on a receipt.
      return named(
        sql`coalesce((select n.name from ${aiProviders} n where n.id = ${key}::uuid limit 1), nullif(page.provider_name, ''))`,
      );
    case 'tenant':
      return sql`(select jsonb_build_object('id', n.id, 'slug', n.slug, 'name', n.name, 'status', n.status)
        from ${tenants} n where n.id = ${key}::uuid)`;
    default:
      return sql`null::jsonb`;
  }
}

const asList = (parts: SQL[]): SQL => sql.join(parts, sql`, `);

/** The column of a group's key, by the place of the group. */
const keyColumn = (at: number): SQL => sql`${sql.identifier(`key_${at}`)}`;

/** The order of items: a number, then a hash of the keys, which fits any cursor. */
function positionOf({ group_by, sort }: UsageReportFilter): SQL {
  const unit = timeOf(group_by);
  if (unit === null || (sort !== undefined && sort !== 'time'))
    return sql`coalesce(${sql.identifier(sort ?? 'wallet_tokens')}, 0)`;
  const key = keyColumn(groupsOf(group_by).indexOf(unit));
  return unit === 'hour' ? sql`${key}::float8` : sql`(${key}::date - date '1970-01-01')::float8`;
}

const cursorShape = /^-?\d{1,16}:[0-9a-f]{32}$/;

type Item = FiguresRow & { keys: string[]; names: unknown[]; position: number; hash: string };
type ItemRow = Item & Record<string, unknown>;

/** Selects the items of a report after a position, in its order. */
function selectItems(
  database: Database,
  reader: UsageReader,
  filter: UsageReportFilter,
  { after, limit }: { after: string | null; limit: number },
) {
  const groups = groupsOf(filter.group_by);
  const direction = filter.order === 'asc' ? sql`asc` : sql`desc`;
  const beyond = filter.order === 'asc' ? sql`>` : sql`<`;
  const [value, hash] = after?.split(':') ?? [];
  const isLater =
    value === undefined ? sql`true` : sql`(position, hash) ${beyond} (${value}::float8, ${hash}::text)`;
  const byKey = asList(groups.map((_, at) => keyColumn(at)));
  const columns = sql`${asList(groups.map((group, at) => sql`${keys[group]} as ${keyColumn(at)}`))}, ${summed}`;
  const tenant = sql`${filter.tenant_id ?? reader.tenantId}::uuid`;
  const names = asList(groups.map((group, at) => nameOf(group, sql`page.${keyColumn(at)}`, tenant)));
  return database.execute<ItemRow>(sql`
    with grouped as (
      select ${asList(groups.map((_, at) => sql`u.${keyColumn(at)}::text as ${keyColumn(at)}`))},
        max(u.provider_name) as provider_name, ${figures}
      from (${usageRows(reader, { ...filter, groups }, columns)}) u
      group by ${asList(groups.map((_, at) => sql`u.${keyColumn(at)}`))}
    ), page as (
      select * from (select *, ${positionOf(filter)} as position, md5(concat_ws(' ', ${byKey})) as hash from grouped) placed
      where ${isLater} order by position ${direction}, hash ${direction} limit ${limit}
    )
    select position, hash, jsonb_build_array(${byKey}) as keys, jsonb_build_array(${names}) as names, ${figureColumns}
    from page order by position ${direction}, hash ${direction}`);
}

const NO_GROUP = {
  ...{ day: null, hour: null, model: null, user: null },
  ...{ api_key: null, provider: null, level: null, tenant: null },
};

/** Returns the field of an item that tells its group. Pure. */
function groupOf(group: UsageGroup, key: string, name: unknown): Partial<UsageItem> {
  if (group === 'day') return { day: key };
  if (group === 'hour') return { hour: new Date(Number(key) * 3_600_000).toISOString() };
  if (group === 'model') return { model: key === '' ? null : key };
  return { [group === 'key' ? 'api_key' : group]: key === NONE_ID ? null : name };
}

/** Returns a row as an item. Pure. */
const presentItem =
  (groups: readonly UsageGroup[]) =>
  ({ keys: ofGroups, names, position: _p, hash: _h, ...row }: Item): UsageItem =>
    Object.assign(
      { ...NO_GROUP, ...presentFigures(row) },
      ...groups.map((group, at) => groupOf(group, ofGroups[at] ?? '', names[at])),
    );

/** Returns the refusal of a report that the caller may not read, or null. Pure. */
function refusalOf(
  role: string | undefined,
  reader: UsageReader,
  scope: GroupedScope,
): 'forbidden' | 'needs_tenant' | null {
  if (role === 'superadmin') return needsTenant(scope) ? 'needs_tenant' : null;
  const isOfTenants =
    scope.groups.includes('tenant') || (scope.tenant_id ?? reader.tenantId) !== reader.tenantId;
  return isOfTenants ? 'forbidden' : null;
}

async function readItems(
  database: Database,
  reader: UsageReader,
  filter: UsageReportFilter,
  page: { after: string | null; limit: number },
): UsageResult<Item[]> {
  const answer = await runAsUser(database, reader, [
    selectItems(database, reader, filter, page),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [{ rows }, { rows: callers }] = answer.value;
  const scope = { ...filter, groups: groupsOf(filter.group_by) };
  const code = refusalOf(callers[0]?.role, reader, scope);
  return code === null ? ok(rows) : fail({ code });
}

/** Lists usage by one or two groups, a page of it. */
export async function listUsageItems(
  database: Database,
  reader: UsageReader,
  { cursor, limit, ...filter }: UsageReportQuery,
): Promise<Result<Page<UsageItem>, { code: UsageRefusal | InvalidCursor }>> {
  const start = startOfPage({ cursor, limit }, cursorShape);
  if (!start.ok) return start;
  const rows = await readItems(database, reader, filter, { after: start.value, limit: limit + 1 });
  if (!rows.ok) return rows;
  const { items, next_cursor } = pageOfRows(rows.value, limit, ({ position, hash }) => `${position}:${hash}`);
  return ok({ items: items.map(presentItem(groupsOf(filter.group_by))), next_cursor });
}

/** Returns the first items of a report, at most `limit`. */
export async function readUsageItems(
  database: Database,
  reader: UsageReader,
  filter: UsageReportFilter,
  limit: number,
): UsageResult<UsageItem[]> {
  const rows = await readItems(database, reader, filter, { after: null, limit });
  return rows.ok ? ok(rows.value.map(presentItem(groupsOf(filter.group_by)))) : rows;
}

/** Returns the period of the same length before a period. Pure. */
export function periodBefore({ from, to }: { from: string; to: string }): { from: string; to: string } {
  const length_ms = Date.parse(to) - Date.parse(from) + DAY_MS;
  return { from: dayAt(Date.parse(from) - length_ms), to: dayAt(Date.parse(from) - DAY_MS) };
}

/** Returns the figures of a period and of the one before it. */
export async function readUsageSummary(
  database: Database,
  reader: UsageReader,
  scope: UsageScope,
): UsageResult<UsageSummary> {
  const before = periodBefore(scope);
  const both = { ...scope, from: before.from, groups: [] };
  const totals = (condition: SQL) =>
    database.execute<FiguresRow & Record<string, unknown>>(sql`
      with totals as (
        select ${figures} from (${usageRows(reader, both, sql`u.day, ${summed}`)}) u where ${condition}
      )
      select ${figureColumns} from totals`);
  const answer = await runAsUser(database, reader, [
    totals(sql`u.day >= ${scope.from}::date`),
    totals(sql`u.day < ${scope.from}::date`),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [{ rows: now }, { rows: earlier }, { rows: callers }] = answer.value;
  const code = refusalOf(callers[0]?.role, reader, both);
  if (code !== null) return fail({ code });
  if (now[0] === undefined || earlier[0] === undefined) throw new Error('Sums have a row');
  const { from, to } = scope;
  return ok({
    ...{ from, to, totals: presentFigures(now[0]) },
    previous: { ...before, totals: presentFigures(earlier[0]) },
  });
}
