import { z } from 'zod';
import { walletFigures } from './journal.ts';

/**
 * A message of the `reconciliation` queue: check the next page of one tenant's wallets, or one wallet that the message of its
 * page could not check or not read to the end.
 */
export const reconciliationMessage = z.object({
  version: z.literal(1),
  tenant_id: z.uuid(),
  /** When this run began, milliseconds since the epoch: a wallet checked since is done, so a repeated message does no harm. */
  before_ms: z.int().min(0),
  /** The page begins after this user; absent on the first. */
  after_user_id: z.uuid().optional(),
  /** Only this user's wallet. */
  user_id: z.uuid().optional(),
});
export type ReconciliationMessage = z.infer<typeof reconciliationMessage>;

/** A wallet as it stood after one entry. */
export const checkpoint = z.object({
  seq: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  figures: walletFigures,
});
export type Checkpoint = z.infer<typeof checkpoint>;

/**
 * ok: wallet, ledger and executions agree. behind: newest entries are still on their way. healing: entries are missing in
 * Postgres and the wallet sends them again. different: a difference nothing explains; a person has to look.
 */
export const reconciliationStatus = z.enum(['ok', 'behind', 'healing', 'different']);
export type ReconciliationStatus = z.infer<typeof reconciliationStatus>;

/** Everything that can be wrong, by what it says. */
export const differenceKind = z.enum([
  'entry_missing',
  'hash_broken',
  'link_broken',
  'figures_broken',
  'wallet_head_differs',
  'wallet_figures_differ',
  'wallet_holds_differ',
  'projection_differs',
  'executions_differ',
]);
export type DifferenceKind = z.infer<typeof differenceKind>;

/** One difference. `expected` is what the entries say, `found` what is there. */
export const difference = z.object({
  kind: differenceKind.describe(
    'What is wrong: `entry_missing`: an entry is not in the ledger; `hash_broken`: an entry is not what was written; `link_broken`: an entry does not follow from the one before it; `figures_broken`: the figures of an entry do not follow from the one before it; `wallet_head_differs`: the ledger does not end where the wallet’s own does; `wallet_figures_differ`: the wallet does not hold what its entries add up to; `wallet_holds_differ`: what the wallet holds is not what its running executions hold; `projection_differs`: lists show another balance than the ledger; `executions_differ`: executions were not charged what the wallet consumed',
  ),
  seq: z.int().nullable().describe('The entry it was found at; null when it is about the whole'),
  field: z.string().nullable().describe('The figure it is about; null when it is about the entry as such'),
  expected: z.union([z.string(), z.number(), z.null()]).describe('What the entries say'),
  found: z.union([z.string(), z.number(), z.null()]).describe('What is there'),
});
export type Difference = z.infer<typeof difference>;
