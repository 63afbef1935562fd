import { z } from 'zod';
import { epochMs, positiveWalletTokens, signedWalletTokens, walletTokens } from '../amounts.ts';
import { actor, executionOutcome, journalKind } from '../journal.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { walletPolicy } from '../wallet-policy.ts';

/** The wallet as its owner sees it: available = monthly + lifetime - reserved. */
export const wallet = z.object({
  available: walletTokens.describe('Tokens that can be spent now: monthly + lifetime - reserved'),
  reserved: walletTokens.describe('Tokens held for executions that run'),
  monthly: walletTokens.describe('Tokens of this month’s allocation that are left, held ones included'),
  lifetime: walletTokens.describe('Tokens that do not expire with the month, held ones included'),
  overage: walletTokens.describe('Charged beyond the balance, where the policy lets that be'),
  granted: walletTokens.describe('All wallet tokens ever given'),
  consumed: walletTokens.describe('All tokens ever charged from the balance'),
  expired: walletTokens.describe('All tokens that ended with their month'),
  in_flight: z.int().min(0).describe('Executions that run now'),
  used_this_period: walletTokens.describe(
    'Charged since the period began, overage included. The period is the month, or in lifetime mode the time since the last grant',
  ),
  warning: z
    .object({
      threshold_percent: z.int().min(1).max(100).describe('The threshold, in percent of the allocation'),
      used_percent: z.int().min(0).describe('What is used of the allocation, in percent'),
    })
    .nullable()
    .describe(
      'The highest warning threshold that use has reached in this period; null below all of them, and in monitor mode',
    ),
  would_refuse: z
    .object({
      executions: z.int().min(0).describe('How many there were'),
      tokens: walletTokens.describe('Tokens they were short of'),
    })
    .describe('Executions of this period that hard enforcement would have refused'),
  seq: z.int().min(0).describe('The newest entry of the ledger'),
  period: z
    .string()
    .describe('The month in UTC, as 2026-11')
    .meta({ examples: ['2026-11'] }),
  resets_at: z.iso.datetime().nullable().describe('When the next allocation comes; null where it comes once'),
  policy: walletPolicy.omit({ version: true }).describe('The rules it lives by'),
});
export type Wallet = z.infer<typeof wallet>;

/** One line of the ledger, as stored in Postgres. */
export const ledgerItem = z.object({
  seq: z.int().min(1).describe('Its number in this wallet’s ledger, from 1 without gaps'),
  kind: journalKind.describe(
    'What happened: `allocation`: granted by policy; `credit`: bought or given; `reserve`: held for an execution; `debit`: charged; `release`: a hold given back; `expiry`: given back by its deadline; `adjustment`: corrected by hand; `rollover`: ended with its month',
  ),
  amount: z.int().describe('What it was about, in wallet tokens; signed for an adjustment alone'),
  monthly_delta: z.int().describe('What it did to the monthly tokens'),
  lifetime_delta: z.int().describe('What it did to the lifetime tokens'),
  reserved_delta: z.int().describe('What it did to the held tokens'),
  overage: walletTokens.describe('What the balance could not cover of it'),
  shortfall: positiveWalletTokens
    .nullable()
    .describe('Of a reserve: tokens it was short of, where hard enforcement would have refused it'),
  thresholds_crossed: z
    .array(z.int())
    .describe('Warning thresholds, in percent, that it was the first to reach'),
  available_after: walletTokens.describe('Tokens available after it'),
  reserved_after: walletTokens.describe('Tokens held after it'),
  operation_id: z.string().describe('What caused it: an execution, or the Idempotency-Key of an operation'),
  execution_id: z.uuid().nullable().describe('The execution it belongs to'),
  actor: actor.describe('Who caused it'),
  reason: z.string().nullable().describe('Why, in the words of whoever did it'),
  reference: z.string().nullable().describe('An invoice, ticket or payment it belongs to'),
  hash: z.string().describe('SHA-256 over it and the entry before, in hex'),
  at: z.iso.datetime().describe('When it happened'),
  at_ms: epochMs.describe('The same in milliseconds since 1970, as it was hashed'),
});
export type LedgerItem = z.infer<typeof ledgerItem>;

const explained = {
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .refine(isStorable, STORABLE_RULE)
    .describe('Why, in words: it stands in the ledger for good'),
  reference: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine(isStorable, STORABLE_RULE)
    .optional()
    .describe('An invoice, ticket or payment this belongs to'),
};

/** Tokens that are given, with why. */
export const creditRequest = z.strictObject({
  amount: positiveWalletTokens.describe('Wallet tokens to give'),
  ...explained,
});
/** A correction by hand, in either direction, with why. */
export const adjustmentRequest = z.strictObject({
  amount: signedWalletTokens.describe('Wallet tokens to give, or, below zero, to take'),
  ...explained,
});

/** An execution that has ended, in brief. */
export const endedExecution = z.object({
  id: z.uuid().describe('The execution'),
  status: executionOutcome.shape.status,
  tokens_charged: walletTokens.describe('Wallet tokens it was charged'),
});
export type EndedExecution = z.infer<typeof endedExecution>;

/**
 * What the live balance sends over its WebSocket: the wallet at once and after every commit, and each execution that has ended, once
 * its record can be read. More types may come: what a listener does not know it leaves out.
 */
export const liveWalletMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('wallet').describe('The wallet has changed, or somebody has begun to listen'),
    wallet: wallet.describe('The wallet as it is now'),
  }),
  z.object({
    type: z.literal('execution').describe('An execution has ended'),
    execution: endedExecution.describe('Which, and how: its record has the rest'),
  }),
]);
export type LiveWalletMessage = z.infer<typeof liveWalletMessage>;

/** The subprotocol of the live balance. The session token travels beside it as `bearer.<token>`: browsers send no headers. */
export const LIVE_WALLET_PROTOCOL = 'wallet.v1';

/** Why the live balance was closed from our side: close codes of its WebSocket (4000-4999 are an application's own). */
export const liveWalletClose = { session_revoked: 4401, user_disabled: 4403 } as const;

/** The entry that was made, and the wallet after it. */
export const walletOperationResponse = z.object({
  seq: z.int().min(1).describe('The entry that was made'),
  wallet: wallet.describe('The wallet after it'),
});
