import { sql } from 'drizzle-orm';
import type { SetTenantBudget } from '../../contracts/api/tenant/budgets.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { readTenantBudget, setBudget } from '../../worker/budgets/tenant-budget.ts';
import { budgetPolicy } from '../../worker/db/tenants/budget-rows.ts';
import { getTenantBudget } from '../../worker/db/tenants/budgets.ts';
import { asOwner, claimsOf, dependencies, newcomer, PLATFORM, stubOf } from './checked-wallet.ts';
import { outcomeOf, reserveCommandOf } from './wallet/wallet-commands.ts';

/** Helpers for tests of tenants with a budget, in workerd and a real Postgres. */

export const superadmin = await newcomer(PLATFORM, 'superadmin');

export const prepaid = { mode: 'prepaid', enforcement: 'hard' } as const;
export const monthly = { mode: 'monthly', enforcement: 'hard' } as const;

/** A tenant without users. */
export async function newTenant(): Promise<string> {
  const id = crypto.randomUUID();
  await asOwner(
    sql`insert into tenants (id, slug, name, primary_color) values (${id}, ${`t-${id}`}, 'A tenant', '#123456')`,
  );
  return id;
}

/** Sets the budget of a tenant. */
export const set = (tenant_id: string, change: SetTenantBudget, operation_id: string = crypto.randomUUID()) =>
  setBudget(dependencies(), claimsOf(superadmin), { tenant_id, change, operation_id });

/** The row of a tenant's budget. */
export const storedBudget = async (tenantId: string) =>
  (await asOwner(sql`select * from tenant_budgets where tenant_id = ${tenantId}`))[0]?.[0];

/** The budget as superadmins read it. */
export async function budget(tenantId: string) {
  const answer = await readTenantBudget(dependencies(), claimsOf(superadmin), tenantId);
  if (!answer.ok) throw new Error(answer.failure.code);
  return answer.value;
}

/** Reserves for an execution that can cost the tenant `amount`. */
export async function hold(user: WalletIdentity, amount: number, id: string = crypto.randomUUID()) {
  const tenant = await getTenantBudget(dependencies().database, claimsOf(superadmin), user.tenant_id);
  if (!tenant.ok) throw new Error(tenant.failure.code);
  const policy = budgetPolicy(tenant.value.budget);
  return stubOf(user).reserve({ ...reserveCommandOf(user, 1, id), wholesale: { amount, policy } });
}

/** Runs an execution that costs the tenant `cost`. */
export async function spend(user: WalletIdentity, cost: number): Promise<string> {
  const id = crypto.randomUUID();
  const held = await hold(user, cost, id);
  if (!held.ok) return held.code;
  await stubOf(user).settle({
    wallet: user,
    amount: 1,
    outcome: { ...outcomeOf(id), wholesale_micro_usd: cost },
  });
  return id;
}
