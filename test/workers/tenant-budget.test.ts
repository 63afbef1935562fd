import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tenantWallet } from '../../contracts/wallet/journal.ts';
import {
  creditBudget,
  readOwnBudget,
  readTenantBudget,
  setBudget,
} from '../../worker/budgets/tenant-budget.ts';
import { DatabaseUnavailable } from '../../worker/db/client.ts';
import { listTenantLedger } from '../../worker/db/ledger/tenant-ledger.ts';
import { budgetPolicy } from '../../worker/db/tenants/budget-rows.ts';
import { getTenantBudget } from '../../worker/db/tenants/budgets.ts';
import { exportTenantLedger } from '../../worker/reconciliation/export-ledger.ts';
import { reconcileTenantWallet } from '../../worker/reconciliation/reconcile-on-demand.ts';
import { repairTenantWallet } from '../../worker/reconciliation/repair-on-demand.ts';
import {
  budget,
  hold,
  monthly,
  newTenant,
  prepaid,
  set,
  spend,
  storedBudget,
  superadmin,
} from './budgeted-tenant.ts';
import { asOwner, claimsOf, dependencies, holdTheQueue, newcomer, tenantStubOf } from './checked-wallet.ts';

/** The budget of a tenant. */

const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
beforeAll(holdTheQueue);
afterAll(() => said.mockRestore());

describe('a budget that is set', () => {
  it('is stored, adopted by the tenant’s wallet and written down in the audit log', async () => {
    const tenantId = await newTenant();
    const deps = dependencies();
    const change = { ...monthly, limit_micro_usd: 5_000, markup_basis_points: 2_000 };
    const order = { tenant_id: tenantId, change, operation_id: crypto.randomUUID() };
    const answer = await setBudget(deps, claimsOf(superadmin), order);
    expect(answer).toMatchObject({
      ok: true,
      value: {
        ...change,
        ...{ warning_thresholds_percent: [80, 95], own_key_fee_micro_usd: 0 },
        ...{ balance_micro_usd: 5_000, leased_micro_usd: 0, spent_micro_usd: 0, available_micro_usd: 5_000 },
        ...{ overage_micro_usd: 0, warning_percent: null, resets_at: expect.any(String) },
      },
    });
    expect(await budget(tenantId)).toEqual(answer.ok && answer.value);
    const [audited] =
      (await asOwner(sql`select * from audit_log where request_id = ${deps.requestId}`))[0] ?? [];
    expect(audited).toMatchObject({
      ...{ actor_user_id: superadmin.user_id, actor_role: 'superadmin', action: 'tenant.budget_changed' },
      ...{ target_type: 'tenant', target_id: tenantId },
      details: {
        tenant_id: tenantId,
        before: { mode: 'prepaid', limit_micro_usd: null, markup_basis_points: 0 },
        after: { mode: 'monthly', limit_micro_usd: 5_000, markup_basis_points: 2_000 },
      },
    });
  });

  it('keeps the terms and the balance that are left out', async () => {
    const tenantId = await newTenant();
    await set(tenantId, { ...prepaid, balance_micro_usd: 700, markup_basis_points: 1_000 });
    await set(tenantId, { ...prepaid, enforcement: 'warn', own_key_fee_micro_usd: 3 });
    expect(await budget(tenantId)).toMatchObject({
      ...{ mode: 'prepaid', enforcement: 'warn', balance_micro_usd: 700 },
      ...{ markup_basis_points: 1_000, own_key_fee_micro_usd: 3 },
    });
  });

  it('below what running executions hold is refused, and nothing changes', async () => {
    const tenantId = await newTenant();
    await set(tenantId, { ...prepaid, balance_micro_usd: 1_000 });
    const user = await newcomer({ tenant_id: tenantId });
    await hold(user, 300);
    const before = [await storedBudget(tenantId), await budget(tenantId)];
    for (const change of [
      { ...prepaid, balance_micro_usd: 299 },
      { ...monthly, limit_micro_usd: 299 },
    ])
      expect(await set(tenantId, { ...change, markup_basis_points: 9 })).toEqual({
        ok: false,
        failure: { code: 'budget_below_leased', leased_micro_usd: 300 },
      });
    expect(await storedBudget(tenantId)).toEqual(before[0]);
    expect(await budget(tenantId)).toMatchObject({ mode: 'prepaid', balance_micro_usd: 1_000 });
    expect(await set(tenantId, { ...prepaid, balance_micro_usd: 300 })).toMatchObject({ ok: true });
  });

  it('by a request that is repeated is set once, and its key fits no other request', async () => {
    const tenantId = await newTenant();
    const user = await newcomer({ tenant_id: tenantId });
    const change = { ...prepaid, balance_micro_usd: 1_000 };
    await set(tenantId, change, 'a-key');
    await spend(user, 100);
    expect(await set(tenantId, change, 'a-key')).toMatchObject({ ok: true });
    expect(await budget(tenantId)).toMatchObject({ balance_micro_usd: 900, spent_micro_usd: 100 });
    expect(await set(tenantId, { ...change, balance_micro_usd: 2 }, 'a-key')).toEqual({
      ok: false,
      failure: { code: 'idempotency_mismatch' },
    });
  });

  it('by a request that the database failed is stored by the same request again', async () => {
    const tenantId = await newTenant();
    const { database } = dependencies();
    let batches = 0;
    const failing = new Proxy(database, {
      get(target, name, receiver) {
        if (name === 'batch' && ++batches > 1) throw new DatabaseUnavailable('a test');
        return Reflect.get(target, name, receiver);
      },
    });
    const order = {
      ...{ tenant_id: tenantId, operation_id: 'a-key' },
      change: { ...prepaid, balance_micro_usd: 800, markup_basis_points: 5 },
    };
    await expect(
      setBudget(dependencies({ database: failing }), claimsOf(superadmin), order),
    ).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await storedBudget(tenantId)).toMatchObject({ markup_basis_points: 0 });
    expect(await setBudget(dependencies(), claimsOf(superadmin), order)).toMatchObject({ ok: true });
    expect(await storedBudget(tenantId)).toMatchObject({ markup_basis_points: 5 });
    expect(await budget(tenantId)).toMatchObject({ balance_micro_usd: 800 });
  });

  it('by several superadmins at once ends as one of them said, in the database and in the wallet', async () => {
    const tenantId = await newTenant();
    const limits = [1_000, 2_000, 3_000, 4_000];
    const answers = await Promise.all(
      limits.map((limit_micro_usd) => set(tenantId, { ...monthly, limit_micro_usd })),
    );
    for (const answer of answers) if (!answer.ok) expect(answer.failure.code).toBe('budget_changed');
    const { limit_micro_usd, balance_micro_usd } = await budget(tenantId);
    expect(limits).toContain(limit_micro_usd);
    expect(balance_micro_usd).toBe(limit_micro_usd);
  });
});

it('a budget that is older than the one the wallet has is refused by it', async () => {
  const tenantId = await newTenant();
  await set(tenantId, { ...monthly, limit_micro_usd: 900 });
  const tenant = await getTenantBudget(dependencies().database, claimsOf(superadmin), tenantId);
  if (!tenant.ok) throw new Error(tenant.failure.code);
  const policy = budgetPolicy(tenant.value.budget);
  const late = await tenantStubOf(tenantWallet(tenantId)).setBudget({
    ...{ wallet: tenantWallet(tenantId), operation_id: 'late', balance: null, reason: 'a test' },
    policy: { ...policy, version: policy.version - 1, allocation_tokens: 1 },
    actor: { kind: 'system', id: null },
  });
  expect(late).toEqual({ ok: false, code: 'budget_changed' });
  expect(await budget(tenantId)).toMatchObject({ limit_micro_usd: 900, balance_micro_usd: 900 });
});

describe('a credit', () => {
  const credit = (tenant_id: string, operation_id: string, amount_micro_usd = 500) =>
    creditBudget(dependencies(), claimsOf(superadmin), {
      ...{ tenant_id, operation_id, amount_micro_usd, reason: 'paid', reference: 'invoice 1' },
    });

  it('adds to a prepaid balance once, however often it is repeated', async () => {
    const tenantId = await newTenant();
    const first = await credit(tenantId, 'a-key');
    expect(first).toMatchObject({ ok: true, value: { seq: 1, budget: { balance_micro_usd: 500 } } });
    expect(await credit(tenantId, 'a-key')).toEqual(first);
    expect(await credit(tenantId, 'a-key', 501)).toEqual({
      ok: false,
      failure: { code: 'idempotency_mismatch' },
    });
  });

  it('is refused for a budget by the month', async () => {
    const tenantId = await newTenant();
    await set(tenantId, { ...monthly, limit_micro_usd: 1 });
    const refused = { ok: false, failure: { code: 'budget_not_prepaid' } };
    expect(await credit(tenantId, 'a-key')).toEqual(refused);
  });
});

describe('the budget of a tenant', () => {
  it('is for superadmins, and to read for its own admins, without the markup', async () => {
    const tenantId = await newTenant();
    await set(tenantId, { ...prepaid, balance_micro_usd: 700, markup_basis_points: 4_000 });
    const admin = claimsOf(await newcomer({ tenant_id: tenantId }, 'admin'));
    const user = claimsOf(await newcomer({ tenant_id: tenantId }));
    const forbidden = { ok: false, failure: { code: 'forbidden' } };
    const change = { ...prepaid, balance_micro_usd: 9_999 };
    for (const claims of [admin, user]) {
      const deps = dependencies();
      const order = { tenant_id: tenantId, operation_id: 'a-key' };
      expect(await readTenantBudget(deps, claims, tenantId)).toEqual(forbidden);
      expect(await setBudget(deps, claims, { ...order, change })).toEqual(forbidden);
      const paid = { amount_micro_usd: 1, reason: 'a test', reference: undefined };
      expect(await creditBudget(deps, claims, { ...order, ...paid })).toEqual(forbidden);
      expect(await listTenantLedger(deps.database, claims, { limit: 10 }, tenantId)).toEqual(forbidden);
      expect(await exportTenantLedger(deps, claims, tenantId)).toEqual(forbidden);
      expect(await reconcileTenantWallet(deps, claims, tenantId, { full: false })).toEqual(forbidden);
      const repair = { reason: 'a test', operation_id: 'a-key' };
      expect(await repairTenantWallet(deps, claims, tenantId, repair)).toEqual(forbidden);
    }
    expect(await readOwnBudget(dependencies(), user)).toEqual(forbidden);
    const own = await readOwnBudget(dependencies(), admin);
    expect(own).toMatchObject({ ok: true, value: { mode: 'prepaid', balance_micro_usd: 700 } });
    expect(own.ok && Object.keys(own.value)).not.toContain('markup_basis_points');
  });

  it('of a tenant that nobody knows is not found', async () => {
    const unknown = crypto.randomUUID();
    const notFound = { ok: false, failure: { code: 'not_found' } };
    const claims = claimsOf(superadmin);
    expect(await readTenantBudget(dependencies(), claims, unknown)).toEqual(notFound);
    expect(await set(unknown, { ...prepaid, balance_micro_usd: 1 })).toEqual(notFound);
    expect(await listTenantLedger(dependencies().database, claims, { limit: 1 }, unknown)).toEqual(notFound);
  });
});
