import type { TenantBudget } from '../../contracts/api/tenant/budgets.ts';
import { asOwner, eventually, signIn } from '../support/demo.ts';
import type { TestStack } from '../support/stack.ts';
import { PLATFORM } from '../support/tenants.ts';
import type { Violation } from './history.ts';

/** Returns what all executions of a tenant cost it, in micro-USD, by the ledgers of its users. */
async function soldTo({ ownerUrl }: TestStack, tenantId: string): Promise<number> {
  const [row] = await asOwner<{ sold: string }>(
    ownerUrl,
    'select coalesce(sum(wholesale_micro_usd), 0) as sold from ai_executions where tenant_id = $1',
    [tenantId],
  );
  return Number(row?.sold);
}

/**
 * Compares the tenant's wallet with its users' executions when all of them are at rest: it has spent what they cost, to the micro-dollar,
 * and its own reconciliation finds no difference.
 */
export async function tenantViolations(stack: TestStack, tenantId: string): Promise<Violation[]> {
  const owner = await signIn(stack.port, PLATFORM, 'super@vanilla.test');
  const path = `/api/tenants/${tenantId}/budget`;
  const budget: TenantBudget = (await owner.get(path)).body;
  const sold = await soldTo(stack, tenantId);
  // Its newest entries may still be on their way to Postgres.
  const { status, differences } = await eventually(
    async () => (await owner.post(`${path}/reconciliation`, { full: true })).body.reconciliation,
    (checked) => checked.status !== 'behind',
  );
  const violations: Violation[] = [];
  if (sold === 0) violations.push({ kind: 'differs', what: 'no execution cost the tenant anything' });
  if (budget.spent_micro_usd !== sold)
    violations.push({
      kind: 'differs',
      what: `the tenant's budget has spent ${budget.spent_micro_usd}, by the executions ${sold}`,
    });
  if (status !== 'ok' || differences.length > 0)
    violations.push({
      kind: 'differs',
      what: `reconciliation of the tenant's wallet: ${status}: ${JSON.stringify(differences)}`,
    });
  return violations;
}
