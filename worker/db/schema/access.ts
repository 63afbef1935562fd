import { type SQL, sql } from 'drizzle-orm';
import { type AnyPgColumn, pgPolicy, pgRole } from 'drizzle-orm/pg-core';
import type { ManagementKeyScope } from '../../../contracts/api/tenant/management-keys.ts';

/**
 * The conditions of row-security policies. `app.enter` sets the caller of a transaction from the database's own rows. Each
 * function stands in a subselect, so Postgres evaluates it once per statement instead of once per row.
 */

/** The Worker's role, without superuser and BYPASSRLS. Created in the first migration. */
const appWorker = pgRole('app_worker').existing();

/** Rows of the transaction's tenant. */
export const ofTenant = (tenantId: AnyPgColumn) => sql`${tenantId} = (select app.tenant_id())`;
/** Rows of the platform, shared with every tenant; hidden outside a tenant context. */
export const ofPlatform = (tenantId: AnyPgColumn) =>
  sql`${tenantId} = (select app.platform_tenant_id()) and (select app.tenant_id()) is not null`;
/** Rows of the transaction's user. */
export const isOwnUser = (userId: AnyPgColumn) => sql`${userId} = (select app.user_id())`;
/** The caller is an admin of their tenant. */
export const isAdmin = sql`(select app.role()) = 'admin'`;
/** The caller is a superadmin, who administers every tenant. */
export const isSuperadmin = sql`(select app.role()) = 'superadmin'`;
/** The caller is the service of a tenant: queue consumers, registration, snapshots. */
export const isService = sql`(select app.role()) = 'service'`;

/** The caller is a superadmin inside the tenant, with an admin's rights. */
export const isActing = sql`(select app.acting_session_id()) is not null`;

/** At least one of the conditions. */
export const either = (...conditions: SQL[]) =>
  sql.join(
    conditions.map((condition) => sql`(${condition})`),
    sql` or `,
  );
/** All of the conditions. */
export const both = (...conditions: SQL[]) =>
  sql.join(
    conditions.map((condition) => sql`(${condition})`),
    sql` and `,
  );

/** The caller is an admin or the service of their tenant. */
export const isAdminOrService = sql`(select app.role()) in ('admin', 'service')`;

/**
 * Rows that meet a condition; every row for a superadmin. A `case`, which Postgres takes to keep half of the rows. With an `or`
 * it expects a condition to keep a thousandth of the rows that the same condition in the query has found, plans for a handful,
 * and reads all rows of a tenant to list a page.
 */
export const orSuperadmin = (condition: SQL) =>
  sql`case when ${isSuperadmin} then true else ${condition} end`;

/** The caller is a management key of its tenant. */
export const isManagementKey = sql`(select app.role()) = 'management_key'`;

/** The caller is a management key with a scope. */
export const hasScope = (scope: ManagementKeyScope) => sql`(select app.has_scope(${sql.raw(`'${scope}'`)}))`;

/**
 * Rows of the caller's user, of the caller's tenant for its admins, its service and the management keys that meet a condition, and all
 * rows for superadmins.
 */
export const ownOrAdministered = (tenantId: AnyPgColumn, userId: AnyPgColumn, ...keys: SQL[]) =>
  orSuperadmin(both(ofTenant(tenantId), either(isOwnUser(userId), isAdminOrService, ...keys)));

/** Rows the caller administers: an admin those of their tenant, a superadmin all. */
export const administered = (tenantId: AnyPgColumn) =>
  either(both(ofTenant(tenantId), isAdmin), isSuperadmin);

/** Allows reading rows. The sentence is the policy's name in the catalog. */
export const mayRead = (sentence: string, using: SQL) =>
  pgPolicy(sentence, { for: 'select', to: appWorker, using });

/** Allows inserting rows that match a condition. */
export const mayInsert = (sentence: string, withCheck: SQL) =>
  pgPolicy(sentence, { for: 'insert', to: appWorker, withCheck });

/**
 * Allows updating rows that match a condition before and after, so an update cannot move a row out of it. `after` is a condition of
 * its own for the updated row.
 */
export const mayUpdate = (sentence: string, condition: SQL, after = condition) =>
  pgPolicy(sentence, { for: 'update', to: appWorker, using: condition, withCheck: after });

/** Allows deleting rows. */
export const mayDelete = (sentence: string, using: SQL) =>
  pgPolicy(sentence, { for: 'delete', to: appWorker, using });
