import { sql } from 'drizzle-orm';
import type { BudgetTerms } from '../../../contracts/wallet/budget-terms.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import { tenantBudgets } from '../schema/budgets.ts';

/** The columns of a tenant's budget, for every query that reads one. */
export const budgetColumns = {
  mode: tenantBudgets.mode,
  enforcement: tenantBudgets.enforcement,
  limit_micro_usd: tenantBudgets.limit_micro_usd,
  warning_thresholds_percent: tenantBudgets.warning_thresholds_percent,
  markup_basis_points: tenantBudgets.markup_basis_points,
  own_key_fee_micro_usd: tenantBudgets.own_key_fee_micro_usd,
  /** Microseconds since the epoch of the last change. */
  version: sql<string>`(extract(epoch from ${tenantBudgets.changed_at}) * 1000000)::bigint`,
};

/** A row of {@link budgetColumns}. */
export type BudgetRow = Omit<typeof tenantBudgets.$inferSelect, 'tenant_id' | 'changed_at'> & {
  version: string;
};

/** Leases come back after an hour without use. */
const LEASE_LIFETIME_MS = 3_600_000;
const LEASES_MAX = 10_000;

/** Returns the policy of the wallet of a tenant with this budget. Its amounts are micro-USD. A prepaid balance is credited by hand. */
export const budgetPolicy = (row: BudgetRow): WalletPolicy => ({
  version: Number(row.version),
  mode: row.mode === 'monthly' ? 'monthly' : 'lifetime',
  allocation_tokens: row.limit_micro_usd ?? 0,
  rollover_cap_tokens: 0,
  enforcement: row.enforcement,
  warning_thresholds_percent: row.warning_thresholds_percent,
  reservation_lifetime_ms: LEASE_LIFETIME_MS,
  in_flight_max: LEASES_MAX,
});

/** Converts a row to the budget of a snapshot. */
export const budgetSnapshotOf = (row: BudgetRow): BudgetTerms => ({
  policy: budgetPolicy(row),
  markup_basis_points: row.markup_basis_points,
  own_key_fee_micro_usd: row.own_key_fee_micro_usd,
});
