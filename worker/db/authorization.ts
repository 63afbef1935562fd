import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Role } from '../../contracts/api/account/auth.ts';
import type { SelfMadeChangesOffBy } from '../../contracts/api/tenant/policies.ts';
import type { Database } from './client.ts';
import type { invitations } from './schema/invitations.ts';
import { levels } from './schema/tenancy.ts';
import { type apiKeys, users } from './schema/users.ts';

/** Authorization in SQL, based on the role that `app.enter` read in the same transaction. */

type Caller = { role: Role | 'management_key' };
type AdminCaller = { role: 'admin' | 'superadmin' };
type GoverningCaller = { role: AdminCaller['role'] | 'management_key' };

/** Selects the caller's role. */
export const selectCallerRole = (database: Database) =>
  database.execute<Caller>(sql`select app.role() as role`);

/** Selects whether the caller may correct wallets: a management key needs the scope. */
export const selectMayCorrectWallets = (database: Database) =>
  database.execute<{ may_correct: boolean }>(
    sql`select app.role() in ('admin', 'superadmin') or app.has_scope('wallets:write') as may_correct`,
  );

/** True when the caller administers their tenant or, as a superadmin, every tenant. */
export const isAdminRole = (caller: Caller | undefined): caller is AdminCaller =>
  caller?.role === 'admin' || caller?.role === 'superadmin';

/** True for an admin of the tenant itself, and not for the platform's superadmins. */
export const isTenantAdmin = (caller: Caller | undefined): boolean => caller?.role === 'admin';

/** True when the caller governs users: an administrator, or a management key, whose rights the policies limit. */
export const governsUsers = (caller: Caller | undefined): caller is GoverningCaller =>
  isAdminRole(caller) || caller?.role === 'management_key';

/** The caller governs users. */
const callerGovernsUsers = sql`(select app.role()) in ('admin', 'superadmin', 'management_key')`;

/** The caller is a superadmin. */
export const callerIsSuperadmin = sql`(select app.role()) = 'superadmin'`;
/** The caller is an admin or a superadmin. */
export const callerIsAdmin = sql`(select app.role()) in ('admin', 'superadmin')`;

/**
 * The tenant in which to look up a row by its ID: the caller's or, for a superadmin, the row's. Postgres evaluates it once per
 * statement, so the row is found by its whole primary key.
 */
export const tenantOfRow = (
  rows: typeof users | typeof levels | typeof apiKeys | typeof invitations,
  id: string,
): SQL =>
  sql`(select case when ${callerIsSuperadmin} then (
      select ${rows.tenant_id} from ${rows} where ${rows.id} = ${id} order by ${rows.tenant_id} = app.tenant_id() desc limit 1
    ) else app.tenant_id() end)`;

/** A user the caller governs: admins and management keys those of their tenant, superadmins every user, plain users nobody. */
export const callerMayReadUser = (userId: string): SQL | undefined =>
  and(eq(users.id, userId), sql`${users.tenant_id} = ${tenantOfRow(users, userId)}`, callerGovernsUsers);

/** A user the caller may change. Only superadmins may change a superadmin, and management keys change plain users only. */
export const callerMayChangeUser = (userId: string): SQL | undefined =>
  and(
    callerMayReadUser(userId),
    sql`(${users.role} <> 'superadmin' or ${callerIsSuperadmin})`,
    sql`((select app.role()) <> 'management_key' or (${users.role} = 'user' and (select app.has_scope('users:write'))))`,
  );

/** The row is the caller's own user. */
export const isCallersUser = sql`(${users.tenant_id} = app.tenant_id() and ${users.id} = app.user_id())`;

/** The caller is on the level of the row. */
export const callerIsOnLevel = sql`exists (select from ${users}
  where ${isCallersUser} and ${users.tenant_id} = ${levels.tenant_id} and ${users.level_id} = ${levels.id})`;

/** Selects who turned off that the caller changes the wallet and the policy of this user. Null if the caller can. */
export const selectSelfMadeChangesOffBy = (database: Database, userId: string) =>
  database.execute<{ off_by: SelfMadeChangesOffBy | null }>(
    sql`select app.self_made_changes_off_by(${userId}) as off_by`,
  );

/** A level the caller may change. */
export const callerMayChangeLevel = (levelId: string): SQL | undefined =>
  and(eq(levels.id, levelId), sql`${levels.tenant_id} = ${tenantOfRow(levels, levelId)}`, callerIsAdmin);
