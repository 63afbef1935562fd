import { type SQL, sql } from 'drizzle-orm';
import type { UsageGroup, UsageScope } from '../../../contracts/api/usage.ts';
import type { ManagementCaller, Principal } from '../context.ts';
import { dailyUsage, dailyUserUsage, hourlyUserUsage } from '../schema/usage.ts';
import { PLATFORM_TENANT_ID } from '../tenants/tenants.ts';

/** The rows that a report of usage adds up: those of the smallest table with the groups, as far as the caller sees them. */

export type UsageReader = Principal | ManagementCaller;
/** A period with filters, and the groups to tell apart. */
export type GroupedScope = UsageScope & { groups: readonly UsageGroup[] };

/** The groups of `daily_usage`. The other tables have all. */
const groupsOfAllUsers: readonly UsageGroup[] = ['day', 'model', 'provider', 'tenant'];

/** True if the sums of all users are enough. Pure. */
const isOfAllUsers = ({ groups, user_id, api_key_id, level_id }: GroupedScope): boolean =>
  groups.every((group) => groupsOfAllUsers.includes(group)) &&
  [user_id, api_key_id, level_id].every((id) => id === undefined);

/** True if a report across tenants would read the rows of every user. It must name a tenant. Pure. */
export const needsTenant = (scope: GroupedScope): boolean =>
  scope.tenant_id === undefined && !isOfAllUsers(scope);

const role = sql`(select app.role())`;
const HOUR_MS = 3_600_000;

/** The rows `u` of a period. One of 0 executions was corrected to nothing. */
const ofPeriod = ({ from, to, groups }: GroupedScope): SQL =>
  groups.includes('hour')
    ? sql`u.executions <> 0 and u.hour between ${Date.parse(from) / HOUR_MS}::integer and ${Date.parse(to) / HOUR_MS + 23}::integer`
    : sql`u.executions <> 0 and u.day between ${from}::date and ${to}::date`;

const filtered = ['user_id', 'api_key_id', 'provider_id', 'level_id', 'tenant_id'] as const;

/** The filters, each as a condition. */
const filtersOf = (scope: GroupedScope): SQL[] => [
  ...filtered.flatMap((name) =>
    scope[name] === undefined ? [] : [sql`u.${sql.identifier(name)} = ${scope[name]}::uuid`],
  ),
  ...(scope.model === undefined ? [] : [sql`u.model = ${scope.model}::text`]),
];

/**
 * `select <columns> from <table> u where ...`, joined by `union all`: a part for each kind of caller, of which Postgres reads the one that
 * the role asks for. Users read their own rows of the finer tables, and everybody else the sums of all users if these are enough. Only
 * superadmins, whose tenant is the platform, read other tenants.
 */
export function usageRows(reader: UsageReader, scope: GroupedScope, columns: SQL): SQL {
  const ofUsers = scope.groups.includes('hour') ? hourlyUserUsage : dailyUserUsage;
  const ofAll = isOfAllUsers(scope) ? dailyUsage : ofUsers;
  const part = (table: SQL, ...conditions: SQL[]) =>
    sql`select ${columns} from ${table} u where ${sql.join([...conditions, ofPeriod(scope), ...filtersOf(scope)], sql` and `)}`;
  const ownTenant = sql`u.tenant_id = ${reader.tenantId}::uuid`;
  const parts = [
    part(sql`${ofAll}`, sql`${role} in ('admin', 'management_key')`, ownTenant),
    part(sql`${ofUsers}`, sql`${role} = 'user'`, ownTenant, sql`u.user_id = (select app.user_id())`),
    ...(reader.tenantId === PLATFORM_TENANT_ID && !needsTenant(scope)
      ? [part(sql`${ofAll}`, sql`${role} = 'superadmin'`)]
      : []),
  ];
  return sql.join(parts, sql` union all `);
}
