import type { OwnBudget, TenantBudget, TenantLedgerItem } from '../../../../contracts/api/tenant/budgets.ts';
import { formatMicroUsd, formatTimeShort, sentenceList } from '../../lib/format.ts';

/** Budgets in words. Pure. */

export const modeNames = { monthly: 'By the month', prepaid: 'Prepaid' } as const;

export const modeExplanations = {
  monthly: 'A limit for each month, in UTC. What is left expires at its end.',
  prepaid: 'A balance that you top up. It does not expire.',
} as const;

export const enforcementNames = { hard: 'Hard limit', warn: 'Soft limit', monitor: 'No limit' } as const;

export const enforcementExplanations = {
  hard: 'Executions that the budget does not cover are refused.',
  warn: 'Executions go on beyond the budget, with a warning.',
  monitor: 'Executions go on, and the overage is counted.',
} as const;

/** The kinds of entries of a tenant's ledger. */
export const kindNames: Record<TenantLedgerItem['kind'], string> = {
  allocation: 'Month begun',
  credit: 'Paid in',
  reserve: 'Leased',
  debit: 'Spent',
  release: 'Returned',
  expiry: 'Lease expired',
  adjustment: 'Budget set',
  rollover: 'Month closed',
};

/** Hundredths of a percent as a percentage. */
export const formatBasisPoints = (basisPoints: number): string =>
  `${(basisPoints / 100).toLocaleString(undefined, { maximumFractionDigits: 2 })} %`;

/** The kind of a budget and its end, in a sentence. */
export function budgetSentence({ mode, limit_micro_usd, resets_at }: OwnBudget): string {
  if (mode === 'prepaid') return 'A prepaid balance, which does not expire.';
  const next = resets_at === null ? '' : `, next on ${formatTimeShort(resets_at)}`;
  return `${formatMicroUsd(limit_micro_usd ?? 0)} every month${next}.`;
}

/** The terms of a budget that are reviewed before they are saved. */
type Terms = Pick<
  TenantBudget,
  'mode' | 'enforcement' | 'markup_basis_points' | 'own_key_fee_micro_usd' | 'warning_thresholds_percent'
> & { amount_micro_usd: number };

const termLabels = {
  mode: 'Kind',
  amount_micro_usd: 'Amount',
  enforcement: 'Limit',
  warning_thresholds_percent: 'Warnings',
  markup_basis_points: 'Markup',
  own_key_fee_micro_usd: 'Fee on own keys',
} as const satisfies Record<keyof Terms, string>;

const wordsOf = (terms: Terms): Record<keyof Terms, string> => ({
  mode: modeNames[terms.mode],
  amount_micro_usd: formatMicroUsd(terms.amount_micro_usd),
  enforcement: enforcementNames[terms.enforcement],
  warning_thresholds_percent:
    terms.warning_thresholds_percent.length === 0
      ? 'None'
      : `At ${sentenceList(terms.warning_thresholds_percent.map((percent) => `${percent} %`))}`,
  markup_basis_points: formatBasisPoints(terms.markup_basis_points),
  own_key_fee_micro_usd: formatMicroUsd(terms.own_key_fee_micro_usd),
});

/** The terms in which two budgets differ, in words, in the order in which they are edited. */
export function changedTerms(before: Terms, after: Terms): { label: string; from: string; to: string }[] {
  const [from, to] = [wordsOf(before), wordsOf(after)];
  return (Object.keys(termLabels) as (keyof Terms)[])
    .filter((term) => from[term] !== to[term])
    .map((term) => ({ label: termLabels[term], from: from[term], to: to[term] }));
}
