import { z } from 'zod';
import { epochMs, positiveWalletTokens, signedWalletTokens, walletTokens } from '../amounts.ts';
import { resourceId } from '../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { actor, executionOutcome, journalKind } from '../wallet/journal.ts';
import { walletPolicy } from '../wallet/wallet-policy.ts';

/** The wallet as its owner sees it. */
export const wallet = z
  .object({
    available: walletTokens.describe('Wallet tokens available now: `monthly` + `lifetime` - `reserved`.'),
    reserved: walletTokens.describe('Wallet tokens reserved for running executions.'),
    monthly: walletTokens.describe("Wallet tokens left of this month's allocation, reserved ones included."),
    lifetime: walletTokens.describe('Wallet tokens that do not expire, reserved ones included.'),
    overage: walletTokens.describe(
      'Wallet tokens charged beyond the balance, where the policy allows overage.',
    ),
    granted: walletTokens.describe('All wallet tokens ever granted.'),
    consumed: walletTokens.describe('All wallet tokens ever charged from the balance.'),
    expired: walletTokens.describe('All wallet tokens that expired at the end of a month.'),
    in_flight: z.int().min(0).describe('The number of running executions.'),
    used_this_period: walletTokens.describe(
      'Wallet tokens charged in this period, overage included. The period is the month or, in `lifetime` mode, the time since the last grant.',
    ),
    warning: z
      .object({
        threshold_percent: z
          .int()
          .min(1)
          .max(100)
          .describe('The threshold, as a percentage of the allocation.'),
        used_percent: z.int().min(0).describe('The used share of the allocation, in percent.'),
      })
      .nullable()
      .describe(
        'The highest warning threshold reached in this period. Null below all thresholds, and in `monitor` mode.',
      ),
    would_refuse: z
      .object({
        executions: z.int().min(0).describe('The number of executions.'),
        tokens: walletTokens.describe('The wallet tokens they were short of.'),
      })
      .describe('Executions of this period that `hard` enforcement would have refused.'),
    seq: z.int().min(0).describe('The number of the newest ledger entry.'),
    period: z
      .string()
      .describe('The month, in UTC.')
      .meta({ examples: ['2026-11'] }),
    resets_at: z.iso
      .datetime()
      .nullable()
      .describe('The time of the next allocation. Null if there is only one.'),
    policy: walletPolicy.omit({ version: true }).describe('The token policy in force.'),
  })
  .meta({ id: 'Wallet' });
export type WalletView = z.infer<typeof wallet>;

/** One entry of the ledger, as stored in Postgres. */
export const ledgerItem = z
  .object({
    seq: z
      .int()
      .min(1)
      .describe("The number of the entry in this wallet's ledger. Starts at 1, without gaps."),
    kind: journalKind.describe(
      'The kind of entry: `allocation`: granted by the policy; `credit`: bought or given; `reserve`: held for an execution; `debit`: charged; `release`: a reservation given back; `expiry`: a reservation given back at its deadline; `adjustment`: corrected by an admin; `rollover`: expired at the end of the month.',
    ),
    amount: z.int().describe('The amount, in wallet tokens. Only adjustments can be negative.'),
    monthly_delta: z.int().describe('The change of `monthly`.'),
    lifetime_delta: z.int().describe('The change of `lifetime`.'),
    reserved_delta: z.int().describe('The change of `reserved`.'),
    overage: walletTokens.describe('The part the balance did not cover.'),
    shortfall: positiveWalletTokens
      .nullable()
      .describe(
        'For `reserve`: the wallet tokens that were missing. With `hard` enforcement the execution would have been refused.',
      ),
    thresholds_crossed: z
      .array(z.int())
      .describe('The warning thresholds, in percent, that this entry was the first to reach.'),
    available_after: walletTokens.describe('Wallet tokens available afterwards.'),
    reserved_after: walletTokens.describe('Wallet tokens reserved afterwards.'),
    operation_id: z
      .string()
      .describe('The operation that caused the entry: the id of an execution, or an Idempotency-Key.'),
    execution_id: resourceId.nullable().describe('The id of the execution. Null for other operations.'),
    actor: actor.describe('The user or system that caused the entry.'),
    reason: z.string().nullable().describe('The reason given for the operation.'),
    reference: z.string().nullable().describe('A related invoice, ticket or payment.'),
    hash: z.string().describe('The SHA-256 of this entry and the one before it, in hex.'),
    at: z.iso.datetime().describe('The time of the entry.'),
    at_ms: epochMs.describe('The same time in milliseconds since 1970, as it was hashed.'),
  })
  .meta({ id: 'LedgerEntry' });
export type LedgerItem = z.infer<typeof ledgerItem>;

const explained = {
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .refine(isStorable, STORABLE_RULE)
    .describe('The reason. It is kept in the ledger.'),
  reference: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine(isStorable, STORABLE_RULE)
    .optional()
    .describe('A related invoice, ticket or payment.'),
};

/** Adds tokens, with the reason. */
export const creditRequest = z
  .strictObject({
    amount: positiveWalletTokens.describe('Wallet tokens to add.'),
    ...explained,
  })
  .meta({ id: 'CreateWalletCreditRequest' });
/** Adds or removes tokens, with the reason. */
export const adjustmentRequest = z
  .strictObject({
    amount: signedWalletTokens.describe('Wallet tokens to add, or to remove if negative.'),
    ...explained,
  })
  .meta({ id: 'CreateWalletAdjustmentRequest' });

/** A finished execution in brief. */
export const endedExecution = z
  .object({
    id: resourceId.describe('The id of the execution.'),
    status: executionOutcome.shape.status,
    tokens_charged: walletTokens.describe('Wallet tokens charged.'),
  })
  .meta({ id: 'EndedExecution' });
export type EndedExecution = z.infer<typeof endedExecution>;

/**
 * A message of the live balance's WebSocket: the wallet after connecting and after every commit, and each execution that has ended, once
 * its record can be read. Clients ignore types they do not know.
 */
export const liveWalletMessage = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('wallet').describe('Sent after you connect and after every change of the wallet.'),
      wallet: wallet.describe('The wallet at this moment.'),
    }),
    z.object({
      type: z.literal('execution').describe('Sent after an execution has ended.'),
      execution: endedExecution.describe('The result in brief. Fetch the execution for the rest.'),
    }),
  ])
  .meta({ id: 'LiveWalletMessage' });
export type LiveWalletMessage = z.infer<typeof liveWalletMessage>;

/** A ticket for one WebSocket. */
export const liveTicket = z
  .object({
    ticket: z
      .string()
      .describe('The ticket. Offer it as the subprotocol `ticket.<ticket>`. It opens one WebSocket.'),
    expires_at: z.iso.datetime().describe('The time from which it opens none, after 30 seconds.'),
  })
  .meta({ id: 'LiveTicket' });
export type LiveTicket = z.infer<typeof liveTicket>;

/** The new ledger entry and the wallet after it. */
export const walletOperationResponse = z
  .object({
    seq: z.int().min(1).describe('The number of the new ledger entry.'),
    wallet: wallet.describe('The wallet after the operation.'),
  })
  .meta({ id: 'WalletOperation' });
