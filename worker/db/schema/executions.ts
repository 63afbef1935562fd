import { sql } from 'drizzle-orm';
import {
  bigint,
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
import type { Routing } from '../../../contracts/catalog/model-routing.ts';
import type { AppliedPrice } from '../../../contracts/catalog/price.ts';
import type { CacheHit } from '../../../contracts/tenants/response-cache.ts';
import type { Attempt, Usage } from '../../../contracts/usage.ts';
import {
  both,
  hasScope,
  isOwnUser,
  isService,
  mayDelete,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  ownOrAdministered,
} from './access.ts';
import { amount, amountsInRange, createdAt, epochMsColumn, safeIntegers } from './columns.ts';
import { users } from './users.ts';

/**
 * Executions and their cost, projected from the journal. Start and outcome arrive in either order, so columns
 * of the start are null until it does.
 */
export const aiExecutions = pgTable(
  'ai_executions',
  {
    tenant_id: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    user_id: uuid('user_id').notNull(),
    status: text('status', { enum: ['running', 'succeeded', 'failed', 'cancelled', 'expired'] })
      .notNull()
      .default('running'),
    /** The kind of task. */
    task: text('task').notNull().default('chat'),
    /** The public name that was asked first, and of the model that answered once it has. */
    model: text('model'),
    /** The names that were asked for and the choice among candidates, where they tell more than `model`. */
    routing: jsonb('routing').$type<Routing>(),
    api_key_id: uuid('api_key_id'),
    /** The user's level at the start. Null for executions from before levels were recorded. */
    level_id: uuid('level_id'),
    input_tokens_bound: amount('input_tokens_bound'),
    max_output_tokens: integer('max_output_tokens'),
    price_version: integer('price_version'),
    /** Price of the charge; null if nothing was used, and for executions from before prices were recorded. */
    price: jsonb('price').$type<AppliedPrice>(),
    tokens_reserved: amount('tokens_reserved'),
    /** Wallet tokens that the balance did not cover at the reservation; null if it covered all. */
    shortfall: amount('shortfall'),
    started_at_ms: epochMsColumn('started_at_ms'),
    provider_name: text('provider_name'),
    provider_model: text('provider_model'),
    finish_reason: text('finish_reason', { enum: ['stop', 'length', 'content_filter', 'tool_calls'] }),
    usage: jsonb('usage').$type<Usage>(),
    usage_source: text('usage_source', { enum: ['reported', 'estimated', 'clamped'] }),
    tokens_charged: amount('tokens_charged').notNull().default(0),
    cost_micro_usd: amount('cost_micro_usd').notNull().default(0),
    /** Charged to the tenant's budget. Null for executions from before budgets. */
    wholesale_micro_usd: amount('wholesale_micro_usd'),
    /** The part of the price that an answer from the response cache cost; null if a provider was asked. */
    response_cache: jsonb('response_cache').$type<CacheHit>(),
    /** From the start to the first piece of the answer; null if it was not streamed. */
    first_token_ms: bigint('first_token_ms', { mode: 'number' }),
    attempts: jsonb('attempts').$type<Attempt[]>().notNull().default([]),
    error_code: text('error_code'),
    finished_at_ms: epochMsColumn('finished_at_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    // Execution ids are UUIDv7: their order is the order of their making. Lists read the indexes backwards.
    index('ai_executions_by_user').on(t.tenant_id, t.user_id, t.id),
    check(
      'ai_executions_status_is_known',
      sql`${t.status} in ('running', 'succeeded', 'failed', 'cancelled', 'expired')`,
    ),
    amountsInRange(
      'ai_executions_amounts_in_range',
      t.tokens_reserved,
      t.shortfall,
      t.tokens_charged,
      t.cost_micro_usd,
      t.wholesale_micro_usd,
      t.input_tokens_bound,
    ),
    safeIntegers('ai_executions_times_are_safe', t.started_at_ms, t.finished_at_ms, t.first_token_ms),
    mayRead(
      "Users see their own executions, admins their tenant's",
      ownOrAdministered(t.tenant_id, t.user_id, hasScope('usage:read')),
    ),
    mayInsert('Only the journal writes executions', both(ofTenant(t.tenant_id), isService)),
    mayUpdate('Only the journal completes executions', both(ofTenant(t.tenant_id), isService)),
  ],
);

/**
 * Prompts and answers, kept apart and only where a tenant wants them kept; their user may delete them. A row without an input says
 * that they did so before there was anything to delete: nothing is kept of that execution any more.
 */
export const aiExecutionContents = pgTable(
  'ai_execution_contents',
  {
    tenant_id: uuid('tenant_id').notNull(),
    execution_id: uuid('execution_id').notNull(),
    user_id: uuid('user_id').notNull(),
    input: jsonb('input').$type<unknown>(),
    output: jsonb('output').$type<unknown>(),
    /** True for an execution in the background, whose end webhooks tell. */
    in_background: boolean('in_background').notNull().default(false),
    /** Time of deletion; null keeps the contents until their user deletes them. */
    expires_at: timestamp('expires_at', { withTimezone: true, mode: 'string' }),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.execution_id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    index('ai_execution_contents_by_expiry').on(t.tenant_id, t.expires_at),
    check(
      'ai_execution_contents_deleted_hold_nothing',
      sql`${t.input} is not null or (${t.output} is null and ${t.expires_at} is not null)`,
    ),
    mayRead('Contents are for the eyes of their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayInsert('Contents are written by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayDelete('Contents are deleted by their user', both(ofTenant(t.tenant_id), isOwnUser(t.user_id))),
    mayRead('The service reads what it runs in the background', both(ofTenant(t.tenant_id), isService)),
    mayInsert('The service keeps what is to run in the background', both(ofTenant(t.tenant_id), isService)),
    mayUpdate('The service adds the answer', both(ofTenant(t.tenant_id), isService)),
    mayDelete('The service deletes what has expired', both(ofTenant(t.tenant_id), isService)),
  ],
);
