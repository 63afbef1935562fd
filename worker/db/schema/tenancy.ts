import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  customType,
  foreignKey,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { brandImageTypes } from '../../../contracts/tenants/brand-image.ts';
import { ALL_FEATURES } from '../../../contracts/tenants/level-features.ts';
import type { ResponseCache } from '../../../contracts/tenants/response-cache.ts';
import { administered, mayDelete, mayInsert, mayRead, mayUpdate, ofTenant, orSuperadmin } from './access.ts';
import { createdAt, updatedAt } from './columns.ts';

const textList = (name: string) => text(name).array().notNull().default([]);

/** A customer of the platform, with one slug and one brand. The platform is a tenant too and owns what every tenant shares. */
export const tenants = pgTable(
  'tenants',
  {
    id: uuid('id').primaryKey(),
    slug: text('slug').notNull().unique(),
    status: text('status', { enum: ['active', 'suspended', 'deleting', 'deleted'] })
      .notNull()
      .default('active'),
    status_reason: text('status_reason'),
    /** The time of the last change of the status, maintained by a trigger. Later changes have later times. */
    status_changed_at: timestamp('status_changed_at', { withTimezone: true, mode: 'string' })
      .notNull()
      .defaultNow(),
    /** The end of the grace period of a tenant that is being deleted. */
    deletion_due_at: timestamp('deletion_due_at', { withTimezone: true, mode: 'string' }),
    /** The slug before the last change. No tenant can take it until `former_slug_held_until`. */
    former_slug: text('former_slug'),
    former_slug_held_until: timestamp('former_slug_held_until', { withTimezone: true, mode: 'string' }),
    /** The time of the sign-up; null for a tenant that a superadmin created. */
    signed_up_at: timestamp('signed_up_at', { withTimezone: true, mode: 'string' }),
    /** The platform's rule for sign-ups of tenants; closed in every other row. */
    tenant_signups: text('tenant_signups', { enum: ['closed', 'reviewed', 'unverified'] })
      .notNull()
      .default('closed'),
    name: text('name').notNull(),
    tagline: text('tagline'),
    logo_url: text('logo_url'),
    primary_color: text('primary_color').notNull(),
    registration: text('registration', { enum: ['open', 'invitation', 'email_domains', 'closed'] })
      .notNull()
      .default('open'),
    registration_email_domains: textList('registration_email_domains'),
    /** The event that a newcomer's allocation waits for. Those who were invited get it at once. */
    allocation_after: text('allocation_after', { enum: ['registration', 'verification', 'approval'] })
      .notNull()
      .default('registration'),
    /** The users whose sessions need a second factor. */
    require_mfa: text('require_mfa', { enum: ['off', 'admins', 'everyone'] })
      .notNull()
      .default('off'),
    /** Origins of web pages that can call `/v1`; `*` stands for every one. */
    allowed_origins: textList('allowed_origins'),
    /** The output limit of requests that set none, in the model's tokens; null for the model's. */
    default_output_limit: integer('default_output_limit'),
    fits_to_balance: boolean('fits_to_balance').notNull().default(true),
    /** Keeps answers for equal requests; null keeps none. */
    response_cache: jsonb('response_cache').$type<ResponseCache>(),
    /** Users see the provider's price and cost of their executions. */
    shows_provider_cost: boolean('shows_provider_cost').notNull().default(false),
    /** Stores prompts and answers. Those of a background execution are always stored until they are fetched or expire. */
    stores_contents: boolean('stores_contents').notNull().default(false),
    /** Days after which stored prompts and answers are deleted. */
    content_retention_days: integer('content_retention_days').notNull().default(30),
    /** Keeps the playground's conversations for their users. */
    keeps_conversations: boolean('keeps_conversations').notNull().default(true),
    support_email: text('support_email'),
    /** The name of wallet tokens, for several of them and for one. */
    currency_name: text('currency_name').notNull().default('credits'),
    currency_name_singular: text('currency_name_singular').notNull().default('credit'),
    /** Wallet tokens that a US dollar is worth. Margins and markups are computed with it; it changes no price. */
    wallet_tokens_per_usd: integer('wallet_tokens_per_usd').notNull().default(1_000_000),
    /** Admins can change their own wallet and policy. */
    allows_self_made_changes: boolean('allows_self_made_changes').notNull().default(true),
    /** A superadmin turned these changes off, whatever the tenant's admins chose. */
    self_made_changes_locked: boolean('self_made_changes_locked').notNull().default(false),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    check('tenants_slug_is_a_hostname_label', sql`${t.slug} ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'`),
    check('tenants_status_is_known', sql`${t.status} in ('active', 'suspended', 'deleting', 'deleted')`),
    check(
      'tenants_deletion_has_a_due_time',
      sql`(${t.status} = 'deleting') = (${t.deletion_due_at} is not null)`,
    ),
    check(
      'tenants_platform_is_active',
      sql`${t.id} <> app.platform_tenant_id() or (${t.status} = 'active' and ${t.slug} = 'platform')`,
    ),
    check(
      'tenants_former_slug_is_held',
      sql`(${t.former_slug} is null) = (${t.former_slug_held_until} is null)`,
    ),
    check(
      'tenants_signups_are_of_the_platform',
      sql`${t.tenant_signups} = 'closed' or (${t.id} = app.platform_tenant_id() and ${t.tenant_signups} in ('reviewed', 'unverified'))`,
    ),
    check('tenants_primary_color_is_hex', sql`${t.primary_color} ~* '^#[0-9a-f]{6}$'`),
    check(
      'tenants_registration_is_known',
      sql`${t.registration} in ('open', 'invitation', 'email_domains', 'closed')`,
    ),
    check(
      'tenants_allocation_after_is_known',
      sql`${t.allocation_after} in ('registration', 'verification', 'approval')`,
    ),
    check('tenants_require_mfa_is_known', sql`${t.require_mfa} in ('off', 'admins', 'everyone')`),
    check(
      'tenants_email_domains_are_named',
      sql`${t.registration} <> 'email_domains' or cardinality(${t.registration_email_domains}) > 0`,
    ),
    check(
      'tenants_lists_are_short',
      sql`cardinality(${t.registration_email_domains}) <= 100 and cardinality(${t.allowed_origins}) <= 50`,
    ),
    check('tenants_default_output_limit_in_range', sql`${t.default_output_limit} between 1 and 1000000`),
    check(
      'tenants_response_cache_in_range',
      sql`${t.response_cache} is null or coalesce((${t.response_cache} ->> 'ttl_s')::integer between 60 and 604800
        and ${t.response_cache} ->> 'scope' in ('user', 'tenant')
        and (${t.response_cache} ->> 'price_percent')::integer between 0 and 100, false)`,
    ),
    check(
      'tenants_currency_names_are_short',
      sql`char_length(${t.currency_name}) between 1 and 30 and char_length(${t.currency_name_singular}) between 1 and 30`,
    ),
    check('tenants_wallet_tokens_per_usd_in_range', sql`${t.wallet_tokens_per_usd} between 1 and 1000000000`),
    check('tenants_content_retention_in_range', sql`${t.content_retention_days} between 1 and 365`),
    mayRead('A tenant is seen from inside it, and by superadmins', orSuperadmin(ofTenant(t.id))),
    mayUpdate('Admins change what they are granted of their tenant', administered(t.id)),
  ],
);

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** Images of a tenant's brand, by the hash of their bytes. Everybody who opens the hostname sees them. */
export const tenantAssets = pgTable(
  'tenant_assets',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** SHA-256 of `content`, in hex. */
    hash: text('hash').notNull(),
    media_type: text('media_type', { enum: brandImageTypes }).notNull(),
    content: bytea('content').notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.hash] }),
    check('tenant_assets_hash_is_of_the_content', sql`${t.hash} = encode(sha256(${t.content}), 'hex')`),
    check(
      'tenant_assets_media_type_is_known',
      sql`${t.media_type} in ('image/png', 'image/jpeg', 'image/webp', 'image/svg+xml')`,
    ),
    check('tenant_assets_content_is_small', sql`octet_length(${t.content}) between 1 and 262144`),
    mayRead('Images of a tenant are seen from inside it', orSuperadmin(ofTenant(t.tenant_id))),
    mayInsert('Admins add images to their tenant', administered(t.tenant_id)),
    mayDelete('Admins remove images of their tenant', administered(t.tenant_id)),
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
    /** The place in the order of the tenant's levels, from the first; equal places by id. */
    position: integer('position').notNull().default(0),
    archived_at: timestamp('archived_at', { withTimezone: true, mode: 'string' }),
    /** Flags by the names of contracts/tenants/level-features.ts; a feature that is not among them is off. */
    features: jsonb('features').$type<Record<string, boolean>>().notNull().default(ALL_FEATURES),
    /** The output limit of requests that set none, in the model's tokens; null uses the tenant's. */
    default_output_limit: integer('default_output_limit'),
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
    check('levels_default_is_not_archived', sql`not ${t.is_default} or ${t.archived_at} is null`),
    check('levels_default_output_limit_is_positive', sql`${t.default_output_limit} > 0`),
    mayRead('Everybody in a tenant sees its levels', orSuperadmin(ofTenant(t.tenant_id))),
    mayInsert('Admins add levels to their tenant', administered(t.tenant_id)),
    mayUpdate("Admins change their tenant's levels", administered(t.tenant_id)),
  ],
);
