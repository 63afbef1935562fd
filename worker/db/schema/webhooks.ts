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
  uuid,
} from 'drizzle-orm/pg-core';
import {
  type EventData,
  type WebhookEventType,
  webhookEventTypes,
} from '../../../contracts/webhooks/event.ts';
import {
  both,
  either,
  hasScope,
  isAdmin,
  isService,
  isSuperadmin,
  mayDelete,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
} from './access.ts';
import { createdAt, updatedAt } from './columns.ts';
import { tenants } from './tenancy.ts';

/** The caller manages the webhooks of the tenant that it is in. */
const managesWebhooks = either(isAdmin, isSuperadmin, hasScope('webhooks:manage'));

const typeList = sql.raw(webhookEventTypes.map((type) => `'${type}'`).join(', '));
const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

/** Addresses of a tenant that get events. Secrets are encrypted for their row (worker/webhooks/secret.ts). */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    id: uuid('id').notNull(),
    url: text('url').notNull(),
    description: text('description').notNull().default(''),
    event_types: text('event_types').array().notNull(),
    enabled: boolean('enabled').notNull().default(true),
    /** The reason the platform disabled it, and when. */
    disabled_reason: text('disabled_reason', { enum: ['failing', 'gone'] }),
    disabled_at: moment('disabled_at'),
    /** The first failure since the last delivery that succeeded. */
    failing_since: moment('failing_since'),
    secret_ciphertext: text('secret_ciphertext').notNull(),
    /** Counts changes of the secret, for the audit log. */
    secret_version: integer('secret_version').notNull().default(1),
    previous_secret_ciphertext: text('previous_secret_ciphertext'),
    previous_secret_valid_until: moment('previous_secret_valid_until'),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    check(
      'webhook_endpoints_types_are_known',
      sql`${t.event_types} <> '{}' and ${t.event_types} <@ array[${typeList}]`,
    ),
    check(
      'webhook_endpoints_texts_are_short',
      sql`char_length(${t.url}) between 1 and 1000 and char_length(${t.description}) <= 200`,
    ),
    // Plain HTTP is for the local stack, whose simulators listen on its own machine.
    check(
      'webhook_endpoints_url_is_https',
      sql`${t.url} ~ '^(https://|http://(localhost|127[.]0[.]0[.]1)[:/])'`,
    ),
    check(
      'webhook_endpoints_previous_secret_ends',
      sql`(${t.previous_secret_ciphertext} is null) = (${t.previous_secret_valid_until} is null)`,
    ),
    check(
      'webhook_endpoints_disabled_for_a_reason',
      sql`(${t.disabled_reason} is null) = (${t.disabled_at} is null) and (${t.disabled_reason} is null or not ${t.enabled})`,
    ),
    mayRead(
      'Admins, management keys and the service see the webhooks of their tenant',
      both(ofTenant(t.tenant_id), either(isService, managesWebhooks)),
    ),
    mayInsert('Admins add webhooks to their tenant', both(ofTenant(t.tenant_id), managesWebhooks)),
    mayUpdate(
      'Admins change the webhooks of their tenant, the service disables them',
      both(ofTenant(t.tenant_id), either(isService, managesWebhooks)),
    ),
    mayDelete('Admins remove the webhooks of their tenant', both(ofTenant(t.tenant_id), managesWebhooks)),
  ],
);

/** Events of a tenant, as its webhooks tell them. Written only if an endpoint wants the type. Kept for 30 days. */
export const webhookEvents = pgTable(
  'webhook_events',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    /** UUIDv7 of the time of the event. */
    id: uuid('id').notNull(),
    type: text('type').$type<WebhookEventType>().notNull(),
    occurred_at: moment('occurred_at').notNull(),
    data: jsonb('data').$type<EventData>().notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    index('webhook_events_by_age').on(t.tenant_id, t.created_at),
    check('webhook_events_type_is_known', sql`${t.type} in (${typeList})`),
    mayRead(
      'Admins, management keys and the service see the events of their tenant',
      both(ofTenant(t.tenant_id), either(isService, managesWebhooks)),
    ),
    mayInsert('The service writes events', both(ofTenant(t.tenant_id), isService)),
    mayDelete('The service deletes old events', both(ofTenant(t.tenant_id), isService)),
  ],
);

/** The delivery of an event to an endpoint. `next_at` is also the end of a claim: nobody else attempts it before. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    tenant_id: uuid('tenant_id').notNull(),
    event_id: uuid('event_id').notNull(),
    endpoint_id: uuid('endpoint_id').notNull(),
    status: text('status', { enum: ['pending', 'delivered', 'failed'] })
      .notNull()
      .default('pending'),
    attempts: integer('attempts').notNull().default(0),
    next_at: moment('next_at').notNull().defaultNow(),
    last_at: moment('last_at'),
    last_status: integer('last_status'),
    last_error: text('last_error'),
    duration_ms: integer('duration_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.event_id, t.endpoint_id] }),
    foreignKey({
      name: 'webhook_deliveries_of_an_event',
      columns: [t.tenant_id, t.event_id],
      foreignColumns: [webhookEvents.tenant_id, webhookEvents.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'webhook_deliveries_to_an_endpoint',
      columns: [t.tenant_id, t.endpoint_id],
      foreignColumns: [webhookEndpoints.tenant_id, webhookEndpoints.id],
    }).onDelete('cascade'),
    index('webhook_deliveries_by_endpoint').on(t.tenant_id, t.endpoint_id, t.event_id),
    index('webhook_deliveries_due').on(t.tenant_id, t.endpoint_id, t.next_at).where(sql`status = 'pending'`),
    check('webhook_deliveries_status_is_known', sql`${t.status} in ('pending', 'delivered', 'failed')`),
    mayRead(
      'Admins, management keys and the service see the deliveries of their tenant',
      both(ofTenant(t.tenant_id), either(isService, managesWebhooks)),
    ),
    mayInsert('The service plans deliveries', both(ofTenant(t.tenant_id), isService)),
    mayUpdate(
      'The service records deliveries, admins repeat them',
      both(ofTenant(t.tenant_id), either(isService, managesWebhooks)),
    ),
  ],
);
