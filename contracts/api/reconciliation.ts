import { z } from 'zod';
import { resourceId } from '../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { journalEntry, walletFigures, walletIdentity, withheldEntry } from '../wallet/journal.ts';
import { difference, reconciliationStatus } from '../wallet/reconciliation.ts';
import { pageParams } from './paging.ts';
import { tenantBudget } from './tenant/budgets.ts';
import { userSummary } from './tenant/users.ts';
import { wallet } from './wallet.ts';

/** The result of a check of one wallet against its ledger and its executions. */
const checkResult = z.object({
  status: reconciliationStatus.describe(
    'The result of the last check: `ok`: wallet, ledger and executions agree; `behind`: the newest entries have not arrived yet; `healing`: missing entries are being sent again; `different`: there is a difference that needs a person.',
  ),
  verified_seq: z
    .int()
    .min(0)
    .describe('The number of verified entries from the first one on, up to the first difference.'),
  wallet_seq: z.int().min(0).describe("The wallet's newest entry at the time of the check."),
  repaired_through_seq: z
    .int()
    .min(0)
    .describe(
      'Differences up to this entry were repaired or acknowledged. They stay in the ledger and raise no alarm.',
    ),
  differences: z.array(difference).describe('Differences without an explanation, at most 100.'),
  acknowledged: z.array(difference).describe('Differences that were repaired or acknowledged, at most 100.'),
  checked_at: z.iso.datetime().describe('The time of the check.'),
});
export type CheckResult = z.infer<typeof checkResult>;

/** The last check of a user's wallet. */
export const reconciliation = z
  .object({
    tenant_id: resourceId.describe('The id of the tenant.'),
    user_id: resourceId.describe("The id of the wallet's owner."),
    user_email: z.string().describe('The email address of that user.'),
    user: userSummary.describe("The wallet's owner."),
    ...checkResult.shape,
  })
  .meta({ id: 'Reconciliation' });
export type Reconciliation = z.infer<typeof reconciliation>;

/** The last check of a tenant's wallet, which keeps its budget. */
export const tenantReconciliation = z
  .object({
    tenant_id: resourceId.describe('The id of the tenant.'),
    tenant_slug: z.string().describe('The short name of the tenant.'),
    ...checkResult.shape,
  })
  .meta({ id: 'TenantReconciliation' });
export type TenantReconciliation = z.infer<typeof tenantReconciliation>;

/** Filters of the list. */
export const reconciliationQuery = pageParams.extend({
  status: reconciliationStatus.optional().describe('Returns only wallets with this status.'),
});

/** Starts a check. */
export const reconcileRequest = z
  .strictObject({
    full: z
      .boolean()
      .default(false)
      .describe(
        'If true, the check reads the ledger from its first entry. Otherwise it continues after the last check. Defaults to false.',
      ),
  })
  .meta({ id: 'ReconcileWalletRequest' });

/** The result of a check, with the figures from the wallet, its ledger and its executions. */
export const reconciliationReport = z
  .object({
    reconciliation: reconciliation.describe('The result for this wallet.'),
    entries_verified: z.int().min(0).describe('The number of entries read by this check.'),
    figures: z
      .object({
        wallet: walletFigures.describe('The figures the wallet holds.'),
        ledger: walletFigures.describe("The figures that result from the wallet's entries."),
        executions_charged: z
          .int()
          .describe(
            "The sum of all charges of executions. Equal to the wallet's `consumed` plus `overage` when everything agrees.",
          ),
      })
      .describe('The figures from the wallet, its ledger and its executions.'),
  })
  .meta({ id: 'ReconciliationReport' });
export type ReconciliationReport = z.infer<typeof reconciliationReport>;

/** The result of a check of a tenant's wallet, with its figures in micro-USD. */
export const tenantReconciliationReport = z
  .object({
    reconciliation: tenantReconciliation.describe("The result for the tenant's wallet."),
    entries_verified: reconciliationReport.shape.entries_verified,
    figures: z
      .object({
        wallet: walletFigures.describe('The figures the wallet holds, in micro-USD.'),
        ledger: walletFigures.describe("The figures that result from the wallet's entries, in micro-USD."),
        executions_charged: z
          .int()
          .describe(
            "The sum of what executions cost the tenant, in micro-USD: the wallet's `consumed` plus `overage`, and what open leases have spent.",
          ),
      })
      .describe('The figures from the wallet, its ledger and its executions.'),
  })
  .meta({ id: 'TenantReconciliationReport' });
export type TenantReconciliationReport = z.infer<typeof tenantReconciliationReport>;

/** Repairs a wallet, with the reason. */
export const repairRequest = z
  .strictObject({
    reason: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .refine(isStorable, STORABLE_RULE)
      .describe(
        'The reason the difference can be written off. It is kept in the ledger and in the audit log.',
      ),
  })
  .meta({ id: 'RepairWalletRequest' });

/** The repair and the check after it. */
export const repairResponse = z
  .object({
    seq: z
      .int()
      .min(1)
      .nullable()
      .describe('The compensating entry. Null if only a projection was rewritten.'),
    wallet: wallet.describe('The wallet after the operation.'),
    report: reconciliationReport.describe('The check after the repair.'),
  })
  .meta({ id: 'RepairWalletResponse' });

/** The repair of a tenant's wallet and the check after it. */
export const tenantRepairResponse = z
  .object({
    seq: repairResponse.shape.seq,
    budget: tenantBudget.describe('The budget after the repair.'),
    report: tenantReconciliationReport.describe('The check after the repair.'),
  })
  .meta({ id: 'RepairTenantWalletResponse' });

/** The first line of an exported ledger: its wallet and the wallet's newest entry. */
export const ledgerExportHeader = z
  .object({
    format: z.literal('vanilla-ledger/1').describe('The format of the file.'),
    wallet: walletIdentity.describe('The wallet the ledger belongs to.'),
    seq: z.int().min(0).describe("The wallet's newest entry. 0 if there is none."),
    hash: z.string().describe('The hash of that entry: SHA-256 in hex, or 64 zeros if there is none.'),
    exported_at: z.iso.datetime().describe('The time the export started.'),
  })
  .meta({ id: 'LedgerExportHeader' });
export type LedgerExportHeader = z.infer<typeof ledgerExportHeader>;

/** One line of an exported ledger: the header first, then the entries, oldest first, exactly as they were hashed. */
export const ledgerExportLine = z
  .union([
    ledgerExportHeader.describe('The first line: the wallet and the end of its ledger.'),
    journalEntry.describe('All other lines: the entries, oldest first, exactly as they were hashed.'),
    withheldEntry.describe(
      "An entry without the provider's price and cost, for users whose tenant does not show them. Its numbers and its hash are complete.",
    ),
  ])
  .meta({ id: 'LedgerExportLine' });
