import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tenantWallet, type WalletIdentity } from '../../contracts/wallet/journal.ts';
import { readLedgerFile } from '../../journal/ledger-file.ts';
import { listTenantLedger } from '../../worker/db/ledger/tenant-ledger.ts';
import { exportTenantLedger } from '../../worker/reconciliation/export-ledger.ts';
import { reconcileTenantWallet } from '../../worker/reconciliation/reconcile-on-demand.ts';
import { repairTenantWallet } from '../../worker/reconciliation/repair-on-demand.ts';
import { budget, newTenant, prepaid, set, spend, superadmin } from './budgeted-tenant.ts';
import {
  arrive,
  asOwner,
  claimsOf,
  dependencies,
  holdTheQueue,
  newcomer,
  tamperWallet,
  tenantStubOf,
} from './checked-wallet.ts';
import { withState } from './wallet/stored-wallet.ts';

/** The ledger of a tenant's budget, and the check of the wallet behind it. */

const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
beforeAll(holdTheQueue);
afterAll(() => said.mockRestore());

/** A tenant with a budget of 1,000 whose user has spent 150 and holds nothing. */
async function usedTenant(): Promise<{ tenantId: string; user: WalletIdentity; execution: string }> {
  const tenantId = await newTenant();
  await set(tenantId, { ...prepaid, balance_micro_usd: 1_000, reason: 'paid in advance' });
  const user = await newcomer({ tenant_id: tenantId });
  const execution = await spend(user, 150);
  // Ends the lease, so that what was spent is charged.
  await set(tenantId, { ...prepaid });
  await arrive(tenantWallet(tenantId));
  await arrive(user);
  return { tenantId, user, execution };
}

const check = async (tenantId: string, full = false) => {
  const report = await reconcileTenantWallet(dependencies(), claimsOf(superadmin), tenantId, { full });
  if (!report.ok) throw new Error(report.failure.code);
  return report.value;
};

async function repair(tenantId: string) {
  let over = false;
  const order = { reason: 'a test broke it', operation_id: crypto.randomUUID() };
  const repairing = repairTenantWallet(dependencies(), claimsOf(superadmin), tenantId, order).finally(() => {
    over = true;
  });
  while (!over) await arrive(tenantWallet(tenantId));
  return repairing;
}

async function* linesOf(stream: ReadableStream<Uint8Array>) {
  yield* (await new Response(stream).text()).split('\n');
}

describe('the ledger of a tenant', () => {
  it('shows how the budget was set, leased to a user and spent', async () => {
    const { tenantId, user } = await usedTenant();
    const page = await listTenantLedger(
      dependencies().database,
      claimsOf(superadmin),
      { limit: 10 },
      tenantId,
    );
    if (!page.ok) throw new Error(page.failure.code);
    expect(page.value.items.map(({ kind, amount_micro_usd }) => [kind, amount_micro_usd])).toEqual([
      ['debit', 150],
      ['reserve', expect.any(Number)],
      ['adjustment', 1_000],
    ]);
    const [debit, lease, adjustment] = page.value.items;
    expect(lease).toMatchObject({ user_id: user.user_id, reference: null, balance_after_micro_usd: 1_000 });
    expect(debit).toMatchObject({ balance_after_micro_usd: 850, leased_after_micro_usd: 0 });
    expect(adjustment).toMatchObject({
      ...{ reason: 'paid in advance', actor: { kind: 'superadmin', id: superadmin.user_id } },
    });
  });

  it('is exported as a file that is verified offline', async () => {
    const { tenantId } = await usedTenant();
    const exported = await exportTenantLedger(dependencies(), claimsOf(superadmin), tenantId);
    if (!exported.ok) throw new Error(exported.failure.code);
    const verdict = await readLedgerFile(linesOf(exported.value.lines));
    expect(verdict).toMatchObject({
      ...{ ok: true, difference: null, header: { wallet: tenantWallet(tenantId), seq: 3 } },
      proof: { head: { figures: { lifetime: 850, consumed: 150, reserved: 0, in_flight: 0 } } },
    });
  });
});

describe('the check of a tenant’s wallet', () => {
  it('agrees when wallet, ledger and executions do', async () => {
    const { tenantId } = await usedTenant();
    expect(await check(tenantId, true)).toMatchObject({
      reconciliation: { tenant_id: tenantId, status: 'ok', verified_seq: 3, differences: [] },
      figures: { executions_charged: 150, wallet: { consumed: 150 } },
    });
  });

  it('finds a wallet that has more than its entries add up to, and a repair writes that down', async () => {
    const { tenantId } = await usedTenant();
    await tamperWallet(tenantWallet(tenantId), withState({ lifetime: 900, granted: 1_050 }));
    expect((await check(tenantId)).reconciliation.status).toBe('different');
    const repaired = await repair(tenantId);
    expect(repaired).toMatchObject({
      ok: true,
      value: { seq: 4, report: { reconciliation: { status: 'ok' } } },
    });
    expect(await budget(tenantId)).toMatchObject({ balance_micro_usd: 900 });
  });

  it('finds a wallet shown wrongly and executions recorded at another price, and a repair rewrites both', async () => {
    const { tenantId, execution } = await usedTenant();
    await asOwner(
      sql`update tenant_wallets set lifetime = 7, reserved = 0 where tenant_id = ${tenantId}`,
      sql`update ai_executions set wholesale_micro_usd = 9999 where id = ${execution}`,
    );
    const { differences } = (await check(tenantId)).reconciliation;
    expect(differences.map(({ kind, field }) => `${kind} ${field}`)).toEqual([
      'projection_differs lifetime',
      'executions_differ wholesale',
    ]);
    expect(await repair(tenantId)).toMatchObject({ ok: true, value: { seq: null } });
    expect((await check(tenantId)).reconciliation.status).toBe('ok');
  });

  it('sends a wallet the budget that it missed', async () => {
    const { tenantId } = await usedTenant();
    await asOwner(sql`update tenant_budgets set enforcement = 'warn' where tenant_id = ${tenantId}`);
    const version = async () => {
      const audited = await tenantStubOf(tenantWallet(tenantId)).audit({ wallet: tenantWallet(tenantId) });
      return audited.ok ? audited.audit?.policy_version : null;
    };
    const before = await version();
    await check(tenantId);
    expect(await version()).toBeGreaterThan(before ?? 0);
  });
});
