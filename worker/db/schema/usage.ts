import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  check,
  date,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  both,
  either,
  hasScope,
  isAdminOrService,
  isService,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  orSuperadmin,
  ownOrAdministered,
} from './access.ts';
import { epochMsColumn } from './columns.ts';
import { tenants } from './tenancy.ts';

/**
 * Sums over executions, maintained by triggers on `ai_executions` in the statement that changes an execution (migrations:
 * app.count_new_usage, app.count_changed_usage). Amounts have no range checks, because an upsert proposes a difference, which can be negative.
 */

/** A count, or a sum of tokens or micro-USD. */
const sum = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);

/** A histogram of durations as one number, which adds up with others (worker/db/usage/histogram.ts). */
const histogram = (name: string) => numeric(name).notNull().default('0');

/** The sums of a row. Tokens are those of the provider. */
const figures = () => ({
  executions: sum('executions'),
  /** Executions that failed or expired. */
  failed_executions: sum('failed_executions'),
  /** All tokens of prompts, those of caches, images and audio included. */
  input_tokens: sum('input_tokens'),
  /** All tokens of answers. */
  output_tokens: sum('output_tokens'),
  /** Wallet tokens. */
  tokens_charged: sum('tokens_charged'),
  /** The provider's list price, whoever owns the key. */
  cost_micro_usd: sum('cost_micro_usd'),
  wholesale_micro_usd: sum('wholesale_micro_usd'),
  /** Provider calls after the first of an execution. */
  failovers: sum('failovers'),
  cache_read_tokens: sum('cache_read_tokens'),
  cache_write_tokens: sum('cache_write_tokens'),
  image_tokens: sum('image_tokens'),
  audio_tokens: sum('audio_tokens'),
  reasoning_tokens: sum('reasoning_tokens'),
  /** From the start to the end, of executions that succeeded. */
  latencies: histogram('latencies'),
  /** From the start to the first piece of the answer, of streamed answers. */
  first_tokens: histogram('first_tokens'),
});

const tenant = () =>
  uuid('tenant_id')
    .notNull()
    .references(() => tenants.id);

/** The model that was asked for. Empty until the start of the execution arrives. */
const model = () => text('model').notNull();
/** The provider that was called last. Zeros if none was called, or if it was not recorded. */
const provider = () => uuid('provider_id').notNull();
/** The name of that provider when it was called. */
const providerName = () => text('provider_name').notNull().default('');
const keyOwner = () => text('key_owner', { enum: ['platform', 'tenant'] }).notNull();

const journalWrites = (tenantId: AnyPgColumn) => [
  mayInsert('Only the journal writes usage', both(ofTenant(tenantId), isService)),
  mayUpdate('Only the journal adds usage', both(ofTenant(tenantId), isService)),
];

/** The executions that ended on a day (UTC), by tenant, model, provider and owner of the provider key. */
export const dailyUsage = pgTable(
  'daily_usage',
  {
    tenant_id: tenant(),
    day: date('day', { mode: 'string' }).notNull(),
    ...{ model: model(), provider_id: provider(), key_owner: keyOwner() },
    provider_name: providerName(),
    ...figures(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.day, t.model, t.provider_id, t.key_owner] }),
    // Superadmins read the days of all tenants.
    index('daily_usage_by_day').on(t.day, t.tenant_id),
    check('daily_usage_key_owner_is_known', sql`${t.key_owner} in ('platform', 'tenant')`),
    mayRead(
      'Admins see the usage of their tenant, superadmins all',
      orSuperadmin(both(ofTenant(t.tenant_id), either(isAdminOrService, hasScope('usage:read')))),
    ),
    ...journalWrites(t.tenant_id),
  ],
);

/** The columns that tell whose usage it is. Zeros for a session instead of a key, and for a level that was not recorded. */
const ofUser = () => ({
  user_id: uuid('user_id').notNull(),
  api_key_id: uuid('api_key_id').notNull(),
  ...{ model: model(), provider_id: provider() },
  level_id: uuid('level_id').notNull(),
  key_owner: keyOwner(),
});

type OfUser = Record<'tenant_id' | keyof ReturnType<typeof ofUser>, AnyPgColumn>;

const usersKey = (t: OfUser) =>
  [t.user_id, t.api_key_id, t.model, t.provider_id, t.level_id, t.key_owner] as const;

const usersRights = (t: OfUser) => [
  mayRead(
    "Users see their own usage, admins their tenant's",
    ownOrAdministered(t.tenant_id, t.user_id, hasScope('usage:read')),
  ),
  ...journalWrites(t.tenant_id),
];

/** The same by user, API key and level as well. */
export const dailyUserUsage = pgTable(
  'daily_user_usage',
  {
    tenant_id: tenant(),
    day: date('day', { mode: 'string' }).notNull(),
    ...ofUser(),
    provider_name: providerName(),
    ...figures(),
  },
  (t) => [
    primaryKey({ name: 'daily_user_usage_key', columns: [t.tenant_id, t.day, ...usersKey(t)] }),
    check('daily_user_usage_key_owner_is_known', sql`${t.key_owner} in ('platform', 'tenant')`),
    ...usersRights(t),
  ],
);

/** The same by hour. `hour`: hours since the epoch. */
export const hourlyUserUsage = pgTable(
  'hourly_user_usage',
  {
    tenant_id: tenant(),
    hour: integer('hour').notNull(),
    ...ofUser(),
    provider_name: providerName(),
    ...figures(),
  },
  (t) => [
    primaryKey({ name: 'hourly_user_usage_key', columns: [t.tenant_id, t.hour, ...usersKey(t)] }),
    check('hourly_user_usage_key_owner_is_known', sql`${t.key_owner} in ('platform', 'tenant')`),
    ...usersRights(t),
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
