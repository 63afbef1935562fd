import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange, columnsJson } from '../audit.ts';
import { callerIsSuperadmin, isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { tenantBudgets } from '../schema/budgets.ts';
import { tenantDomains } from '../schema/domains.ts';
import { tenants } from '../schema/tenancy.ts';
import { type BudgetRow, budgetColumns } from './budget-rows.ts';

/** The budgets of tenants, for superadmins, and for a tenant's own admins to read. */

/** A tenant with its budget. */
export type TenantWithBudget = {
  id: string;
  slug: string;
  /** Its own hostnames that are in use. */
  hostnames: string[];
  budget: BudgetRow;
  /** A version for a change of the budget: later than every version so far. */
  next_version: number;
};

const nextVersion = sql<string>`(extract(epoch from
  greatest(clock_timestamp(), ${tenantBudgets.changed_at} + interval '1 microsecond')) * 1000000)::bigint`;

/** Selects the tenant's budget. RLS returns it to superadmins, to the tenant's admins and to its service. */
export const selectTenantWithBudget = (database: Database, tenantId: string) =>
  database
    .select({
      id: tenants.id,
      slug: tenants.slug,
      hostnames: sql<string[]>`array(select ${tenantDomains.hostname} from ${tenantDomains}
        where ${tenantDomains.tenant_id} = ${tenants.id} and ${tenantDomains.status} = 'active')`,
      budget: budgetColumns,
      next_version: nextVersion,
    })
    .from(tenants)
    .innerJoin(tenantBudgets, eq(tenantBudgets.tenant_id, tenants.id))
    .where(eq(tenants.id, tenantId));

type TenantWithBudgetRow = Awaited<ReturnType<typeof selectTenantWithBudget>>[number];

/** Converts a row of {@link selectTenantWithBudget}. */
export const tenantWithBudget = (row: TenantWithBudgetRow): TenantWithBudget => ({
  ...row,
  next_version: Number(row.next_version),
});

type BudgetRefusal = EnterRefusal | 'forbidden' | 'not_found';

/** Returns a tenant with its budget, for superadmins. Others are `forbidden`; an unknown tenant is `not_found`. */
export async function getTenantBudget(
  database: Database,
  claims: SessionClaims,
  tenantId: string,
): Promise<Result<TenantWithBudget, { code: BudgetRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectTenantWithBudget(database, tenantId),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [[row], callers] = answer.value;
  if (callers.rows[0]?.role !== 'superadmin') return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(tenantWithBudget(row));
}

/** Returns the budget of the caller's own tenant, for its admins. */
export async function getOwnBudget(
  database: Database,
  claims: SessionClaims,
): Promise<Result<TenantWithBudget, { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, claims, [
    selectTenantWithBudget(database, claims.tenantId),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [[row], callers] = answer.value;
  return row === undefined || !isAdminRole(callers.rows[0])
    ? fail({ code: 'forbidden' })
    : ok(tenantWithBudget(row));
}

const { version: _, ...changedColumns } = budgetColumns;

/** The values of a budget that a change sets. */
export type BudgetChange = Omit<BudgetRow, 'version'> & {
  version: number;
  /** The prepaid balance that was set; null if none was. It is in the tenant's wallet, and here for the audit log. */
  balance_micro_usd: number | null;
};

/**
 * Stores a budget that the tenant's wallet has adopted, and records the change. Fails with `budget_changed` when a newer one is stored,
 * which the wallet obeys.
 */
export async function saveTenantBudget(
  database: Database,
  claims: SessionClaims,
  tenantId: string,
  { version, balance_micro_usd, ...change }: BudgetChange,
  requestId: string,
): Promise<Result<null, { code: EnterRefusal | 'budget_changed' }>> {
  const changed_at = sql`'epoch'::timestamptz + ${version}::bigint * interval '1 microsecond'`;
  const isOlder = sql`${eq(tenantBudgets.tenant_id, tenantId)} and ${callerIsSuperadmin} and ${tenantBudgets.changed_at} < ${changed_at}`;
  const before = columnsJson(changedColumns);
  const balance = balance_micro_usd === null ? {} : { balance_micro_usd };
  const answer = await runAsUser(database, claims, [
    auditChange(database, {
      id: uuidv7(),
      action: 'tenant.budget_changed',
      target_type: 'tenant',
      target: { tenant_id: tenantBudgets.tenant_id, id: tenantBudgets.tenant_id },
      before,
      after: sql`${JSON.stringify({ ...change, ...balance })}::jsonb`,
      rows: sql`from ${tenantBudgets} where ${isOlder}`,
      request_id: requestId,
    }),
    database
      .update(tenantBudgets)
      .set({ ...change, changed_at })
      .where(isOlder)
      .returning({ tenant_id: tenantBudgets.tenant_id }),
  ]);
  if (!answer.ok) return answer;
  return answer.value[1].length === 0 ? fail({ code: 'budget_changed' }) : ok(null);
}
