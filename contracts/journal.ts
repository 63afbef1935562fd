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
export const walletIdentity = z.object({ tenant_id: z.uuid(), user_id: z.uuid() });
export type WalletIdentity = z.infer<typeof walletIdentity>;

/** Who caused an operation. `id` is a user's id, or null for the system. */
export const actor = z.object({
  kind: z.enum(['user', 'admin', 'superadmin', 'system']).describe('Whose doing it was'),
  id: z.uuid().nullable().describe('The user; null for the system'),
});

/** How an execution stood when its reservation was made. */
export const executionStart = z.object({
  id: z.uuid(),
  model: z.string().max(200),
  api_key_id: z.uuid().nullable(),
  /** Upper bound of the prompt's tokens, on which the reservation rests. */
  input_tokens_bound: z.int().min(0),
  /** What the providers are told, and so the most output the reservation covers. */
  max_output_tokens: z.int().min(1),
  price_version: z.int().min(0),
  started_at_ms: epochMs,
});
export type ExecutionStart = z.infer<typeof executionStart>;

/** A start as its wallet wrote it down: with the policy that let it run. Absent in entries from before that was written down. */
const recordedStart = executionStart.extend({ policy: governingPolicy.optional() });
export type RecordedStart = z.infer<typeof recordedStart>;

/** How an execution ended. */
export const executionOutcome = z.object({
  id: z.uuid(),
  status: z.enum(['succeeded', 'failed', 'cancelled', 'expired']),
  /** The attempt that answered; null when none did. */
  provider_name: z.string().max(100).nullable(),
  provider_model: z.string().max(200).nullable(),
  finish_reason: z.enum(['stop', 'length', 'content_filter', 'tool_calls']).nullable(),
  usage: usage.nullable(),
  usage_source: usageSource.nullable(),
  /** Price version of the candidate that answered; the reservation rested on the dearest one. */
  price_version: z.int().min(0).nullable(),
  /** What it was charged by. Absent when nothing was used, and in entries from before this was written down: they keep their hash. */
  price: appliedPrice.optional(),
  cost_micro_usd: microUsd,
  attempts: z.array(attempt).max(10),
  error_code: z.string().max(100).nullable(),
  finished_at_ms: epochMs,
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
  seq: z.int().min(1),
  kind: journalKind,
  /** The caller's idempotency key: the execution's id for reserve, debit, release and expiry. */
  operation_id: z.string().min(1).max(200),
  amount: delta,
  monthly_delta: delta,
  lifetime_delta: delta,
  reserved_delta: delta,
  /** What the balance could not cover in warn or monitor mode. */
  overage: walletTokens,
  /**
   * Of a reserve in warn or monitor mode: what `available` could not cover, so that hard enforcement would have refused it.
   * Absent when there is nothing to say, as is `thresholds_crossed`: entries written before either existed keep their hash.
   */
  shortfall: positiveWalletTokens.optional(),
  /** Warning thresholds, in percent, that this debit was the first of its period to reach. Ascending. */
  thresholds_crossed: z.array(z.int().min(1).max(100)).min(1).max(10).optional(),
  monthly_after: walletTokens,
  lifetime_after: walletTokens,
  reserved_after: walletTokens,
  overage_after: walletTokens,
  /** UTC month the entry belongs to, YYYY-MM. */
  period: z.string().regex(/^\d{4}-\d{2}$/),
  policy_version: z.int().min(0),
  actor,
  reason: z.string().max(500).nullable(),
  reference: z.string().max(200).nullable(),
  execution_start: recordedStart.nullable(),
  execution_outcome: executionOutcome.nullable(),
  at_ms: epochMs,
  /** Hex SHA-256 of the entry before it in the same wallet; 64 zeros for the first. */
  prev_hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Hex SHA-256 over the canonical form of this entry, its wallet and `prev_hash`. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
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
