import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  administered,
  both,
  isAdminOrService,
  mayRead,
  mayUpdate,
  ofTenant,
  orSuperadmin,
} from './access.ts';
import { createdAt, updatedAt } from './columns.ts';

/** A customer of the platform, with one slug and one brand. The platform is a tenant too and owns what every tenant shares. */
export const tenants = pgTable(
  'tenants',
  {
    id: uuid('id').primaryKey(),
    slug: text('slug').notNull().unique(),
    status: text('status', { enum: ['active', 'suspended'] })
      .notNull()
      .default('active'),
    name: text('name').notNull(),
    tagline: text('tagline'),
    logo_url: text('logo_url'),
    primary_color: text('primary_color').notNull(),
    registration_open: boolean('registration_open').notNull().default(true),
    /** Stores prompts and answers. Those of a background execution are always stored until they are fetched or expire. */
    stores_contents: boolean('stores_contents').notNull().default(false),
    support_email: text('support_email'),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    check('tenants_slug_is_a_hostname_label', sql`${t.slug} ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'`),
    check('tenants_status_is_known', sql`${t.status} in ('active', 'suspended')`),
    check('tenants_primary_color_is_hex', sql`${t.primary_color} ~* '^#[0-9a-f]{6}$'`),
    mayRead('A tenant is seen from inside it, and by superadmins', orSuperadmin(ofTenant(t.id))),
    mayUpdate('Admins change what they are granted of their tenant', administered(t.id)),
  ],
);

/** The custom hostnames of tenants. An active hostname belongs to one tenant of the platform. */
export const tenantDomains = pgTable(
  'tenant_domains',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    id: uuid('id').notNull(),
    hostname: text('hostname').notNull(),
    status: text('status', { enum: ['pending', 'active', 'failed'] })
      .notNull()
      .default('pending'),
    verification_token: text('verification_token').notNull(),
    verified_at: timestamp('verified_at', { withTimezone: true, mode: 'string' }),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    unique('tenant_domains_hostname_once_per_tenant').on(t.tenant_id, t.hostname),
    uniqueIndex('tenant_domains_one_active_owner').on(t.hostname).where(sql`status = 'active'`),
    check(
      'tenant_domains_hostname_is_lower_case',
      sql`${t.hostname} = lower(${t.hostname}) and ${t.hostname} !~ '[^a-z0-9.-]'`,
    ),
    check('tenant_domains_status_is_known', sql`${t.status} in ('pending', 'active', 'failed')`),
    mayRead(
      'Admins see the domains of their tenant',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
  ],
);

/** A tier of a tenant. New users start on the default level. */
export const levels = pgTable(
  'levels',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    is_default: boolean('is_default').notNull().default(false),
    features: jsonb('features').$type<Record<string, boolean>>().notNull().default({}),
    /** Public model names; null allows all. */
    allowed_models: text('allowed_models').array(),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({ columns: [t.tenant_id], foreignColumns: [tenants.id] }),
    unique('levels_slug_once_per_tenant').on(t.tenant_id, t.slug),
    uniqueIndex('levels_one_default_per_tenant').on(t.tenant_id).where(sql`is_default`),
    mayRead('Everybody in a tenant sees its levels', orSuperadmin(ofTenant(t.tenant_id))),
    mayUpdate("Admins change their tenant's levels", administered(t.tenant_id)),
  ],
);
