import { z } from 'zod';
import { epochMs, microUsd, positiveWalletTokens, WALLET_TOKENS_MAX, walletTokens } from './amounts.ts';
import { appliedPrice } from './price.ts';
import { attempt, usage, usageSource } from './usage.ts';
import { governingPolicy } from './wallet-policy.ts';

/**
 * The journal: what a wallet tells Postgres. Every change of a wallet is one immutable entry, gapless by `seq` and
 * chained by hash, written in the same transaction as the change. Entries that start or end an execution carry it along,
 * so one pipeline feeds user_token_ledger, user_token_wallets and ai_executions.
 */

const delta = z.int().min(-WALLET_TOKENS_MAX).max(WALLET_TOKENS_MAX);

/** Names a wallet: one per user of a tenant. */
export const walletIdentity = z.object({
  tenant_id: z.uuid().describe('The tenant'),
  user_id: z.uuid().describe('The user'),
});
export type WalletIdentity = z.infer<typeof walletIdentity>;

/** Who caused an operation. `id` is a user's id, or null for the system. */
export const actor = z.object({
  kind: z
    .enum(['user', 'admin', 'superadmin', 'system'])
    .describe('Whose doing it was: a person’s, by their role, or `system`: the platform’s own'),
  id: z.uuid().nullable().describe('The user; null for the system'),
});

/** How an execution stood when its reservation was made. */
export const executionStart = z.object({
  id: z.uuid().describe('The execution'),
  task: z
    .string()
    .min(1)
    .max(50)
    .optional()
    .describe('The kind of task, such as `embeddings`; absent for a chat'),
  model: z.string().max(200).describe('The model that was asked for'),
  api_key_id: z.uuid().nullable().describe('The key it was asked with; null with a session'),
  input_tokens_bound: z
    .int()
    .min(0)
    .describe('Upper bound of the prompt’s tokens, on which the reservation rests'),
  max_output_tokens: z
    .int()
    .min(0)
    .describe('What the providers are told, and so the most output the reservation covers'),
  price_version: z.int().min(0).describe('Version of the price the reservation was worked out by'),
  started_at_ms: epochMs.describe('When it began, in milliseconds since 1970'),
});
export type ExecutionStart = z.infer<typeof executionStart>;

/** A start as its wallet wrote it down: with the policy that let it run. Absent in entries from before that was written down. */
const recordedStart = executionStart.extend({
  policy: governingPolicy
    .optional()
    .describe('The policy that let it run; absent in entries from before it was written down'),
});
export type RecordedStart = z.infer<typeof recordedStart>;

/** How an execution ended. */
export const executionOutcome = z.object({
  id: z.uuid().describe('The execution'),
  status: z
    .enum(['succeeded', 'failed', 'cancelled', 'expired'])
    .describe(
      '`succeeded`: it was answered; `failed`: nothing was charged; `cancelled`: nobody waited for the end; `expired`: it was never settled, so nothing was charged',
    ),
  provider_name: z
    .string()
    .max(100)
    .nullable()
    .describe('The provider of the attempt that answered; null when none did'),
  provider_model: z.string().max(200).nullable().describe('Its model, as the provider calls it'),
  finish_reason: z
    .enum(['stop', 'length', 'content_filter', 'tool_calls'])
    .nullable()
    .describe(
      'Why the answer ended: `stop`: by itself; `length`: at the limit of output; `content_filter`: by a filter; `tool_calls`: to have tools called',
    ),
  usage: usage.nullable().describe('What was used, in the provider’s tokens, by class'),
  usage_source: usageSource
    .nullable()
    .describe(
      'Where the figures come from: `reported`: from the provider; `estimated`: from us, since it said nothing; `clamped`: it reported more than was reserved, and that is what was charged',
    ),
  price_version: z
    .int()
    .min(0)
    .nullable()
    .describe('Price version of the candidate that answered; the reservation rested on the dearest one'),
  price: appliedPrice
    .optional()
    .describe(
      'What it was charged by. Absent when nothing was used, and in entries from before this was written down: they keep their hash',
    ),
  cost_micro_usd: microUsd.describe(
    'What the provider charges at its list price, in millionths of a US dollar',
  ),
  attempts: z.array(attempt).max(10).describe('Every call that was made, and how it ended'),
  error_code: z
    .string()
    .max(100)
    .nullable()
    .describe('Why it failed or was cut short; null when it succeeded'),
  finished_at_ms: epochMs.describe('When it ended, in milliseconds since 1970'),
});
export type ExecutionOutcome = z.infer<typeof executionOutcome>;

/**
 * allocation: tokens granted by policy. credit: bought or given. reserve: held for an execution. debit: a settlement.
 * release: a hold given back. expiry: a hold given back by its deadline. adjustment: a manual correction, signed.
 * rollover: monthly tokens that expired when a month closed.
 */
export const journalKind = z.enum([
  'allocation',
  'credit',
  'reserve',
  'debit',
  'release',
  'expiry',
  'adjustment',
  'rollover',
]);

/**
 * One entry. `amount` is what the operation was about (always >= 0 except for an adjustment); the deltas and the state
 * after it are what it did: available = monthly + lifetime - reserved.
 */
export const journalEntry = z.object({
  seq: z.int().min(1).describe('Its number in this wallet’s ledger, from 1 without gaps'),
  kind: journalKind.describe(
    'What happened: `allocation`: granted by policy; `credit`: bought or given; `reserve`: held for an execution; `debit`: charged; `release`: a hold given back; `expiry`: given back by its deadline; `adjustment`: corrected by hand; `rollover`: ended with its month',
  ),
  operation_id: z
    .string()
    .min(1)
    .max(200)
    .describe('The caller’s Idempotency-Key; for `reserve`, `debit`, `release` and `expiry` the execution'),
  amount: delta.describe('What it was about, in wallet tokens; signed for an adjustment alone'),
  monthly_delta: delta.describe('What it did to the month’s tokens'),
  lifetime_delta: delta.describe('What it did to the tokens that do not expire'),
  reserved_delta: delta.describe('What it did to the tokens held'),
  overage: walletTokens.describe('Tokens the balance could not cover, where the policy lets that be'),
  // Absent when there is nothing to say, as is `thresholds_crossed`: entries written before either existed keep their hash.
  shortfall: positiveWalletTokens
    .optional()
    .describe('Of a reserve: tokens it was short of, where hard enforcement would have refused it'),
  thresholds_crossed: z
    .array(z.int().min(1).max(100))
    .min(1)
    .max(10)
    .optional()
    .describe(
      'Warning thresholds, in percent, that this debit was the first of its period to reach; ascending',
    ),
  monthly_after: walletTokens.describe('The month’s tokens after it'),
  lifetime_after: walletTokens.describe('Tokens that do not expire, after it'),
  reserved_after: walletTokens.describe('Tokens held after it'),
  overage_after: walletTokens.describe('Tokens charged beyond the balance so far, after it'),
  period: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .describe('The month it belongs to, in UTC')
    .meta({ examples: ['2026-11'] }),
  policy_version: z
    .int()
    .min(0)
    .describe('Version of the policy it was judged by, in microseconds since 1970'),
  actor: actor.describe('Who caused it'),
  reason: z.string().max(500).nullable().describe('Why, in the words of whoever did it'),
  reference: z.string().max(200).nullable().describe('An invoice, ticket or payment it belongs to'),
  execution_start: recordedStart.nullable().describe('Of a reserve: the execution as it began'),
  execution_outcome: executionOutcome.nullable().describe('Of what ends an execution: how it ended'),
  at_ms: epochMs.describe('When, in milliseconds since 1970'),
  prev_hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('Hex SHA-256 of the entry before it in the same wallet; 64 zeros for the first'),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('Hex SHA-256 over the canonical form of this entry, its wallet and `prev_hash`'),
});
export type JournalEntry = z.infer<typeof journalEntry>;

/**
 * What the entries of a wallet add up to: monthly + lifetime = available + reserved, and granted = available + reserved +
 * consumed + expired. The wallet keeps these figures; whoever reads its journal can add them up again.
 */
export const walletFigures = z.object({
  monthly: walletTokens.describe('Tokens of this month’s allocation that are left'),
  lifetime: walletTokens.describe('Tokens that do not expire with the month'),
  reserved: walletTokens.describe('Tokens held'),
  overage: walletTokens.describe('Charged beyond the balance'),
  granted: walletTokens.describe('All tokens ever given'),
  consumed: walletTokens.describe('All tokens ever charged from the balance'),
  expired: walletTokens.describe('All tokens that ended with their month'),
  in_flight: z.int().min(0).describe('Executions that run'),
});
export type WalletFigures = z.infer<typeof walletFigures>;

/** One message of the `journal` queue: entries of one wallet, ascending by seq. Kept under the queue's 128 KB. */
export const journalMessage = z.object({
  version: z.literal(1),
  wallet: walletIdentity,
  entries: z.array(journalEntry).min(1).max(100),
});
export type JournalMessage = z.infer<typeof journalMessage>;
