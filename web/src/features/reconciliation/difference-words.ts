import type {
  Difference,
  DifferenceKind,
  ReconciliationStatus,
} from '../../../../contracts/wallet/reconciliation.ts';
import { formatTokens, sentence } from '../../lib/format.ts';

/** Statuses and differences of reconciliation, in words. Pure. */

export const statusNames: Record<ReconciliationStatus, string> = {
  ok: 'In order',
  behind: 'Behind',
  healing: 'Healing',
  different: 'Different',
};

export const statusExplanations: Record<ReconciliationStatus, string> = {
  ok: 'The wallet, its ledger and its executions agree.',
  behind: 'The newest entries have not reached the database yet. Nothing is wrong.',
  healing: 'Entries were missing in the database. The wallet is sending them again.',
  different: 'An unexplained difference. Review it.',
};

const kindTitles: Record<DifferenceKind, string> = {
  entry_missing: 'An entry is missing from the ledger',
  hash_broken: 'An entry was changed: its hash does not match',
  link_broken: 'An entry does not follow from the one before it',
  figures_broken: 'The figures of an entry do not follow from the one before it',
  wallet_head_differs: "The last entry of the ledger is not the wallet's last entry",
  wallet_figures_differ: 'The figures of the wallet differ from the sum of its entries',
  wallet_holds_differ: 'The amount held by the wallet differs from that of its running executions',
  projection_differs: 'The balance in lists differs from the ledger',
  executions_differ: 'The charges of the executions differ from the amount the wallet consumed',
};

const inWords = (value: Difference['found']): string => {
  if (value === null) return 'nothing';
  return typeof value === 'number' ? formatTokens(value) : value;
};

export const titleOf = ({ kind, field }: Difference): string =>
  field === 'daily_usage' ? 'The usage by day differs from the sum of the executions' : kindTitles[kind];

/** Place of a difference, with the expected and the found value. */
export function detailOf({ seq, field, expected, found }: Difference): string {
  const places = [
    seq === null ? null : `entry ${formatTokens(seq)}`,
    field === null ? null : field.replaceAll('_', ' '),
  ].filter((place) => place !== null);
  const where = places.length === 0 ? '' : `${sentence(places.join(', '))}: `;
  return `${where}${inWords(expected)} expected, ${inWords(found)} found`;
}
