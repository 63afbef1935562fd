import {
  type BudgetCredit,
  budgetCreditRequest,
  type SetTenantBudget,
  setTenantBudget,
  type TenantBudget,
} from '../../../../contracts/api/tenant/budgets.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';
import { dollarsOf, microUsdOf } from './dollars.ts';

/** A budget, or a credit, while it is being filled in. Pure. */

/** The request's fields. Amounts are in US dollars here, and the markup in percent. An emptied number field holds a text. */
export type BudgetDraft = {
  mode: TenantBudget['mode'];
  balance_micro_usd: number | string;
  limit_micro_usd: number | string;
  enforcement: TenantBudget['enforcement'];
  warning_thresholds_percent: number[];
  markup_basis_points: number | string;
  own_key_fee_micro_usd: number | string;
  reason: string;
};

export const budgetFields = [
  'balance_micro_usd',
  'limit_micro_usd',
  'warning_thresholds_percent',
  'markup_basis_points',
  'own_key_fee_micro_usd',
  'reason',
] as const;
type BudgetField = (typeof budgetFields)[number];

const AMOUNT_RULE = 'Enter an amount in dollars, 0 or more, with at most six decimals';
const fieldRules: Record<BudgetField, string> = {
  balance_micro_usd: AMOUNT_RULE,
  limit_micro_usd: AMOUNT_RULE,
  warning_thresholds_percent: 'At most 10 whole percents, from 1 to 100',
  markup_basis_points: 'From 0 to 10,000 percent, with at most two decimals',
  own_key_fee_micro_usd: AMOUNT_RULE,
  reason: 'At most 500 characters',
};

/** The draft of a budget. */
export const draftOf = (budget: TenantBudget): BudgetDraft => ({
  mode: budget.mode,
  balance_micro_usd: budget.mode === 'prepaid' ? dollarsOf(budget.balance_micro_usd) : '',
  limit_micro_usd: budget.limit_micro_usd === null ? '' : dollarsOf(budget.limit_micro_usd),
  enforcement: budget.enforcement,
  warning_thresholds_percent: budget.warning_thresholds_percent,
  markup_basis_points: budget.markup_basis_points / 100,
  own_key_fee_micro_usd: dollarsOf(budget.own_key_fee_micro_usd),
  reason: '',
});

/** A change of a budget. Sending the same key again does nothing twice. */
export type BudgetChange = { change: SetTenantBudget; idempotency_key: string };

/**
 * The change of a draft, or an error for each field that is wrong. A prepaid balance is sent if it was edited, since executions have
 * spent from it meanwhile.
 */
export function readBudget(
  budget: TenantBudget,
  draft: BudgetDraft,
  idempotency_key: string,
): FormRead<BudgetChange, BudgetField> {
  const keepsBalance =
    budget.mode === 'prepaid' && draft.balance_micro_usd === draftOf(budget).balance_micro_usd;
  const amount =
    draft.mode === 'monthly'
      ? { limit_micro_usd: microUsdOf(draft.limit_micro_usd) }
      : keepsBalance
        ? {}
        : { balance_micro_usd: microUsdOf(draft.balance_micro_usd) };
  const markup = microUsdOf(draft.markup_basis_points);
  const request = {
    mode: draft.mode,
    ...amount,
    enforcement: draft.enforcement,
    warning_thresholds_percent: draft.warning_thresholds_percent,
    // A percent has a hundred basis points.
    markup_basis_points: markup === null ? null : markup / 10_000,
    own_key_fee_micro_usd: microUsdOf(draft.own_key_fee_micro_usd),
    ...(draft.reason.trim() === '' ? {} : { reason: draft.reason.trim() }),
  };
  const read = readForm<SetTenantBudget, BudgetField>(setTenantBudget, request, fieldRules);
  return read.ok ? { ok: true, value: { change: read.value, idempotency_key } } : read;
}

/** The amount of a budget: its limit by the month, or its balance, which a change may leave as it is. */
export const amountOf = (budget: TenantBudget, change?: SetTenantBudget): number => {
  if (change?.mode === 'monthly') return change.limit_micro_usd;
  if (change?.mode === 'prepaid') return change.balance_micro_usd ?? budget.balance_micro_usd;
  return budget.limit_micro_usd ?? budget.balance_micro_usd;
};

export type CreditDraft = { amount_micro_usd: number | string; reason: string; reference: string };

export const emptyCreditDraft: CreditDraft = { amount_micro_usd: '', reason: '', reference: '' };

export const creditFields = ['amount_micro_usd', 'reason', 'reference'] as const;
type CreditField = (typeof creditFields)[number];

const creditRules: Record<CreditField, string> = {
  amount_micro_usd: 'Enter an amount in dollars, more than 0, with at most six decimals',
  reason: 'Enter a reason. It stays in the ledger.',
  reference: 'At most 200 characters',
};

/** The credit of a draft, or an error for each field that is wrong. */
export function readCredit(
  { amount_micro_usd, reason, reference }: CreditDraft,
  idempotency_key: string,
): FormRead<BudgetCredit & { idempotency_key: string }, CreditField> {
  const request = {
    amount_micro_usd: microUsdOf(amount_micro_usd),
    reason: reason.trim(),
    ...(reference.trim() === '' ? {} : { reference: reference.trim() }),
  };
  const read = readForm<BudgetCredit, CreditField>(budgetCreditRequest, request, creditRules);
  return read.ok ? { ok: true, value: { ...read.value, idempotency_key } } : read;
}
