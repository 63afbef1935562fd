import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { pageOf } from '../../../../contracts/api/paging.ts';
import {
  reconcileRequest,
  reconciliationQuery,
  repairRequest,
  tenantReconciliation,
  tenantReconciliationReport,
  tenantRepairResponse,
} from '../../../../contracts/api/reconciliation.ts';
import { readTenantBudget } from '../../../budgets/tenant-budget.ts';
import { listTenantReconciliations } from '../../../db/ledger/reconciliation.ts';
import { reconcileTenantWallet } from '../../../reconciliation/reconcile-on-demand.ts';
import { repairTenantWallet } from '../../../reconciliation/repair-on-demand.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import {
  idempotencyHeader,
  idParam,
  json,
  jsonBody,
  ofBody,
  problems,
  session,
} from '../../openapi/responses.ts';

const tags = ['Reconciliation'];
const idOf = idParam('The id of the tenant.');

const list = createRoute({
  method: 'get',
  path: '/tenants',
  operationId: 'listTenantReconciliations',
  tags,
  summary: "List the results of checks of tenants' wallets.",
  description:
    "Returns the last check of each tenant's wallet against its ledger and its executions. Admins see their tenant, superadmins see all tenants.",
  security: session,
  request: { query: reconciliationQuery },
  responses: {
    200: json(pageOf(tenantReconciliation), 'A page of results, the newest tenant first.'),
    ...problems('invalid_cursor'),
  },
});

const run = createRoute({
  method: 'post',
  path: '/{id}/budget/reconciliation',
  operationId: 'reconcileTenantWallet',
  tags,
  summary: 'Check the wallet of a tenant.',
  description:
    "Checks the wallet that keeps the tenant's budget now: the hash chain, the figures and the executions. Superadmins only, on the platform's hostname.",
  security: session,
  request: { params: idOf, ...jsonBody(reconcileRequest) },
  responses: { 200: json(tenantReconciliationReport, 'The report.'), ...problems(...ofBody, 'not_found') },
});

const repair = createRoute({
  method: 'post',
  path: '/{id}/budget/repair',
  operationId: 'repairTenantWallet',
  tags,
  summary: 'Repair the wallet of a tenant.',
  description:
    "Repairs a tenant's wallet with a difference, by one compensating entry or by rewriting a projection. Superadmins only, on the platform's hostname.",
  security: session,
  request: { params: idOf, headers: idempotencyHeader, ...jsonBody(repairRequest) },
  responses: {
    201: json(tenantRepairResponse, 'The compensating entry and the check after it.'),
    ...problems(
      ...ofBody,
      'amount_out_of_range',
      'idempotency_mismatch',
      'ledger_outdated',
      'not_found',
      'nothing_to_repair',
    ),
  },
});

/** Results of the scheduled check of tenants' wallets, for admins. */
export const tenantReconciliationRoutes = new OpenAPIHono<SessionEnv>({
  defaultHook: refuseInvalid,
}).openapi(list, async (c) => {
  const { database } = dependenciesOf(c);
  const wallets = await listTenantReconciliations(database, c.var.claims, c.req.valid('query'));
  return wallets.ok ? c.json(wallets.value, 200) : problem(c, wallets.failure.code);
});

/** Checks and repairs one tenant's wallet, for superadmins. The database checks the role. */
export const tenantWalletCheckRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(run, async (c) => {
    const { id } = c.req.valid('param');
    const report = await reconcileTenantWallet(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    return report.ok ? c.json(report.value, 200) : problem(c, report.failure.code);
  })
  .openapi(repair, async (c) => {
    const deps = dependenciesOf(c);
    const { id } = c.req.valid('param');
    const repaired = await repairTenantWallet(deps, c.var.claims, id, {
      reason: c.req.valid('json').reason,
      operation_id: c.req.valid('header')['idempotency-key'] ?? uuidv7(),
    });
    if (!repaired.ok) return problem(c, repaired.failure.code);
    const budget = await readTenantBudget(deps, c.var.claims, id);
    return budget.ok
      ? c.json({ ...repaired.value, budget: budget.value }, 201)
      : problem(c, budget.failure.code);
  });
