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
import { type AlertKind, alertKinds, type EventData } from '../../../contracts/webhooks/event.ts';
import {
  both,
  either,
  isAdmin,
  isOwnUser,
  isService,
  isSuperadmin,
  mayDelete,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
} from './access.ts';
import { amount, amountsInRange, updatedAt } from './columns.ts';
import { tenants } from './tenancy.ts';
import { users } from './users.ts';

const kindList = sql.raw(alertKinds.map((kind) => `'${kind}'`).join(', '));
const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });

/** Alerts of a tenant: one for each cause, until it has gone. Those that have gone are kept for 90 days. */
export const alerts = pgTable(
  'alerts',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    id: uuid('id').notNull(),
    kind: text('kind').$type<AlertKind>().notNull(),
    /** The user, the provider or the tenant that the alert is about. */
    subject: uuid('subject').notNull(),
    /** The threshold that was passed, in percent; 0 for kinds without. */
    threshold: integer('threshold').notNull().default(0),
    /** The wallet's entry that opened it, which a later grant ends; null for what is not from an entry. */
    seq: amount('seq'),
    data: jsonb('data').$type<EventData>().notNull(),
    opened_at: moment('opened_at').notNull().defaultNow(),
    ended_at: moment('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    uniqueIndex('alerts_once_per_cause')
      .on(t.tenant_id, t.kind, t.subject, t.threshold)
      .where(sql`ended_at is null`),
    index('alerts_ended').on(t.tenant_id, t.ended_at),
    check('alerts_kind_is_known', sql`${t.kind} in (${kindList})`),
    mayRead(
      'Users see that their balance is low, admins everything else',
      both(
        ofTenant(t.tenant_id),
        either(
          isService,
          both(sql`${t.kind} = 'low_balance'`, isOwnUser(t.subject)),
          both(sql`${t.kind} <> 'low_balance'`, either(isAdmin, isSuperadmin)),
        ),
      ),
    ),
    mayInsert('The service opens alerts', both(ofTenant(t.tenant_id), isService)),
    mayUpdate('The service ends alerts', both(ofTenant(t.tenant_id), isService)),
    mayDelete('The service deletes old alerts', both(ofTenant(t.tenant_id), isService)),
  ],
);

/** Alerts that a user does not want to see any more. */
export const alertDismissals = pgTable(
  'alert_dismissals',
  {
    tenant_id: uuid('tenant_id').notNull(),
    alert_id: uuid('alert_id').notNull(),
    user_id: uuid('user_id').notNull(),
    dismissed_at: moment('dismissed_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.alert_id, t.user_id] }),
    foreignKey({
      name: 'alert_dismissals_of_an_alert',
      columns: [t.tenant_id, t.alert_id],
      foreignColumns: [alerts.tenant_id, alerts.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'alert_dismissals_by_a_user',
      columns: [t.tenant_id, t.user_id],
      foreignColumns: [users.tenant_id, users.id],
    }),
    mayRead('Users see what they dismissed', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayInsert('Users dismiss alerts for themselves', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
  ],
);

/** The kinds of alerts that a user does not want by mail. No row: all are mailed. */
export const alertSettings = pgTable(
  'alert_settings',
  {
    tenant_id: uuid('tenant_id').notNull(),
    user_id: uuid('user_id').notNull(),
    mail_off: text('mail_off').array().notNull().default([]),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id] }),
    foreignKey({
      name: 'alert_settings_of_a_user',
      columns: [t.tenant_id, t.user_id],
      foreignColumns: [users.tenant_id, users.id],
    }),
    check('alert_settings_kinds_are_known', sql`${t.mail_off} <@ array[${kindList}]`),
    mayRead(
      'Users see their settings, the service those of its tenant',
      both(ofTenant(t.tenant_id), either(isOwnUser(t.user_id), isService)),
    ),
    mayInsert('Users set what is mailed to them', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayUpdate('Users change what is mailed to them', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
  ],
);

/** The rules by which a tenant's alerts are made. No row: the defaults (contracts/api/tenant/alerts.ts). */
export const alertRules = pgTable(
  'alert_rules',
  {
    tenant_id: uuid('tenant_id')
      .primaryKey()
      .references(() => tenants.id),
    low_balance: boolean('low_balance').notNull().default(true),
    budget: boolean('budget').notNull().default(true),
    provider_failing: boolean('provider_failing').notNull().default(true),
    provider_failing_percent: integer('provider_failing_percent').notNull().default(50),
    provider_failing_min_calls: integer('provider_failing_min_calls').notNull().default(10),
    difference: boolean('difference').notNull().default(true),
    unusual_spend: boolean('unusual_spend').notNull().default(true),
    unusual_spend_floor_micro_usd: amount('unusual_spend_floor_micro_usd').notNull().default(1_000_000),
    updated_at: updatedAt(),
  },
  (t) => [
    check(
      'alert_rules_figures_are_sane',
      sql`${t.provider_failing_percent} between 1 and 100 and ${t.provider_failing_min_calls} between 1 and 1000000`,
    ),
    amountsInRange('alert_rules_amounts_in_range', t.unusual_spend_floor_micro_usd),
    mayRead(
      'Admins and the service see the rules of their tenant',
      both(ofTenant(t.tenant_id), either(isAdmin, isSuperadmin, isService)),
    ),
    mayInsert(
      'Admins set the rules of their tenant',
      both(ofTenant(t.tenant_id), either(isAdmin, isSuperadmin)),
    ),
    mayUpdate(
      'Admins change the rules of their tenant',
      both(ofTenant(t.tenant_id), either(isAdmin, isSuperadmin)),
    ),
  ],
);
