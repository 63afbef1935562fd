import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type {
  BudgetCredit,
  OwnBudget,
  SetTenantBudget,
  TenantBudget,
} from '../../contracts/api/tenant/budgets.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { tenantWallet } from '../../contracts/wallet/journal.ts';
import type { BudgetView } from '../../durable-objects/tenant-wallet/commands.ts';
import type { EnterRefusal } from '../db/context.ts';
import { type BudgetRow, budgetPolicy } from '../db/tenants/budget-rows.ts';
import {
  getOwnBudget,
  getTenantBudget,
  saveTenantBudget,
  type TenantWithBudget,
} from '../db/tenants/budgets.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { invalidateTenant } from '../tenants/tenant-lookup.ts';
import { callTenantWallet } from '../wallet-access/wallet-client.ts';
import { presentOwnBudget, presentTenantBudget } from './present-budget.ts';

/** Budgets of tenants: their terms are in the database, their figures in the tenants' wallets. */

type Refusal = { code: EnterRefusal | 'forbidden' | 'not_found' | 'unavailable' };

/** Reads the figures of a budget, with what users' wallets have spent of their leases. */
async function readFigures(
  deps: Pick<Dependencies, 'tenantWallets' | 'log'>,
  { id, budget }: Pick<TenantWithBudget, 'id' | 'budget'>,
): Promise<Result<BudgetView, { code: 'unavailable' }>> {
  const command = { wallet: tenantWallet(id), policy: budgetPolicy(budget), asks_wallets: true };
  const answer = await callTenantWallet(deps, id, (stub) => stub.readBudget(command));
  if (!answer.ok) return answer;
  if (!answer.value.ok) throw new Error(`The tenant's wallet refused to be read: ${answer.value.code}`);
  return ok(answer.value.budget);
}

/** Reads the budget of a tenant, for superadmins. */
export async function readTenantBudget(
  deps: Dependencies,
  claims: SessionClaims,
  tenantId: string,
): Promise<Result<TenantBudget, Refusal>> {
  const tenant = await getTenantBudget(deps.database, claims, tenantId);
  if (!tenant.ok) return tenant;
  const figures = await readFigures(deps, tenant.value);
  return figures.ok ? ok(presentTenantBudget(tenant.value.budget, figures.value)) : figures;
}

/** Reads the budget of the caller's tenant, for its admins. */
export async function readOwnBudget(
  deps: Dependencies,
  claims: SessionClaims,
): Promise<Result<OwnBudget, { code: EnterRefusal | 'forbidden' | 'unavailable' }>> {
  const tenant = await getOwnBudget(deps.database, claims);
  if (!tenant.ok) return tenant;
  const figures = await readFigures(deps, tenant.value);
  return figures.ok ? ok(presentOwnBudget(tenant.value.budget, figures.value)) : figures;
}

/** Returns the terms after a change. Those that are left out keep their value. Pure. */
function changedTerms({ budget, next_version }: TenantWithBudget, change: SetTenantBudget): BudgetRow {
  return {
    mode: change.mode,
    enforcement: change.enforcement,
    limit_micro_usd: change.mode === 'monthly' ? change.limit_micro_usd : null,
    warning_thresholds_percent: change.warning_thresholds_percent ?? budget.warning_thresholds_percent,
    markup_basis_points: change.markup_basis_points ?? budget.markup_basis_points,
    own_key_fee_micro_usd: change.own_key_fee_micro_usd ?? budget.own_key_fee_micro_usd,
    version: String(next_version),
  };
}

type SetRefusal =
  | Refusal
  | { code: 'amount_out_of_range' | 'budget_changed' | 'idempotency_mismatch' }
  | { code: 'budget_below_leased'; leased_micro_usd: number };

export type BudgetOrder = { tenant_id: string; change: SetTenantBudget; operation_id: string };

/** Has the tenant's wallet adopt a budget. */
async function adopt(
  deps: Dependencies,
  claims: SessionClaims,
  { tenant_id, change, operation_id }: BudgetOrder,
  terms: BudgetRow,
): Promise<Result<BudgetView, SetRefusal>> {
  const answer = await callTenantWallet(deps, tenant_id, (stub) =>
    stub.setBudget({
      wallet: tenantWallet(tenant_id),
      policy: budgetPolicy(terms),
      operation_id: `budget/${operation_id}`,
      balance: change.mode === 'prepaid' ? (change.balance_micro_usd ?? null) : null,
      actor: { kind: 'superadmin', id: claims.userId },
      reason: change.reason ?? 'The budget was set.',
    }),
  );
  if (!answer.ok) return answer;
  const set = answer.value;
  if (set.ok) return ok(set.budget);
  if (set.code === 'budget_below_leased') return fail({ code: set.code, leased_micro_usd: set.leased });
  if (set.code === 'wrong_wallet' || set.code === 'invalid_command')
    throw new Error(`The tenant's wallet did not take the budget: ${set.code}`);
  return fail({ code: set.code });
}

/**
 * Sets the budget of a tenant, for superadmins. The tenant's wallet decides first, so a budget that it refuses changes nothing. If the
 * database fails then, the wallet has the new budget already: the same request stores the rest.
 */
export async function setBudget(
  deps: Dependencies,
  claims: SessionClaims,
  order: BudgetOrder,
): Promise<Result<TenantBudget, SetRefusal>> {
  const { tenant_id, change } = order;
  const tenant = await getTenantBudget(deps.database, claims, tenant_id);
  if (!tenant.ok) return tenant;
  const terms = changedTerms(tenant.value, change);
  const adopted = await adopt(deps, claims, order, terms);
  if (!adopted.ok) return adopted;
  const saved = await saveTenantBudget(
    deps.database,
    claims,
    tenant_id,
    {
      ...terms,
      version: tenant.value.next_version,
      balance_micro_usd: change.mode === 'prepaid' ? (change.balance_micro_usd ?? null) : null,
    },
    deps.requestId,
  );
  if (!saved.ok) return saved;
  const { slug, hostnames } = tenant.value;
  await invalidateTenant([{ slug }, ...hostnames.map((hostname) => ({ hostname }))]);
  return ok(presentTenantBudget(terms, adopted.value));
}

type CreditRefusal =
  | Refusal
  | { code: 'amount_out_of_range' | 'budget_not_prepaid' | 'idempotency_mismatch' };

export type CreditOrder = BudgetCredit & { tenant_id: string; operation_id: string };

/** Adds to the prepaid balance of a tenant, for superadmins. The ledger entry records the superadmin and the reason. */
export async function creditBudget(
  deps: Dependencies,
  claims: SessionClaims,
  { tenant_id, amount_micro_usd, operation_id, reason, reference }: CreditOrder,
): Promise<Result<{ seq: number; budget: TenantBudget }, CreditRefusal>> {
  const tenant = await getTenantBudget(deps.database, claims, tenant_id);
  if (!tenant.ok) return tenant;
  if (tenant.value.budget.mode !== 'prepaid') return fail({ code: 'budget_not_prepaid' });
  const answer = await callTenantWallet(deps, tenant_id, (stub) =>
    stub.credit({
      wallet: tenantWallet(tenant_id),
      policy: budgetPolicy(tenant.value.budget),
      operation_id: `credit/${operation_id}`,
      amount: amount_micro_usd,
      actor: { kind: 'superadmin', id: claims.userId },
      reason,
      reference: reference ?? null,
    }),
  );
  if (!answer.ok) return answer;
  const credited = answer.value;
  if (credited.ok) {
    const figures = await readFigures(deps, tenant.value);
    return figures.ok
      ? ok({ seq: credited.seq, budget: presentTenantBudget(tenant.value.budget, figures.value) })
      : figures;
  }
  if (credited.code === 'amount_out_of_range' || credited.code === 'idempotency_mismatch')
    return fail({ code: credited.code });
  throw new Error(`The tenant's wallet did not take the credit: ${credited.code}`);
}
