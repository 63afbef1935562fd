import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Role } from '../../contracts/api/auth.ts';
import type { Database } from './client.ts';
import { levels } from './schema/tenancy.ts';
import { type apiKeys, users } from './schema/users.ts';

/** Who administers what, in SQL: decided from the role that `app.enter` has read in the same transaction. */

type Asker = { role: Role };
type Administrator = { role: 'admin' | 'superadmin' };

/** The role of whoever asks, as `app.enter` read it. */
export const selectCallerRole = (database: Database) =>
  database.execute<Asker>(sql`select app.role() as role`);

/** Whether whoever asks may administer their tenant, or, as a superadmin, every one. */
export const isAdminRole = (asker: Asker | undefined): asker is Administrator =>
  asker?.role === 'admin' || asker?.role === 'superadmin';

const callerIsSuperadmin = sql`(select app.role()) = 'superadmin'`;
/** The same in SQL, of the transaction's own role. */
export const callerIsAdmin = sql`(select app.role()) in ('admin', 'superadmin')`;

/**
 * The tenant in which to look for a row that is known by its id alone: the asker's own, or to a superadmin the row's.
 * Postgres answers it once per statement, so the row itself is found by the whole of its key.
 */
export const tenantOf = (rows: typeof users | typeof levels | typeof apiKeys, id: string): SQL =>
  sql`(select case when ${callerIsSuperadmin} then (
      select ${rows.tenant_id} from ${rows} where ${rows.id} = ${id} order by ${rows.tenant_id} = app.tenant_id() desc limit 1
    ) else app.tenant_id() end)`;

/** A user whom the asker administers: admins those of their tenant, superadmins everybody. Nobody's, to a plain user. */
export const callerMayReadUser = (userId: string): SQL | undefined =>
  and(eq(users.id, userId), sql`${users.tenant_id} = ${tenantOf(users, userId)}`, callerIsAdmin);

/** A user about whom the asker may decide: nobody but a superadmin touches a superadmin. */
export const callerMayChangeUser = (userId: string): SQL | undefined =>
  and(callerMayReadUser(userId), sql`(${users.role} <> 'superadmin' or ${callerIsSuperadmin})`);

/** The tenant of a level that the asker may see. */
export const tenantOfLevel = (levelId: string): SQL => tenantOf(levels, levelId);

/** A level whose policy the asker may set. */
export const callerMayChangeLevel = (levelId: string): SQL | undefined =>
  and(eq(levels.id, levelId), sql`${levels.tenant_id} = ${tenantOfLevel(levelId)}`, callerIsAdmin);
