import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { BudgetCredit, TenantBudget } from '../../../../../contracts/api/tenant/budgets.ts';
import { api, ask, askFile } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';
import type { BudgetChange } from '../budget-draft.ts';

const keys = {
  budget: (tenantId: string) => ['budgets', tenantId],
  ledger: (tenantId: string) => ['budgets', tenantId, 'ledger'],
} as const;

/** The budget of a tenant, with what users' wallets have spent of their leases. */
export const tenantBudgetQuery = (tenantId: string) =>
  queryOptions({
    queryKey: keys.budget(tenantId),
    queryFn: () => ask(api.tenants[':id'].budget.$get({ param: { id: tenantId } })),
  });

/** The budget of the caller's own tenant, for its admins. */
export const ownBudgetQuery = queryOptions({
  queryKey: ['own-budget'],
  queryFn: () => ask(api.tenant.budget.$get()),
});

/** The ledger of a tenant's budget, newest entry first. */
export const tenantLedgerQuery = (tenantId: string) =>
  pagedOptions(keys.ledger(tenantId), (cursor) =>
    ask(api.tenants[':id'].ledger.$get({ param: { id: tenantId }, query: pageQuery(cursor) })),
  );

const keepBudget = (client: QueryClient, tenantId: string, budget: TenantBudget) =>
  client.setQueryData(keys.budget(tenantId), budget);

/** Sets the budget of a tenant. Sending the same idempotency key again changes nothing. */
export const setBudget = (tenantId: string) =>
  mutationOptions({
    mutationFn: ({ change, idempotency_key }: BudgetChange) =>
      ask(
        api.tenants[':id'].budget.$put({
          param: { id: tenantId },
          header: { 'idempotency-key': idempotency_key },
          json: change,
        }),
      ),
    onSuccess: (budget, _variables, _result, { client }) => keepBudget(client, tenantId, budget),
    meta: { invalidates: [keys.ledger(tenantId)] },
  });

/** Adds to a prepaid balance. Sending the same idempotency key again adds nothing. */
export const creditBudget = (tenantId: string) =>
  mutationOptions({
    mutationFn: ({ idempotency_key, ...credit }: BudgetCredit & { idempotency_key: string }) =>
      ask(
        api.tenants[':id'].budget.credits.$post({
          param: { id: tenantId },
          header: { 'idempotency-key': idempotency_key },
          json: credit,
        }),
      ),
    onSuccess: ({ budget }, _variables, _result, { client }) => keepBudget(client, tenantId, budget),
    meta: { invalidates: [keys.ledger(tenantId)] },
  });

/** Downloads the whole ledger of a tenant's budget: one JSON entry per line, for `npm run verify:ledger`. */
export const downloadTenantLedger = (tenantId: string) =>
  mutationOptions({
    mutationFn: () => askFile(api.tenants[':id'].ledger.export.$get({ param: { id: tenantId } })),
    // The file is saved, and not kept in memory.
    gcTime: 0,
  });

/** Checks the wallet that keeps a tenant's budget. */
export const checkTenantWallet = (tenantId: string) =>
  mutationOptions({
    mutationFn: ({ full }: { full: boolean }) =>
      ask(api.tenants[':id'].budget.reconciliation.$post({ param: { id: tenantId }, json: { full } })),
  });

/** Adds an entry that bridges a difference. Sending the same idempotency key again writes nothing twice. */
export const repairTenantWallet = (tenantId: string, reason: string, idempotencyKey: string) =>
  mutationOptions({
    mutationFn: () =>
      ask(
        api.tenants[':id'].budget.repair.$post({
          param: { id: tenantId },
          header: { 'idempotency-key': idempotencyKey },
          json: { reason },
        }),
      ),
    onSuccess: ({ budget }, _variables, _result, { client }) => keepBudget(client, tenantId, budget),
    meta: { invalidates: [keys.ledger(tenantId)] },
  });
