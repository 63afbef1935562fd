import { sql } from 'drizzle-orm';
import { type AnyPgColumn, check, integer, jsonb, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { ExecutionOutcome, RecordedStart } from '../../../contracts/wallet/journal.ts';
import type { Checkpoint, Difference } from '../../../contracts/wallet/reconciliation.ts';
import {
  amount,
  amountsInRange,
  createdAt,
  epochMsColumn,
  safeIntegers,
  signedAmountsInRange,
  updatedAt,
} from './columns.ts';

/** Columns and checks of the projections that users' wallets and tenants' wallets share. */

type Columns<Factory extends () => object> = Record<keyof ReturnType<Factory>, AnyPgColumn>;

/** A wallet as its journal last reported it. */
export const walletColumns = () => ({
  /** The newest entry this row reflects. It only increases. */
  seq: amount('seq').notNull(),
  monthly: amount('monthly').notNull(),
  lifetime: amount('lifetime').notNull(),
  reserved: amount('reserved').notNull(),
  overage: amount('overage').notNull(),
  period: text('period').notNull(),
  policy_version: amount('policy_version').notNull(),
  updated_at: updatedAt(),
});

/** The checks of those columns. */
export const walletChecks = (table: string, t: Columns<typeof walletColumns>) => [
  amountsInRange(`${table}_amounts_in_range`, t.seq, t.monthly, t.lifetime, t.reserved, t.overage),
  safeIntegers(`${table}_versions_are_safe`, t.policy_version),
  check(`${table}_never_below_zero`, sql`${t.monthly} + ${t.lifetime} >= ${t.reserved}`),
];

/** One entry of a wallet's journal. */
export const ledgerColumns = () => ({
  seq: amount('seq').notNull(),
  kind: text('kind', {
    enum: ['allocation', 'credit', 'reserve', 'debit', 'release', 'expiry', 'adjustment', 'rollover'],
  }).notNull(),
  operation_id: text('operation_id').notNull(),
  amount: amount('amount').notNull(),
  monthly_delta: amount('monthly_delta').notNull(),
  lifetime_delta: amount('lifetime_delta').notNull(),
  reserved_delta: amount('reserved_delta').notNull(),
  overage: amount('overage').notNull(),
  /** Null in entries without it. */
  shortfall: amount('shortfall'),
  thresholds_crossed: integer('thresholds_crossed').array(),
  monthly_after: amount('monthly_after').notNull(),
  lifetime_after: amount('lifetime_after').notNull(),
  reserved_after: amount('reserved_after').notNull(),
  overage_after: amount('overage_after').notNull(),
  period: text('period').notNull(),
  policy_version: amount('policy_version').notNull(),
  actor_kind: text('actor_kind', {
    enum: ['user', 'admin', 'superadmin', 'management_key', 'system'],
  }).notNull(),
  actor_id: uuid('actor_id'),
  reason: text('reason'),
  reference: text('reference'),
  execution_id: uuid('execution_id'),
  /** As the wallet hashed them, so that the hash can be verified. */
  execution_start: jsonb('execution_start').$type<RecordedStart>(),
  execution_outcome: jsonb('execution_outcome').$type<ExecutionOutcome>(),
  at_ms: epochMsColumn('at_ms').notNull(),
  prev_hash: text('prev_hash').notNull(),
  hash: text('hash').notNull(),
  created_at: createdAt(),
});

/** The checks of those columns. */
export const ledgerChecks = (table: string, t: Columns<typeof ledgerColumns>) => [
  check(
    `${table}_kind_is_known`,
    sql`${t.kind} in ('allocation', 'credit', 'reserve', 'debit', 'release', 'expiry', 'adjustment', 'rollover')`,
  ),
  check(
    `${table}_starts_with_the_first`,
    sql`${t.seq} > 1 or (${t.seq} = 1 and ${t.prev_hash} = repeat('0', 64))`,
  ),
  check(
    `${table}_hashes_are_sha256`,
    sql`${t.hash} ~ '^[0-9a-f]{64}$' and ${t.prev_hash} ~ '^[0-9a-f]{64}$'`,
  ),
  check(`${table}_never_below_zero`, sql`${t.monthly_after} + ${t.lifetime_after} >= ${t.reserved_after}`),
  safeIntegers(`${table}_versions_and_times_are_safe`, t.policy_version, t.at_ms),
  amountsInRange(
    `${table}_state_in_range`,
    t.seq,
    t.overage,
    t.shortfall,
    t.monthly_after,
    t.lifetime_after,
    t.reserved_after,
    t.overage_after,
  ),
  signedAmountsInRange(
    `${table}_deltas_in_range`,
    t.amount,
    t.monthly_delta,
    t.lifetime_delta,
    t.reserved_delta,
  ),
];

/** The last check of a wallet. */
export const findingsColumns = () => ({
  status: text('status', { enum: ['ok', 'behind', 'healing', 'different'] }).notNull(),
  /** The ledger was read up to this entry; the next check continues after it. */
  checkpoint: jsonb('checkpoint').$type<Checkpoint>().notNull(),
  /** The wallet's newest entry at the time of the check. */
  wallet_seq: amount('wallet_seq').notNull(),
  /** Unexplained differences. */
  differences: jsonb('differences').$type<Difference[]>().notNull(),
  /** Differences found before a repair. The ledger contains them permanently. */
  acknowledged: jsonb('acknowledged').$type<Difference[]>().notNull().default([]),
  /** Differences up to this entry were repaired by a compensating entry; 0 without a repair. */
  repaired_through_seq: amount('repaired_through_seq').notNull().default(0),
  /** The wallet as the last repair left it. The entries before it may not add up to it. Null without a repair. */
  repaired_checkpoint: jsonb('repaired_checkpoint').$type<Checkpoint>(),
  checked_at: timestamp('checked_at', { withTimezone: true, mode: 'string' }).notNull(),
});

/** The checks of those columns. */
export const findingsChecks = (table: string, t: Columns<typeof findingsColumns>) => [
  check(`${table}_status_is_known`, sql`${t.status} in ('ok', 'behind', 'healing', 'different')`),
  amountsInRange(`${table}_seqs_in_range`, t.wallet_seq, t.repaired_through_seq),
];
