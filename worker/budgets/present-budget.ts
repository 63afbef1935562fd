import type { OwnBudget, TenantBudget } from '../../contracts/api/tenant/budgets.ts';
import type { BudgetView } from '../../durable-objects/tenant-wallet/commands.ts';
import type { BudgetRow } from '../db/tenants/budget-rows.ts';

/** Returns a budget as superadmins read it: its terms from the database and its figures from the tenant's wallet. Pure. */
export const presentTenantBudget = ({ version: _, ...terms }: BudgetRow, view: BudgetView): TenantBudget => ({
  ...terms,
  balance_micro_usd: view.balance,
  leased_micro_usd: view.leased,
  spent_micro_usd: terms.mode === 'monthly' ? view.spent_this_period : view.spent,
  available_micro_usd: view.available,
  overage_micro_usd: view.overage,
  resets_at:
    terms.mode === 'prepaid' || view.resets_at_ms === null ? null : new Date(view.resets_at_ms).toISOString(),
  warning_percent: view.warning_percent === 0 ? null : view.warning_percent,
  seq: view.seq,
});

/** Returns a budget as the tenant's admins read it. The platform's markup is left out. Pure. */
export function presentOwnBudget(row: BudgetRow, view: BudgetView): OwnBudget {
  const { markup_basis_points: _, ...budget } = presentTenantBudget(row, view);
  return budget;
}
