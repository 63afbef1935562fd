import { z } from 'zod';
import { journalEntry, walletFigures, walletIdentity } from '../journal.ts';
import { difference, reconciliationStatus } from '../reconciliation.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { pageQuery } from './paging.ts';
import { userSummary } from './users.ts';
import { wallet } from './wallet.ts';

/** How one wallet stood when it was last checked against its ledger and its executions. */
export const reconciliation = z.object({
  tenant_id: z.uuid().describe('The tenant'),
  user_id: z.uuid().describe('Whose wallet'),
  user_email: z.string().describe('Email address of the user'),
  user: userSummary.describe('The user the wallet belongs to'),
  status: reconciliationStatus.describe(
    '`ok`: wallet, ledger and executions agree; `behind`: newest entries are on their way; `healing`: entries are missing and are sent again; `different`: a person has to look',
  ),
  verified_seq: z
    .int()
    .min(0)
    .describe('Entries proved so far, from the first: those before the first difference'),
  wallet_seq: z.int().min(0).describe('The wallet’s newest entry at that time'),
  repaired_through_seq: z
    .int()
    .min(0)
    .describe(
      'Differences at or before this entry were repaired or acknowledged: they stand in the ledger for good, and are no alarm',
    ),
  differences: z.array(difference).describe('Nothing explains them; the first hundred'),
  acknowledged: z.array(difference).describe('Those that were repaired or acknowledged; the first hundred'),
  checked_at: z.iso.datetime().describe('When it was checked'),
});
export type Reconciliation = z.infer<typeof reconciliation>;

/** Filters of the list. */
export const reconciliationQuery = pageQuery.extend({
  status: reconciliationStatus.optional().describe('Only wallets that stand so; all without'),
});

/** `full` reads the ledger again from its first entry instead of from where the last check ended. */
export const reconcileRequest = z.strictObject({
  full: z
    .boolean()
    .default(false)
    .describe('Reads the ledger again from its first entry instead of from where the last check ended'),
});

/** The outcome of one check: the figures as the wallet holds them, as its entries add up, and what the executions cost. */
export const reconciliationReport = z.object({
  reconciliation: reconciliation.describe('How the wallet stands'),
  entries_verified: z.int().min(0).describe('Entries this check read'),
  figures: z
    .object({
      wallet: walletFigures.describe('As the wallet holds them'),
      ledger: walletFigures.describe('As its entries add up'),
      executions_charged: z
        .int()
        .describe('Sum of what executions were charged; the wallet’s consumed + overage when all is well'),
    })
    .describe('The figures from three sides'),
});
export type ReconciliationReport = z.infer<typeof reconciliationReport>;

/** Why the difference may be written off: it stands in the ledger and in the audit log for good. */
export const repairRequest = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .refine(isStorable, STORABLE_RULE)
    .describe('Why the difference may be written off: it stands in the ledger and in the audit log for good'),
});

/** The compensating entry, or null when only a projection was rewritten, and the check that followed. */
export const repairResponse = z.object({
  seq: z
    .int()
    .min(1)
    .nullable()
    .describe('The compensating entry; null when only a projection was rewritten'),
  wallet: wallet.describe('The wallet after it'),
  report: reconciliationReport.describe('The check that followed'),
});

/** First line of an exported ledger: whose it is, and the newest entry as the wallet itself knows it. */
export const ledgerExportHeader = z.object({
  format: z.literal('vanilla-ledger/1').describe('How the file is to be read'),
  wallet: walletIdentity.describe('Whose ledger'),
  seq: z.int().min(0).describe('The newest entry as the wallet itself knows it; 0 before the first'),
  hash: z.string().describe('Hash of that entry, hex SHA-256; 64 zeros before the first'),
  exported_at: z.iso.datetime().describe('When the file was begun'),
});
export type LedgerExportHeader = z.infer<typeof ledgerExportHeader>;

/** One line of an exported ledger: its header comes first, then every entry, oldest first, exactly as it was hashed. */
export const ledgerExportLine = z.union([
  ledgerExportHeader.describe('The first line: whose ledger it is, and where it ends'),
  journalEntry.describe('Every other line: one entry, oldest first, exactly as it was hashed'),
]);
