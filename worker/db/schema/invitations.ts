import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  both,
  either,
  isActing,
  isAdmin,
  isOwnUser,
  isService,
  isSuperadmin,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  orSuperadmin,
} from './access.ts';
import { bytea, createdAt } from './columns.ts';
import { levels, tenants } from './tenancy.ts';
import { users } from './users.ts';

/**
 * Invitations. Whoever has the link makes the account it describes, once. Only the hash of its token is stored, which the
 * Worker's role cannot read: `app.find_invitation` and `app.accept_invitation` compare it.
 */
export const invitations = pgTable(
  'invitations',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    id: uuid('id').notNull(),
    email: text('email').notNull(),
    role: text('role', { enum: ['user', 'admin', 'superadmin'] }).notNull(),
    /** Null means the level that is the default when the invitation is accepted. */
    level_id: uuid('level_id'),
    token_hash: bytea('token_hash').notNull(),
    /** Null when somebody outside the tenant invited: a superadmin or the operator. */
    invited_by: uuid('invited_by'),
    /** The link was mailed to `email`, so whoever accepts receives mail there. */
    is_mailed: boolean('is_mailed').notNull().default(false),
    expires_at: timestamp('expires_at', { withTimezone: true, mode: 'string' }).notNull(),
    accepted_at: timestamp('accepted_at', { withTimezone: true, mode: 'string' }),
    revoked_at: timestamp('revoked_at', { withTimezone: true, mode: 'string' }),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({ columns: [t.tenant_id, t.level_id], foreignColumns: [levels.tenant_id, levels.id] }),
    foreignKey({ columns: [t.tenant_id, t.invited_by], foreignColumns: [users.tenant_id, users.id] }),
    unique('invitations_token_once_per_tenant').on(t.tenant_id, t.token_hash),
    index('invitations_by_email').on(t.tenant_id, t.email),
    check('invitations_email_is_lower_case', sql`${t.email} = lower(${t.email})`),
    check('invitations_role_is_known', sql`${t.role} in ('user', 'admin', 'superadmin')`),
    check(
      'invitations_superadmins_belong_to_the_platform',
      sql`${t.role} <> 'superadmin' or ${t.tenant_id} = app.platform_tenant_id()`,
    ),
    check('invitations_end_once', sql`num_nonnulls(${t.accepted_at}, ${t.revoked_at}) <= 1`),
    mayRead('Admins see the invitations of their tenant', orSuperadmin(both(ofTenant(t.tenant_id), isAdmin))),
    mayInsert(
      'Admins invite to their tenant, superadmins to every tenant',
      either(
        both(ofTenant(t.tenant_id), isAdmin, sql`${t.role} <> 'superadmin'`, isOwnUser(t.invited_by)),
        isSuperadmin,
      ),
    ),
    mayInsert(
      'Superadmins inside a tenant invite to it as the platform',
      both(ofTenant(t.tenant_id), isActing, sql`${t.role} <> 'superadmin'`, sql`${t.invited_by} is null`),
    ),
    mayInsert(
      'A sign-up invites the first admin of its tenant',
      both(
        ofTenant(t.tenant_id),
        isService,
        sql`${t.role} = 'admin' and ${t.invited_by} is null`,
        sql`not exists (select from users where users.tenant_id = ${t.tenant_id})`,
      ),
    ),
    mayUpdate(
      'Admins revoke invitations of their tenant, superadmins all',
      either(both(ofTenant(t.tenant_id), isAdmin, sql`${t.role} <> 'superadmin'`), isSuperadmin),
    ),
  ],
);
