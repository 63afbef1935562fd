import type {
  Difference,
  DifferenceKind,
  ReconciliationStatus,
} from '../../../../contracts/reconciliation.ts';
import { formatTokens, sentence } from '../../lib/format.ts';

/** What reconciliation found, in words. Pure. */

export const statusNames: Record<ReconciliationStatus, string> = {
  ok: 'In order',
  behind: 'Behind',
  healing: 'Healing',
  different: 'Different',
};

export const statusExplanations: Record<ReconciliationStatus, string> = {
  ok: 'The wallet, its ledger and what its executions were charged agree to the token.',
  behind: 'The newest entries are still on their way to the database. Nothing is wrong.',
  healing: 'Entries were missing in the database. The wallet is sending them again.',
  different: 'A difference that nothing explains. Somebody has to look at it.',
};

const kindTitles: Record<DifferenceKind, string> = {
  entry_missing: 'An entry is missing from the ledger',
  hash_broken: 'An entry is not what was written: its hash does not fit',
  link_broken: 'An entry does not follow from the one before it',
  figures_broken: 'The figures of an entry do not follow from the one before it',
  wallet_head_differs: "The ledger does not end where the wallet's own does",
  wallet_figures_differ: 'The wallet does not hold what its entries add up to',
  wallet_holds_differ: 'What the wallet holds is not what its running executions hold',
  projection_differs: 'The balance shown in lists is not the one of the ledger',
  executions_differ: 'The executions were not charged what the wallet consumed',
};

const inWords = (value: Difference['found']): string => {
  if (value === null) return 'nothing';
  return typeof value === 'number' ? formatTokens(value) : value;
};

export const titleOf = ({ kind }: Difference): string => kindTitles[kind];

/** Where a difference is, and what it is between. */
export function detailOf({ seq, field, expected, found }: Difference): string {
  const places = [
    seq === null ? null : `entry ${formatTokens(seq)}`,
    field === null ? null : field.replaceAll('_', ' '),
  ].filter((place) => place !== null);
  const where = places.length === 0 ? '' : `${sentence(places.join(', '))}: `;
  return `${where}${inWords(expected)} expected, ${inWords(found)} found`;
}
