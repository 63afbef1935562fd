import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  administered,
  both,
  either,
  hasScope,
  isAdmin,
  isManagementKey,
  isOwnUser,
  isService,
  isSuperadmin,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  orSuperadmin,
  ownOrAdministered,
} from './access.ts';
import { amount, amountsInRange, bytea, createdAt, updatedAt } from './columns.ts';
import { levels, tenants } from './tenancy.ts';

/** Users. The Worker's role cannot read password_hash; `app.find_login` returns it for one login at a time. */
export const users = pgTable(
  'users',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    email: text('email').notNull(),
    name: text('name'),
    password_hash: text('password_hash').notNull(),
    /** False while the account is used through identity providers alone: its hash is `-`, which no password matches. */
    has_password: boolean('has_password').notNull().generatedAlwaysAs(sql`password_hash <> '-'`),
    role: text('role', { enum: ['user', 'admin', 'superadmin'] })
      .notNull()
      .default('user'),
    status: text('status', { enum: ['active', 'disabled'] })
      .notNull()
      .default('active'),
    /** The time of the last change of the status, maintained by a trigger. Wallets keep the newest status. */
    status_changed_at: timestamp('status_changed_at', { withTimezone: true, mode: 'string' })
      .notNull()
      .defaultNow(),
    level_id: uuid('level_id').notNull(),
    /** The time at which the user proved that they receive mail at `email`. */
    email_verified_at: timestamp('email_verified_at', { withTimezone: true, mode: 'string' }),
    /** The event that the allocation waits for. Until then the wallet is granted nothing. Null for nothing. */
    allocation_awaits: text('allocation_awaits', { enum: ['verification', 'approval'] }),
    /** Sessions issued up to this second are revoked. */
    signed_out_at: timestamp('signed_out_at', { withTimezone: true, mode: 'string' }),
    /** The time of the last change of the level or of `allocation_awaits`, or the epoch. Part of the policy's version. Maintained by a trigger. */
    policy_changed_at: timestamp('policy_changed_at', { withTimezone: true, mode: 'string' })
      .notNull()
      .default(sql`'epoch'`),
    /** The time at which the user closed the account. It stays disabled, without personal data. */
    closed_at: timestamp('closed_at', { withTimezone: true, mode: 'string' }),
    /** Hashes of a closed account's address and identities, for 400 days. The Worker's role cannot read them. */
    closed_hashes: bytea('closed_hashes').array(),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({ columns: [t.tenant_id, t.level_id], foreignColumns: [levels.tenant_id, levels.id] }),
    uniqueIndex('users_email_once_per_tenant').on(t.tenant_id, t.email),
    index('users_by_level').on(t.tenant_id, t.level_id, t.id),
    index('users_closed').on(t.tenant_id, t.closed_at).where(sql`closed_at is not null`),
    check('users_email_is_lower_case', sql`${t.email} = lower(${t.email})`),
    check('users_role_is_known', sql`${t.role} in ('user', 'admin', 'superadmin')`),
    check('users_allocation_awaits_is_known', sql`${t.allocation_awaits} in ('verification', 'approval')`),
    check('users_closed_are_disabled', sql`${t.closed_at} is null or ${t.status} = 'disabled'`),
    check('users_status_is_known', sql`${t.status} in ('active', 'disabled')`),
    check(
      'users_superadmins_belong_to_the_platform',
      sql`${t.role} <> 'superadmin' or ${t.tenant_id} = app.platform_tenant_id()`,
    ),
    mayRead(
      'Users see themselves, admins their tenant',
      ownOrAdministered(t.tenant_id, t.id, isManagementKey),
    ),
    mayInsert(
      'Registration makes plain users of its tenant',
      both(ofTenant(t.tenant_id), isService, sql`${t.role} = 'user'`),
    ),
    mayInsert(
      'Management keys make plain users of their tenant',
      both(ofTenant(t.tenant_id), hasScope('users:write'), sql`${t.role} = 'user'`),
    ),
    mayUpdate(
      'Management keys change plain users of their tenant',
      both(ofTenant(t.tenant_id), hasScope('users:write'), sql`${t.role} = 'user'`),
    ),
    mayUpdate('Users change their own row where granted', both(ofTenant(t.tenant_id), isOwnUser(t.id))),
    mayUpdate(
      'Admins govern the users of their tenant, superadmins everybody',
      either(both(ofTenant(t.tenant_id), isAdmin, sql`${t.role} <> 'superadmin'`), isSuperadmin),
    ),
  ],
);

/**
 * API keys. Only hashes are stored; the prefix identifies a key to people. The previous secret of a rotated key works until
 * `previous_valid_until`.
 */
export const apiKeys = pgTable(
  'api_keys',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    user_id: uuid('user_id').notNull(),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    key_hash: bytea('key_hash').notNull().unique(),
    previous_key_hash: bytea('previous_key_hash').unique(),
    previous_valid_until: timestamp('previous_valid_until', { withTimezone: true, mode: 'string' }),
    scopes: text('scopes').array().notNull().default([]),
    /** Public model names; null allows those of the user's level. */
    allowed_models: text('allowed_models').array(),
    requests_per_minute: integer('requests_per_minute'),
    /** Wallet tokens. */
    tokens_per_minute: amount('tokens_per_minute'),
    /** Wallet tokens. */
    monthly_budget_tokens: amount('monthly_budget_tokens'),
    /** The time of the last change of the limits, maintained by a trigger. Wallets keep the newest limits. */
    limits_changed_at: timestamp('limits_changed_at', { withTimezone: true, mode: 'string' })
      .notNull()
      .defaultNow(),
    expires_at: timestamp('expires_at', { withTimezone: true, mode: 'string' }),
    revoked_at: timestamp('revoked_at', { withTimezone: true, mode: 'string' }),
    last_used_at: timestamp('last_used_at', { withTimezone: true, mode: 'string' }),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    uniqueIndex('api_keys_name_once_per_user')
      .on(t.tenant_id, t.user_id, t.name)
      .where(sql`revoked_at is null`),
    index('api_keys_by_user').on(t.tenant_id, t.user_id, t.id),
    check('api_keys_requests_per_minute_are_sane', sql`${t.requests_per_minute} between 1 and 1000000`),
    check(
      'api_keys_previous_secret_ends',
      sql`(${t.previous_key_hash} is null) = (${t.previous_valid_until} is null)`,
    ),
    amountsInRange('api_keys_amounts_in_range', t.tokens_per_minute, t.monthly_budget_tokens),
    mayRead("Users see their own keys, admins their tenant's", ownOrAdministered(t.tenant_id, t.user_id)),
    mayInsert('Users make keys for themselves', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayUpdate(
      "Users change their own keys, admins their tenant's",
      either(both(ofTenant(t.tenant_id), either(isOwnUser(t.user_id), isAdmin)), isSuperadmin),
    ),
    mayUpdate('The service notes when a key was used', both(ofTenant(t.tenant_id), isService)),
  ],
);

/** Sessions of superadmins inside tenants. While one lasts, its superadmin acts with the rights of an admin of the tenant. */
export const actingSessions = pgTable(
  'acting_sessions',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    id: uuid('id').notNull(),
    /** Superadmins belong to the platform. */
    superadmin_tenant_id: uuid('superadmin_tenant_id').notNull().default(sql`app.platform_tenant_id()`),
    superadmin_id: uuid('superadmin_id').notNull(),
    reason: text('reason').notNull(),
    started_at: timestamp('started_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
    expires_at: timestamp('expires_at', { withTimezone: true, mode: 'string' }).notNull(),
    ended_at: timestamp('ended_at', { withTimezone: true, mode: 'string' }),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({
      name: 'acting_sessions_of_a_superadmin',
      columns: [t.superadmin_tenant_id, t.superadmin_id],
      foreignColumns: [users.tenant_id, users.id],
    }),
    check(
      'acting_sessions_are_of_the_platform',
      sql`${t.superadmin_tenant_id} = app.platform_tenant_id() and ${t.tenant_id} <> app.platform_tenant_id()`,
    ),
    check('acting_sessions_are_short', sql`${t.expires_at} <= ${t.started_at} + interval '15 minutes'`),
    mayRead('Admins see who from the platform was in their tenant', administered(t.tenant_id)),
    mayInsert(
      'Superadmins open sessions for themselves, from this moment on',
      both(isSuperadmin, isOwnUser(t.superadmin_id), sql`${t.started_at} = now()`),
    ),
    mayUpdate('Superadmins end their own sessions', isOwnUser(t.superadmin_id)),
  ],
);

/** The audit log. Entries are appended and never changed (grants and a trigger). */
export const auditLog = pgTable(
  'audit_log',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    at: timestamp('at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
    /** Null for a management key. */
    actor_user_id: uuid('actor_user_id'),
    /** The management key that acted; null for a person. No foreign key: keys are erased with their tenant, and entries are not. */
    management_key_id: uuid('management_key_id').default(sql`app.management_key_id()`),
    /** The session of a superadmin who acts inside the tenant; null for an actor of the tenant. */
    acting_session_id: uuid('acting_session_id').default(sql`app.acting_session_id()`),
    /** The tenant of the actor. */
    actor_tenant_id: uuid('actor_tenant_id').generatedAlwaysAs(
      sql`case when acting_session_id is null then tenant_id else app.platform_tenant_id() end`,
    ),
    /** The actor's role in that transaction; `service` when the platform acted for them, as at a login. */
    actor_role: text('actor_role', {
      enum: ['user', 'admin', 'superadmin', 'service', 'management_key'],
    }).notNull(),
    action: text('action').notNull(),
    target_type: text('target_type').notNull(),
    target_id: text('target_id').notNull(),
    request_id: text('request_id').notNull(),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({
      name: 'audit_log_by_an_actor',
      columns: [t.actor_tenant_id, t.actor_user_id],
      foreignColumns: [users.tenant_id, users.id],
    }),
    foreignKey({
      name: 'audit_log_of_an_acting_session',
      columns: [t.tenant_id, t.acting_session_id],
      foreignColumns: [actingSessions.tenant_id, actingSessions.id],
    }),
    check('audit_log_names_one_actor', sql`num_nonnulls(${t.actor_user_id}, ${t.management_key_id}) = 1`),
    // Superadmins list the entries of all tenants.
    index('audit_log_of_all_tenants').on(t.id),
    index('audit_log_by_age').on(t.tenant_id, t.at, t.id),
    index('audit_log_by_target').on(t.tenant_id, t.target_type, t.target_id, t.id),
    index('audit_log_self_made').on(t.tenant_id, t.id).where(sql`details @> '{"self": true}'`),
    mayRead(
      'Users see what they did, admins all of their tenant',
      orSuperadmin(
        both(
          ofTenant(t.tenant_id),
          either(
            isOwnUser(t.actor_user_id),
            isAdmin,
            sql`${t.management_key_id} = (select app.management_key_id())`,
          ),
        ),
      ),
    ),
    mayInsert(
      'An entry names the person acting, in the role they have, at this moment',
      both(
        ofTenant(t.tenant_id),
        either(isOwnUser(t.actor_user_id), isService, isManagementKey),
        sql`${t.management_key_id} is not distinct from (select app.management_key_id())`,
        sql`${t.actor_role} = (select app.actor_role())`,
        sql`${t.acting_session_id} is not distinct from (select app.acting_session_id())`,
        sql`${t.at} = now()`,
      ),
    ),
  ],
);
