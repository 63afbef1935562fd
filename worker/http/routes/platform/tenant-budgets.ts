import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { pageOf, pageParams } from '../../../../contracts/api/paging.ts';
import {
  budgetCreditRequest,
  budgetCreditResponse,
  ownBudget,
  type SetTenantBudget,
  setTenantBudget,
  tenantBudget,
  tenantLedgerItem,
} from '../../../../contracts/api/tenant/budgets.ts';
import { creditBudget, readOwnBudget, readTenantBudget, setBudget } from '../../../budgets/tenant-budget.ts';
import { listTenantLedger } from '../../../db/ledger/tenant-ledger.ts';
import { exportTenantLedger } from '../../../reconciliation/export-ledger.ts';
import { answerLedgerExport, ledgerExport } from '../../answers/ledger-export.ts';
import type { RequestContext, SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import {
  idempotencyHeader,
  idParam,
  json,
  jsonBody,
  ofBody,
  problems,
  requiredIdempotencyHeader,
  session,
} from '../../openapi/responses.ts';

const tags = ['Tenant budgets'];
const idOf = idParam('The id of the tenant.');

const read = createRoute({
  method: 'get',
  path: '/{id}/budget',
  operationId: 'getTenantBudget',
  tags,
  summary: 'Retrieve the budget of a tenant.',
  description:
    "Returns the budget at this moment, with what users' wallets have spent of their leases. Superadmins only, on the platform's hostname.",
  security: session,
  request: { params: idOf },
  responses: { 200: json(tenantBudget, 'The budget.'), ...problems('not_found') },
});

const set = createRoute({
  method: 'put',
  path: '/{id}/budget',
  operationId: 'setTenantBudget',
  'x-confirm': true,
  tags,
  summary: 'Set the budget of a tenant.',
  description:
    "Takes effect with the next execution. A budget below what running executions hold is refused and changes nothing. Superadmins only, on the platform's hostname.",
  security: session,
  request: {
    params: idOf,
    headers: idempotencyHeader,
    ...jsonBody(setTenantBudget, { mode: 'monthly', enforcement: 'hard', limit_micro_usd: 50_000_000 }),
  },
  responses: {
    200: json(tenantBudget, 'The budget after the change.'),
    ...problems(
      ...ofBody,
      'amount_out_of_range',
      'budget_below_leased',
      'budget_changed',
      'confirmation_required',
      'idempotency_mismatch',
      'not_found',
    ),
  },
});

const credit = createRoute({
  method: 'post',
  path: '/{id}/budget/credits',
  operationId: 'createBudgetCredit',
  'x-confirm': true,
  tags,
  summary: 'Add to a prepaid budget.',
  description: "Adds to the balance of a prepaid budget. Superadmins only, on the platform's hostname.",
  security: session,
  request: { params: idOf, headers: requiredIdempotencyHeader, ...jsonBody(budgetCreditRequest) },
  responses: {
    201: json(budgetCreditResponse, 'The ledger entry and the budget after it.'),
    ...problems(
      ...ofBody,
      'amount_out_of_range',
      'budget_not_prepaid',
      'confirmation_required',
      'idempotency_mismatch',
      'not_found',
    ),
  },
});

const ledger = createRoute({
  method: 'get',
  path: '/{id}/ledger',
  operationId: 'listTenantLedgerEntries',
  tags,
  summary: 'List the ledger entries of a tenant.',
  description:
    "Returns the changes of the budget, the newest entry first. A new entry appears after about one second. Superadmins only, on the platform's hostname.",
  security: session,
  request: { params: idOf, query: pageParams },
  responses: {
    200: json(pageOf(tenantLedgerItem), 'A page of ledger entries.'),
    ...problems('invalid_cursor', 'not_found'),
  },
});

const exportOfTenant = createRoute({
  method: 'get',
  path: '/{id}/ledger/export',
  operationId: 'exportTenantLedger',
  tags,
  summary: 'Export the ledger of a tenant.',
  description:
    "Returns the whole ledger as NDJSON, in micro-USD. Anyone can verify it offline. Superadmins only, on the platform's hostname.",
  security: session,
  request: { params: idOf },
  responses: ledgerExport,
});

const readOwn = createRoute({
  method: 'get',
  path: '/budget',
  operationId: 'getOwnBudget',
  tags: ['Tenant'],
  summary: 'Retrieve the budget of your tenant.',
  description:
    'Returns what your users may spend on the provider keys of the platform, and what they have spent. Admins only.',
  security: session,
  responses: { 200: json(ownBudget, 'The budget.'), ...problems() },
});

/** Answers a budget that would be less than what is leased, with the field that is too low. */
const budgetBelowLeased = (c: RequestContext, { mode }: SetTenantBudget, leased_micro_usd: number) =>
  problem(c, 'budget_below_leased', {
    details: {
      field: mode === 'monthly' ? 'limit_micro_usd' : 'balance_micro_usd',
      rule: 'budget_below_leased',
      leased_micro_usd,
    },
  });

/** The budgets of tenants, for superadmins. The database checks the role; superadmins are users of the platform's tenant. */
export const tenantBudgetRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(read, async (c) => {
    const budget = await readTenantBudget(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return budget.ok ? c.json(budget.value, 200) : problem(c, budget.failure.code);
  })
  .openapi(set, async (c) => {
    const change = c.req.valid('json');
    const budget = await setBudget(dependenciesOf(c), c.var.claims, {
      tenant_id: c.req.valid('param').id,
      change,
      operation_id: c.req.valid('header')['idempotency-key'] ?? uuidv7(),
    });
    if (budget.ok) return c.json(budget.value, 200);
    return budget.failure.code === 'budget_below_leased'
      ? budgetBelowLeased(c, change, budget.failure.leased_micro_usd)
      : problem(c, budget.failure.code);
  })
  .openapi(credit, async (c) => {
    const credited = await creditBudget(dependenciesOf(c), c.var.claims, {
      tenant_id: c.req.valid('param').id,
      operation_id: c.req.valid('header')['idempotency-key'],
      ...c.req.valid('json'),
    });
    return credited.ok ? c.json(credited.value, 201) : problem(c, credited.failure.code);
  })
  .openapi(ledger, async (c) => {
    const { database } = dependenciesOf(c);
    const entries = await listTenantLedger(
      database,
      c.var.claims,
      c.req.valid('query'),
      c.req.valid('param').id,
    );
    return entries.ok ? c.json(entries.value, 200) : problem(c, entries.failure.code);
  })
  .openapi(exportOfTenant, async (c) =>
    answerLedgerExport(c, await exportTenantLedger(dependenciesOf(c), c.var.claims, c.req.valid('param').id)),
  );

/** The budget of the caller's own tenant, for its admins. */
export const ownBudgetRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid }).openapi(
  readOwn,
  async (c) => {
    const budget = await readOwnBudget(dependenciesOf(c), c.var.claims);
    return budget.ok ? c.json(budget.value, 200) : problem(c, budget.failure.code);
  },
);
