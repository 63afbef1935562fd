import { z } from 'zod';
import { epochMs, microUsd, positiveWalletTokens, WALLET_TOKENS_MAX, walletTokens } from '../amounts.ts';
import { routing } from '../catalog/model-routing.ts';
import { appliedPrice, shownPrice } from '../catalog/price.ts';
import { cacheHit } from '../tenants/response-cache.ts';
import { attempt, usage, usageSource } from '../usage.ts';
import { governingPolicy } from './wallet-policy.ts';

/**
 * The journal, from which Postgres learns of a wallet. Every change of a wallet is one immutable entry, gapless by `seq` and
 * chained by hash, written in the same transaction as the change. Entries that start or end an execution carry it along,
 * so one pipeline feeds user_token_ledger, user_token_wallets and ai_executions.
 */

const delta = z.int().min(-WALLET_TOKENS_MAX).max(WALLET_TOKENS_MAX);

/** The identity of a wallet. A user of a tenant has one. */
export const walletIdentity = z
  .object({
    tenant_id: z.uuid().describe('The id of the tenant.'),
    user_id: z.uuid().describe('The id of the user.'),
  })
  .meta({ id: 'WalletIdentity' });
export type WalletIdentity = z.infer<typeof walletIdentity>;

/** The identity of a tenant's wallet, whose amounts are micro-USD: the tenant's id stands for the user's. */
export const tenantWallet = (tenant_id: string): WalletIdentity => ({ tenant_id, user_id: tenant_id });

/** True for a tenant's wallet, false for a user's. */
export const isTenantWallet = ({ tenant_id, user_id }: WalletIdentity): boolean => tenant_id === user_id;

/** The user or system that caused an operation. */
export const actor = z
  .object({
    kind: z
      .enum(['user', 'admin', 'superadmin', 'management_key', 'system'])
      .describe(
        'The role: `user`: a user of the tenant; `admin`: an admin of the tenant; `superadmin`: an admin of the platform; `management_key`: a server of the tenant; `system`: the platform itself.',
      ),
    id: z.uuid().nullable().describe('The id of the user or of the management key. Null for the system.'),
  })
  .meta({ id: 'Actor' });
export type Actor = z.infer<typeof actor>;

/** An execution at the time of its reservation. */
export const executionStart = z.object({
  id: z.uuid().describe('The id of the execution.'),
  task: z
    .string()
    .min(1)
    .max(50)
    .optional()
    .describe('The kind of task, such as `embedding`. Missing for a chat.'),
  model: z.string().max(200).describe('The public name of the model that is asked first.'),
  // Missing where the name is the one that was asked for, and the candidates are tried by priority: older entries keep their hash.
  routing: routing
    .optional()
    .describe(
      'The names that were asked for and the choice among candidates. Missing if one public name was asked for, whose models are tried by priority.',
    ),
  api_key_id: z.uuid().nullable().describe('The id of the API key. Null with a session.'),
  level_id: z
    .uuid()
    .optional()
    .describe("The id of the user's level. Missing in entries from before levels were recorded."),
  input_tokens_bound: z
    .int()
    .min(0)
    .describe("An upper bound of the prompt's tokens, used for the reservation."),
  max_output_tokens: z
    .int()
    .min(0)
    .describe('The output limit sent to the providers and used for the reservation.'),
  price_version: z.int().min(0).describe('The version of the price used for the reservation.'),
  started_at_ms: epochMs.describe('The time the execution started, in milliseconds since 1970.'),
});
export type ExecutionStart = z.infer<typeof executionStart>;

/** The start of an execution as recorded by its wallet, with the policy that allowed it. */
const recordedStart = executionStart
  .extend({
    policy: governingPolicy
      .optional()
      .describe(
        'The policy that allowed the execution. Missing in entries from before policies were recorded.',
      ),
  })
  .meta({ id: 'ExecutionStart' });
export type RecordedStart = z.infer<typeof recordedStart>;

/** The outcome of an execution. */
export const executionOutcome = z
  .object({
    id: z.uuid().describe('The id of the execution.'),
    status: z
      .enum(['succeeded', 'failed', 'cancelled', 'expired'])
      .describe(
        'The outcome: `succeeded`: answered; `failed`: not answered and not charged; `cancelled`: stopped by the client; `expired`: not settled before the deadline and not charged.',
      ),
    provider_name: z.string().max(100).nullable().describe('The provider that answered. Null if none did.'),
    provider_model: z.string().max(200).nullable().describe("The provider's name of the model."),
    model: z
      .string()
      .max(200)
      .optional()
      .describe('The public name of the model that answered. Missing if it is the one that was asked first.'),
    finish_reason: z
      .enum(['stop', 'length', 'content_filter', 'tool_calls'])
      .nullable()
      .describe(
        'The reason the answer ended: `stop`: it is complete; `length`: it reached the output limit; `content_filter`: a filter stopped it; `tool_calls`: it asks for tool calls.',
      ),
    usage: usage.nullable().describe('Provider tokens used, by usage class.'),
    usage_source: usageSource.nullable().describe('The source of the usage figures.'),
    price_version: z
      .int()
      .min(0)
      .nullable()
      .describe(
        'The version of the price of the candidate that answered. The reservation used the most expensive candidate.',
      ),
    price: appliedPrice
      .optional()
      .describe(
        'The price that was applied. Missing if nothing was used, and in entries from before prices were recorded.',
      ),
    // Missing where a provider was asked: older entries keep their hash.
    response_cache: cacheHit
      .optional()
      .describe('The part of the price that a kept answer costs. Missing if a provider was asked.'),
    cost_micro_usd: microUsd.describe("The provider's list price of the execution, in micro-USD."),
    // Missing where no budget applies, so that older entries keep their hash.
    wholesale_micro_usd: microUsd
      .optional()
      .describe("The amount charged to the tenant's budget, in micro-USD. Missing where no budget applies."),
    first_token_ms: z
      .int()
      .min(0)
      .optional()
      .describe(
        'The time from the start to the first piece of the answer, in milliseconds. Missing if the answer was not streamed, and in entries from before it was recorded.',
      ),
    attempts: z.array(attempt).max(10).describe('The provider calls, in order.'),
    error_code: z
      .string()
      .max(100)
      .nullable()
      .describe('The reason for a failure or an incomplete answer. Null if the execution succeeded.'),
    finished_at_ms: epochMs.describe('The time the execution ended, in milliseconds since 1970.'),
  })
  .meta({ id: 'ExecutionOutcome' });
export type ExecutionOutcome = z.infer<typeof executionOutcome>;

/**
 * allocation: tokens granted by policy. credit: bought or given. reserve: held for an execution. debit: a settlement.
 * release: a reservation given back. expiry: a reservation given back at its deadline. adjustment: a manual correction, signed, or, of 0, a
 * reservation that was lowered.
 * rollover: monthly tokens that expired when a month closed.
 */
export const journalKind = z
  .enum(['allocation', 'credit', 'reserve', 'debit', 'release', 'expiry', 'adjustment', 'rollover'])
  .meta({ id: 'LedgerEntryKind' });

/**
 * One entry. `amount` is the amount of the operation (always >= 0 except for an adjustment); the deltas and the state
 * after it are its effect: available = monthly + lifetime - reserved.
 */
export const journalEntry = z
  .object({
    seq: z
      .int()
      .min(1)
      .describe("The number of the entry in this wallet's ledger. Starts at 1, without gaps."),
    kind: journalKind.describe(
      'The kind of entry: `allocation`: granted by the policy; `credit`: bought or given; `reserve`: held for an execution; `debit`: charged; `release`: a reservation given back; `expiry`: a reservation given back at its deadline; `adjustment`: corrected by an admin, or, with an amount of 0, a reservation that was lowered; `rollover`: expired at the end of the month.',
    ),
    operation_id: z
      .string()
      .min(1)
      .max(200)
      .describe(
        'The Idempotency-Key of the operation. For `reserve`, `debit`, `release` and `expiry`, the id of the execution.',
      ),
    amount: delta.describe('The amount, in wallet tokens. Only adjustments can be negative.'),
    monthly_delta: delta.describe('The change of `monthly`.'),
    lifetime_delta: delta.describe('The change of `lifetime`.'),
    reserved_delta: delta.describe('The change of `reserved`.'),
    overage: walletTokens.describe(
      'Wallet tokens the balance did not cover, where the policy allows overage.',
    ),
    // Missing when empty, like `thresholds_crossed`, so that entries written before either existed keep their hash.
    shortfall: positiveWalletTokens
      .optional()
      .describe(
        'For `reserve`: the wallet tokens that were missing. With `hard` enforcement the execution would have been refused.',
      ),
    thresholds_crossed: z
      .array(z.int().min(1).max(100))
      .min(1)
      .max(10)
      .optional()
      .describe(
        'The warning thresholds, in percent, that this entry was the first of its period to reach, in ascending order.',
      ),
    monthly_after: walletTokens.describe('`monthly` after the entry.'),
    lifetime_after: walletTokens.describe('`lifetime` after the entry.'),
    reserved_after: walletTokens.describe('Wallet tokens reserved afterwards.'),
    overage_after: walletTokens.describe('`overage` after the entry.'),
    period: z
      .string()
      .regex(/^\d{4}-\d{2}$/)
      .describe('The month the entry belongs to, in UTC.')
      .meta({ examples: ['2026-11'] }),
    policy_version: z
      .int()
      .min(0)
      .describe('The version of the policy that applied, in microseconds since 1970.'),
    actor: actor.describe('The user or system that caused the entry.'),
    reason: z.string().max(500).nullable().describe('The reason given for the operation.'),
    reference: z.string().max(200).nullable().describe('A related invoice, ticket or payment.'),
    execution_start: recordedStart.nullable().describe('For `reserve`: the execution at its start.'),
    execution_outcome: executionOutcome
      .nullable()
      .describe('For entries that end an execution: its outcome.'),
    at_ms: epochMs.describe('The time of the entry, in milliseconds since 1970.'),
    prev_hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe(
        'The SHA-256 of the entry before it in the same wallet, in hex. 64 zeros for the first entry.',
      ),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('The SHA-256 of the canonical form of this entry, its wallet and `prev_hash`, in hex.'),
  })
  .meta({ id: 'JournalEntry' });
export type JournalEntry = z.infer<typeof journalEntry>;

/** The fields of an outcome that every reader of the entry sees. */
export const openOutcome = executionOutcome.omit({
  cost_micro_usd: true,
  wholesale_micro_usd: true,
  price: true,
});

/** Fields of an entry that are left out for readers who may not see provider cost, or what the tenant pays. */
export const withheldField = z.enum([
  'execution_outcome.cost_micro_usd',
  'execution_outcome.price.cost_list',
  'execution_outcome.price.cost_version',
  'execution_outcome.price.micro_usd_per_million',
  'execution_outcome.wholesale_micro_usd',
]);

/**
 * An entry for a reader who may not see all costs: without those fields of its outcome, and with their names. Its hash is that of the
 * whole entry.
 */
export const withheldEntry = journalEntry
  .extend({
    execution_outcome: openOutcome
      .extend({
        cost_micro_usd: executionOutcome.shape.cost_micro_usd
          .optional()
          .describe("The provider's list price of the execution, in micro-USD, if the tenant shows it."),
        price: shownPrice
          .optional()
          .describe('The price that was applied, without that of the provider unless the tenant shows it.'),
      })
      .meta({ id: 'WithheldOutcome' })
      .describe('The outcome of the execution, without the costs that the reader may not see.'),
    withheld: z
      .array(withheldField)
      .min(1)
      .describe('The fields that are left out. The hash covers them as well.'),
  })
  .meta({ id: 'WithheldJournalEntry' });
export type WithheldEntry = z.infer<typeof withheldEntry>;

/**
 * The sums of a wallet's entries: monthly + lifetime = available + reserved, and granted = available + reserved +
 * consumed + expired. The wallet keeps these figures; any reader of its journal can compute them again.
 */
export const walletFigures = z
  .object({
    monthly: walletTokens.describe("Wallet tokens left of this month's allocation."),
    lifetime: walletTokens.describe('Wallet tokens that do not expire.'),
    reserved: walletTokens.describe('Wallet tokens reserved.'),
    overage: walletTokens.describe('Wallet tokens charged beyond the balance.'),
    granted: walletTokens.describe('All wallet tokens ever granted.'),
    consumed: walletTokens.describe('All wallet tokens ever charged from the balance.'),
    expired: walletTokens.describe('All wallet tokens that expired at the end of a month.'),
    in_flight: z.int().min(0).describe('The number of running executions.'),
  })
  .meta({ id: 'WalletFigures' });
export type WalletFigures = z.infer<typeof walletFigures>;

/** One message of the `journal` queue: entries of one wallet, ascending by seq. Kept under the queue's 128 KB. */
export const journalMessage = z.object({
  version: z.literal(1),
  wallet: walletIdentity,
  entries: z.array(journalEntry).min(1).max(100),
});
export type JournalMessage = z.infer<typeof journalMessage>;
