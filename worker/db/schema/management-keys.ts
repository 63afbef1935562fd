import { sql } from 'drizzle-orm';
import { check, pgTable, primaryKey, text, timestamp, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { both, isAdmin, isOwnUser, mayInsert, mayRead, mayUpdate, ofTenant, orSuperadmin } from './access.ts';
import { bytea, createdAt } from './columns.ts';
import { tenants } from './tenancy.ts';

/**
 * Keys of tenants for their own servers. They belong to the tenant: `created_by` is a note. Only hashes are stored. Ended keys stay,
 * because audit and ledger entries name them.
 */
export const managementKeys = pgTable(
  'management_keys',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    key_hash: bytea('key_hash').notNull(),
    previous_key_hash: bytea('previous_key_hash'),
    previous_valid_until: timestamp('previous_valid_until', { withTimezone: true, mode: 'string' }),
    scopes: text('scopes').array().notNull(),
    created_by: uuid('created_by'),
    expires_at: timestamp('expires_at', { withTimezone: true, mode: 'string' }),
    revoked_at: timestamp('revoked_at', { withTimezone: true, mode: 'string' }),
    last_used_at: timestamp('last_used_at', { withTimezone: true, mode: 'string' }),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    unique('management_keys_hash_once_per_tenant').on(t.tenant_id, t.key_hash),
    unique('management_keys_previous_hash_once_per_tenant').on(t.tenant_id, t.previous_key_hash),
    uniqueIndex('management_keys_name_once_per_tenant')
      .on(t.tenant_id, t.name)
      .where(sql`revoked_at is null`),
    check(
      'management_keys_scopes_are_known',
      sql`${t.scopes} <> '{}' and ${t.scopes} <@ array['users:read', 'users:write', 'wallets:write', 'usage:read', 'webhooks:manage']`,
    ),
    check(
      'management_keys_previous_secret_ends',
      sql`(${t.previous_key_hash} is null) = (${t.previous_valid_until} is null)`,
    ),
    mayRead("Admins see their tenant's management keys", orSuperadmin(both(ofTenant(t.tenant_id), isAdmin))),
    mayInsert(
      'Admins make management keys, in their own name',
      both(ofTenant(t.tenant_id), isAdmin, isOwnUser(t.created_by)),
    ),
    mayUpdate("Admins revoke their tenant's management keys", both(ofTenant(t.tenant_id), isAdmin)),
  ],
);
