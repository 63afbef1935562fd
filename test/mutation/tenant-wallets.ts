import type { Mutation } from './mutation.ts';

const rules = { project: 'unit', tests: 'test/unit/wallet/leases.test.ts' };
const ofUser = { ...rules, file: 'durable-objects/wallet/rules/leases.ts' };
const ofTenant = { ...rules, file: 'durable-objects/tenant-wallet/rules/leases.ts' };
const budget = { ...rules, file: 'durable-objects/tenant-wallet/rules/budget.ts' };
const setting = { project: 'workers', tests: 'test/workers/tenant-budget.test.ts' };
const shell = { project: 'workers', tests: 'test/workers/wallet/tenant-wallet.test.ts' };

/** Mutations of tenants' budgets and of the leases on them. */
export const tenantWalletMutations: Mutation[] = [
  {
    ...ofUser,
    what: 'an execution begins on a lease that does not cover it',
    find: '&& unused(lease) >= amount;',
    replace: '&& unused(lease) + 1 >= amount;',
  },
  {
    ...ofUser,
    what: 'a successor has something free',
    find: 'amount: lease.held, spent: 0, period',
    replace: 'amount: lease.amount, spent: 0, period',
  },
  {
    ...ofTenant,
    what: 'a lease takes more than is free',
    find: 'if (isHard && least > free)',
    replace: 'if (isHard && least > free + 1)',
  },
  {
    ...ofTenant,
    what: 'a lease does not shrink as the budget runs low',
    find: 'Math.floor((free - least) / SHARE)',
    replace: 'free - least',
  },
  {
    ...budget,
    what: 'a budget can be cut below what is leased',
    find: 'if (left < leased)',
    replace: 'if (left < 0)',
  },
  {
    ...budget,
    ...setting,
    what: 'an older budget replaces a newer one',
    find: 'if (policy.version < before.policy.version)',
    replace: 'if (policy.version < 0)',
  },
  {
    ...setting,
    file: 'worker/budgets/tenant-budget.ts',
    what: 'a budget that the wallet refuses is stored',
    find: 'if (!adopted.ok) return adopted;',
    replace: '',
  },
  {
    ...setting,
    tests: 'test/workers/tenant-wallet-check.test.ts',
    file: 'worker/db/ledger/rewrite-projections.ts',
    what: 'a repair leaves executions at a wrong price',
    find: 'isTenantWallet(wallet) ? rewriteWholesale : rewriteExecutions',
    replace: 'rewriteExecutions',
  },
  {
    project: 'unit',
    tests: 'test/unit/reconciliation/verdict.test.ts',
    file: 'worker/reconciliation/verdict.ts',
    what: 'executions that no lease has paid for are not found',
    find: 'if (settled > most)',
    replace: 'if (settled > most * 2)',
  },
  {
    project: 'rls',
    tests: 'test/rls/tenant-journal.test.ts',
    file: 'worker/db/ledger/project-wallets.ts',
    what: "an older entry overwrites a tenant's projected wallet",
    find: 'where tenant_wallets.seq < excluded.seq',
    replace: 'where tenant_wallets.seq <> excluded.seq',
  },
  {
    project: 'rls',
    tests: 'test/rls/tenant-journal.test.ts',
    file: 'worker/db/executions/executions.ts',
    what: 'users see what their executions cost the tenant',
    find: 'seesWholesale} then',
    replace: 'sql`true`} then',
  },
  {
    ...shell,
    file: 'durable-objects/wallet/lease-keeper.ts',
    what: 'a suspended tenant goes on with executions that cost it nothing',
    find: "this.#processor.now(), mode === 'freezes')",
    replace: 'this.#processor.now(), false)',
  },
  {
    ...shell,
    file: 'durable-objects/tenant-wallet/tenant-wallet.ts',
    what: 'what others do not use is not taken back',
    find: '(await this.#recallUnused(raw.user_id)) ? this.#lease(raw) : answer',
    replace: 'answer',
  },
  {
    ...shell,
    file: 'durable-objects/wallet/lease-keeper.ts',
    what: 'what a wallet has spent of its lease is told to come back',
    find: 'available + reserved - (state.lease?.spent ?? 0)',
    replace: 'available + reserved',
  },
];
