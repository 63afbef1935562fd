import { z } from 'zod';
import { walletFigures } from './journal.ts';

/**
 * A message of the `reconciliation` queue: check the next page of one tenant's wallets, or one wallet that the message of its
 * page could not check completely.
 */
export const reconciliationMessage = z.object({
  version: z.literal(1),
  tenant_id: z.uuid(),
  /** The start of this run, in milliseconds since 1970. Wallets checked since are skipped, so a repeated message does no harm. */
  before_ms: z.int().min(0),
  /** The page starts after this user. Missing on the first page. */
  after_user_id: z.uuid().optional(),
  /** Only this user's wallet. */
  user_id: z.uuid().optional(),
});
export type ReconciliationMessage = z.infer<typeof reconciliationMessage>;

/** A wallet after one of its entries. */
export const checkpoint = z.object({
  seq: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  figures: walletFigures,
});
export type Checkpoint = z.infer<typeof checkpoint>;

/**
 * ok: wallet, ledger and executions agree. behind: newest entries are still on their way. healing: entries are missing in
 * Postgres and the wallet sends them again. different: there is a difference that needs a person.
 */
export const reconciliationStatus = z
  .enum(['ok', 'behind', 'healing', 'different'])
  .meta({ id: 'ReconciliationStatus' });
export type ReconciliationStatus = z.infer<typeof reconciliationStatus>;

/** The kinds of differences. */
export const differenceKind = z
  .enum([
    'entry_missing',
    'hash_broken',
    'link_broken',
    'figures_broken',
    'wallet_head_differs',
    'wallet_figures_differ',
    'wallet_holds_differ',
    'projection_differs',
    'executions_differ',
  ])
  .meta({ id: 'DifferenceKind' });
export type DifferenceKind = z.infer<typeof differenceKind>;

/** One difference. `expected` results from the entries. */
export const difference = z
  .object({
    kind: differenceKind.describe(
      "The kind of difference: `entry_missing`: an entry is missing in the ledger; `hash_broken`: an entry was changed after it was written; `link_broken`: an entry does not follow the one before it; `figures_broken`: the figures of an entry do not result from the one before it; `wallet_head_differs`: the ledger ends at another entry than the wallet; `wallet_figures_differ`: the wallet's figures are not the sum of its entries; `wallet_holds_differ`: the wallet's reserved tokens are not the sum of its running executions; `projection_differs`: the copied balance is not that of the ledger, or the usage by day is not the sum of the executions; `executions_differ`: the charges of executions are not what the wallet consumed.",
    ),
    seq: z
      .int()
      .nullable()
      .describe('The number of the entry. Null if the difference is about the whole wallet.'),
    field: z
      .string()
      .nullable()
      .describe('The name of the figure. Null if the difference is about the whole entry.'),
    expected: z
      .union([z.string(), z.number(), z.null()])
      .describe('The value that results from the entries.'),
    found: z.union([z.string(), z.number(), z.null()]).describe('The value that was found.'),
  })
  .meta({ id: 'Difference' });
export type Difference = z.infer<typeof difference>;
