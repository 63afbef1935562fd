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

/** The entry that was made, and the wallet after it. */
export const walletOperationResponse = z.object({ seq: z.int().min(1), wallet });
