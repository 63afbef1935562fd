import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { signInProviderKinds } from '../../../contracts/api/account/sign-in.ts';
import {
  administered,
  both,
  isAdminOrService,
  mayDelete,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  orSuperadmin,
  ownOrAdministered,
} from './access.ts';
import { bytea, createdAt, updatedAt } from './columns.ts';
import { tenants } from './tenancy.ts';
import { users } from './users.ts';

/** Identity providers of a tenant: Google, or another issuer of OpenID Connect. */
export const signInProviders = pgTable(
  'sign_in_providers',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    id: uuid('id').notNull(),
    kind: text('kind', { enum: signInProviderKinds }).notNull(),
    name: text('name').notNull(),
    /** Never changes: subjects are those of this issuer. */
    issuer: text('issuer').notNull(),
    client_id: text('client_id').notNull(),
    /** Encrypted for this row and issuer (worker/runtime/key-ring.ts). */
    client_secret_ciphertext: text('client_secret_ciphertext').notNull(),
    /** Counts changes of the secret, for the audit log. */
    client_secret_version: integer('client_secret_version').notNull().default(1),
    enabled: boolean('enabled').notNull().default(true),
    /** Domains of addresses that can sign in; null for all. */
    email_domains: text('email_domains').array(),
    creates_accounts: boolean('creates_accounts').notNull().default(false),
    trusts_addresses: boolean('trusts_addresses').notNull().default(false),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    unique('sign_in_providers_name_once_per_tenant').on(t.tenant_id, t.name),
    check(
      'sign_in_providers_kind_is_known',
      sql`${t.kind} in (${sql.raw(signInProviderKinds.map((kind) => `'${kind}'`).join(', '))})`,
    ),
    check('sign_in_providers_name_is_short', sql`char_length(${t.name}) between 1 and 60`),
    // Plain HTTP is for the local stack, whose simulators listen on its own machine.
    check(
      'sign_in_providers_issuer_is_https',
      sql`${t.issuer} ~ '^(https://|http://(localhost|127[.]0[.]0[.]1)[:/])'`,
    ),
    mayRead(
      'Admins and the service see the identity providers of their tenant',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
    mayInsert('Admins add identity providers to their tenant', administered(t.tenant_id)),
    mayUpdate("Admins change their tenant's identity providers", administered(t.tenant_id)),
    mayDelete("Admins remove their tenant's identity providers", administered(t.tenant_id)),
  ],
);

/**
 * Accounts at identity providers that users sign in with: the subject of a token, and at most one for each user and provider. Written
 * by `app.sign_in_by_identity` and `app.unlink_identity`. The Worker's role has no right to the hash of a ticket, which ends a sign-in
 * within a minute.
 */
export const userIdentities = pgTable(
  'user_identities',
  {
    tenant_id: uuid('tenant_id').notNull(),
    provider_id: uuid('provider_id').notNull(),
    subject: text('subject').notNull(),
    user_id: uuid('user_id').notNull(),
    /** The address that the issuer gave last. */
    email: text('email'),
    ticket_hash: bytea('ticket_hash'),
    ticket_expires_at: timestamp('ticket_expires_at', { withTimezone: true, mode: 'string' }),
    last_used_at: timestamp('last_used_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.provider_id, t.subject] }),
    foreignKey({
      name: 'user_identities_of_a_provider',
      columns: [t.tenant_id, t.provider_id],
      foreignColumns: [signInProviders.tenant_id, signInProviders.id],
    }),
    foreignKey({
      name: 'user_identities_of_a_user',
      columns: [t.tenant_id, t.user_id],
      foreignColumns: [users.tenant_id, users.id],
    }),
    unique('user_identities_one_per_user_and_provider').on(t.tenant_id, t.user_id, t.provider_id),
    unique('user_identities_ticket_once_per_tenant').on(t.tenant_id, t.ticket_hash),
    check('user_identities_subject_is_short', sql`char_length(${t.subject}) between 1 and 255`),
    check(
      'user_identities_ticket_has_an_end',
      sql`(${t.ticket_hash} is null) = (${t.ticket_expires_at} is null)`,
    ),
    mayRead(
      'Users see the identities of their account, admins those of their tenant',
      ownOrAdministered(t.tenant_id, t.user_id),
    ),
  ],
);
