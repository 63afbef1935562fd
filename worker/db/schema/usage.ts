import { sql } from 'drizzle-orm';
import { bigint, check, date, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { both, isService, mayInsert, mayRead, mayUpdate, ofTenant, orSuperadmin } from './access.ts';
import { epochMsColumn } from './columns.ts';
import { tenants } from './tenancy.ts';

/**
 * Sums over executions, maintained by triggers on `ai_executions` in the statement that changes an execution (migrations:
 * app.count_new_usage, app.count_changed_usage). Amounts have no range checks, because an upsert proposes a difference, which can be negative.
 */

/** A count, or a sum of tokens or micro-USD. */
const sum = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);

/** The executions that ended on a day (UTC), by tenant, model and owner of the provider key. */
export const dailyUsage = pgTable(
  'daily_usage',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    day: date('day', { mode: 'string' }).notNull(),
    /** The model that was asked for. Empty until the start of the execution arrives. */
    model: text('model').notNull(),
    key_owner: text('key_owner', { enum: ['platform', 'tenant'] }).notNull(),
    executions: sum('executions'),
    /** Executions that failed or expired. */
    failed_executions: sum('failed_executions'),
    input_tokens: sum('input_tokens'),
    output_tokens: sum('output_tokens'),
    tokens_charged: sum('tokens_charged'),
    /** The provider's list price, whoever owns the key. */
    cost_micro_usd: sum('cost_micro_usd'),
    wholesale_micro_usd: sum('wholesale_micro_usd'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.day, t.model, t.key_owner] }),
    // Superadmins read the days of all tenants.
    index('daily_usage_by_day').on(t.day, t.tenant_id),
    check('daily_usage_key_owner_is_known', sql`${t.key_owner} in ('platform', 'tenant')`),
    mayRead(
      'Superadmins see usage, and the service that of its tenant',
      orSuperadmin(both(ofTenant(t.tenant_id), isService)),
    ),
    mayInsert('Only the journal writes usage', both(ofTenant(t.tenant_id), isService)),
    mayUpdate('Only the journal adds usage', both(ofTenant(t.tenant_id), isService)),
  ],
);

/**
 * The calls of providers in each of the last 48 hours, by tenant. A row is one hour of a ring: the hour two days later replaces it, so
 * the table needs no pruning.
 */
export const providerCalls = pgTable(
  'provider_calls',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    provider_id: uuid('provider_id').notNull(),
    /** `hour` modulo 48. */
    slot: integer('slot').notNull(),
    /** Hours since the epoch. */
    hour: integer('hour').notNull(),
    calls: sum('calls'),
    failures: sum('failures'),
    /** The kind of the last failure. Null if no call failed. */
    last_failure: text('last_failure'),
    last_failed_at_ms: epochMsColumn('last_failed_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.provider_id, t.slot] }),
    check('provider_calls_slot_is_of_the_hour', sql`${t.slot} = ${t.hour} % 48`),
    mayRead(
      'Superadmins see calls, and the service those of its tenant',
      orSuperadmin(both(ofTenant(t.tenant_id), isService)),
    ),
    mayInsert('Only the journal writes calls', both(ofTenant(t.tenant_id), isService)),
    mayUpdate('Only the journal counts calls', both(ofTenant(t.tenant_id), isService)),
  ],
);
