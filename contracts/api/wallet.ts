import { z } from 'zod';
import { epochMs, positiveWalletTokens, signedWalletTokens, walletTokens } from '../amounts.ts';
import { actor, journalKind } from '../journal.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { walletPolicy } from '../wallet-policy.ts';

/** The wallet as its owner sees it: available = monthly + lifetime - reserved. */
export const wallet = z.object({
  available: walletTokens,
  reserved: walletTokens,
  monthly: walletTokens,
  lifetime: walletTokens,
  overage: walletTokens,
  granted: walletTokens,
  consumed: walletTokens,
  expired: walletTokens,
  in_flight: z.int().min(0),
  /** Charged since the period began, overage included. The period is the month, or in lifetime mode the time since the last grant. */
  used_this_period: walletTokens,
  /** The highest warning threshold that use has reached in this period; null below all of them, and in monitor mode. */
  warning: z.object({ threshold_percent: z.int().min(1).max(100), used_percent: z.int().min(0) }).nullable(),
  /** Executions of this period that hard enforcement would have refused, and the tokens they were short of. */
  would_refuse: z.object({ executions: z.int().min(0), tokens: walletTokens }),
  /** Number of the newest journal entry. */
  seq: z.int().min(0),
  period: z.string(),
  resets_at: z.iso.datetime().nullable(),
  policy: walletPolicy.omit({ version: true }),
});
export type Wallet = z.infer<typeof wallet>;

/** One line of the ledger, as stored in Postgres. */
export const ledgerItem = z.object({
  seq: z.int().min(1),
  kind: journalKind,
  amount: z.int(),
  monthly_delta: z.int(),
  lifetime_delta: z.int(),
  reserved_delta: z.int(),
  overage: walletTokens,
  /** Of a reserve: tokens it was short of, where hard enforcement would have refused it. */
  shortfall: positiveWalletTokens.nullable(),
  /** Warning thresholds this debit was the first to reach, in percent. */
  thresholds_crossed: z.array(z.int()),
  available_after: walletTokens,
  reserved_after: walletTokens,
  operation_id: z.string(),
  execution_id: z.uuid().nullable(),
  actor,
  reason: z.string().nullable(),
  reference: z.string().nullable(),
  hash: z.string(),
  at: z.iso.datetime(),
  at_ms: epochMs,
});
export type LedgerItem = z.infer<typeof ledgerItem>;

const explained = {
  /** Why, in words: it stands in the ledger for good. */
  reason: z.string().trim().min(1).max(500).refine(isStorable, STORABLE_RULE),
  /** An invoice, ticket or payment this belongs to. */
  reference: z.string().trim().min(1).max(200).refine(isStorable, STORABLE_RULE).optional(),
};

export const creditRequest = z.strictObject({ amount: positiveWalletTokens, ...explained });
export const adjustmentRequest = z.strictObject({ amount: signedWalletTokens, ...explained });

/** What the live balance sends over its WebSocket: at once, and after every commit of the wallet. */
export const liveWalletMessage = z.object({ type: z.literal('wallet'), wallet });
export type LiveWalletMessage = z.infer<typeof liveWalletMessage>;

/** The subprotocol of the live balance. The session token travels beside it as `bearer.<token>`: browsers send no headers. */
export const LIVE_WALLET_PROTOCOL = 'wallet.v1';

/** Why the live balance was closed from our side: close codes of its WebSocket (4000-4999 are an application's own). */
export const liveWalletClose = { session_revoked: 4401, user_disabled: 4403 } as const;

/** The entry that was made, and the wallet after it. */
export const walletOperationResponse = z.object({ seq: z.int().min(1), wallet });
