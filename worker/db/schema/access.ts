import { type SQL, sql } from 'drizzle-orm';
import { type AnyPgColumn, pgPolicy, pgRole } from 'drizzle-orm/pg-core';

/**
 * The vocabulary of the policies. Who a transaction acts for was set by `app.enter` from the database's own rows; each
 * function stands in a subselect, so Postgres evaluates it once per statement and not once per row.
 */

/** The role the Worker serves as: no superuser, no BYPASSRLS. Made in the first migration. */
const appWorker = pgRole('app_worker').existing();

/** Rows of the tenant the transaction is in. */
export const ofTenant = (tenantId: AnyPgColumn) => sql`${tenantId} = (select app.tenant_id())`;
/** Rows the platform owns and every tenant shares; still nothing outside a tenant context. */
export const ofPlatform = (tenantId: AnyPgColumn) =>
  sql`${tenantId} = (select app.platform_tenant_id()) and (select app.tenant_id()) is not null`;
/** Rows of the user whom the transaction is for. */
export const isOwnUser = (userId: AnyPgColumn) => sql`${userId} = (select app.user_id())`;
/** Whoever asks administers their tenant. */
export const isAdmin = sql`(select app.role()) = 'admin'`;
/** Whoever asks administers the platform, and every tenant. */
export const isSuperadmin = sql`(select app.role()) = 'superadmin'`;
/** The journal consumer and the snapshot loader: no person, one tenant. */
export const isService = sql`(select app.role()) = 'service'`;

/** One of the conditions, at least. */
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

/** Rows an administrator governs: those of their tenant, and everybody's to a superadmin. */
export const administered = (tenantId: AnyPgColumn) =>
  either(both(ofTenant(tenantId), isAdmin), isSuperadmin);

/** Who may read: the sentence is the policy's name in the catalog. */
export const mayRead = (sentence: string, using: SQL) =>
  pgPolicy(sentence, { for: 'select', to: appWorker, using });

/** Who may add a row, and what it must be. */
export const mayInsert = (sentence: string, withCheck: SQL) =>
  pgPolicy(sentence, { for: 'insert', to: appWorker, withCheck });

/** The row must be theirs before and after: an update cannot move it out of reach. */
export const mayUpdate = (sentence: string, condition: SQL) =>
  pgPolicy(sentence, { for: 'update', to: appWorker, using: condition, withCheck: condition });

/** Who may delete which rows. */
export const mayDelete = (sentence: string, using: SQL) =>
  pgPolicy(sentence, { for: 'delete', to: appWorker, using });
