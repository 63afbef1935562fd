import { z } from 'zod';
import { walletFigures } from '../journal.ts';
import { difference, reconciliationStatus } from '../reconciliation.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { pageQuery } from './paging.ts';
import { wallet } from './wallet.ts';

/** How one wallet stood when it was last checked against its ledger and its executions. */
export const reconciliation = z.object({
  tenant_id: z.uuid(),
  user_id: z.uuid(),
  user_email: z.string(),
  status: reconciliationStatus,
  /** Entries proved so far, from the first: those before the first difference. */
  verified_seq: z.int().min(0),
  /** The wallet's newest entry at that time. */
  wallet_seq: z.int().min(0),
  /** Differences at or before this entry were repaired or acknowledged: they stand in the ledger for good, and are no alarm. */
  repaired_through_seq: z.int().min(0),
  /** Nothing explains them; the first hundred. */
  differences: z.array(difference),
  /** Those that were repaired or acknowledged; the first hundred. */
  acknowledged: z.array(difference),
  checked_at: z.iso.datetime(),
});
export type Reconciliation = z.infer<typeof reconciliation>;

/** Filters of the list. */
export const reconciliationQuery = pageQuery.extend({ status: reconciliationStatus.optional() });

/** `full` reads the ledger again from its first entry instead of from where the last check ended. */
export const reconcileRequest = z.strictObject({ full: z.boolean().default(false) });

/** The outcome of one check: the figures as the wallet holds them, as its entries add up, and what the executions cost. */
export const reconciliationReport = z.object({
  reconciliation,
  entries_verified: z.int().min(0),
  figures: z.object({
    wallet: walletFigures,
    ledger: walletFigures,
    /** Sum of what executions were charged; the wallet's consumed + overage when all is well. */
    executions_charged: z.int(),
  }),
});
export type ReconciliationReport = z.infer<typeof reconciliationReport>;

/** Why the difference may be written off: it stands in the ledger and in the audit log for good. */
export const repairRequest = z.strictObject({
  reason: z.string().trim().min(1).max(500).refine(isStorable, STORABLE_RULE),
});

/** The compensating entry, or null when only a projection was rewritten, and the check that followed. */
export const repairResponse = z.object({
  seq: z.int().min(1).nullable(),
  wallet,
  report: reconciliationReport,
});

/** First line of an exported ledger: whose it is, and the newest entry as the wallet itself knows it. */
export const ledgerExportHeader = z.object({
  format: z.literal('vanilla-ledger/1'),
  wallet: z.object({ tenant_id: z.uuid(), user_id: z.uuid() }),
  seq: z.int().min(0),
  hash: z.string(),
  exported_at: z.iso.datetime(),
});
export type LedgerExportHeader = z.infer<typeof ledgerExportHeader>;
