import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { pageOf } from '../../../../contracts/api/paging.ts';
import {
  reconcileRequest,
  reconciliation,
  reconciliationQuery,
  reconciliationReport,
  repairRequest,
  repairResponse,
} from '../../../../contracts/api/reconciliation.ts';
import { listReconciliations } from '../../../db/ledger/reconciliation.ts';
import { exportOwnLedger, exportUserLedger } from '../../../reconciliation/export-ledger.ts';
import { reconcileUserWallet } from '../../../reconciliation/reconcile-on-demand.ts';
import { repairUserWallet } from '../../../reconciliation/repair-on-demand.ts';
import { answerLedgerExport, ledgerExport } from '../../answers/ledger-export.ts';
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
const idOf = idParam('The id of the user.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listReconciliations',
  tags,
  summary: 'List the results of wallet checks.',
  description:
    'Returns the last check of each wallet against its ledger and its executions. Admins see their tenant, superadmins see all tenants.',
  security: session,
  request: { query: reconciliationQuery },
  responses: {
    200: json(pageOf(reconciliation), 'A page of results, the newest user first.'),
    ...problems('invalid_cursor'),
  },
});

const run = createRoute({
  method: 'post',
  path: '/{id}/wallet/reconciliation',
  operationId: 'reconcileWallet',
  tags,
  summary: 'Check a wallet.',
  description: "Checks a user's wallet now: the hash chain, the figures and the executions. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(reconcileRequest) },
  responses: { 200: json(reconciliationReport, 'The report.'), ...problems(...ofBody, 'not_found') },
});

const repair = createRoute({
  method: 'post',
  path: '/{id}/wallet/repair',
  operationId: 'repairWallet',
  tags,
  summary: 'Repair a wallet.',
  description:
    "Repairs a wallet with a difference, by one compensating entry or by rewriting a projection. Superadmins only, on the platform's hostname.",
  security: session,
  request: { params: idOf, headers: idempotencyHeader, ...jsonBody(repairRequest) },
  responses: {
    201: json(repairResponse, 'The compensating entry and the check after it.'),
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

const exportOwn = createRoute({
  method: 'get',
  path: '/export',
  operationId: 'exportLedger',
  'x-feature': 'exports',
  tags,
  summary: 'Export your ledger.',
  description: 'Returns your whole ledger as NDJSON. Anyone can verify it offline.',
  security: session,
  responses: ledgerExport,
});

const exportOfUser = createRoute({
  method: 'get',
  path: '/{id}/wallet/export',
  operationId: 'exportUserLedger',
  'x-feature': 'exports',
  tags,
  summary: "Export a user's ledger.",
  description: 'Returns the whole ledger as NDJSON. Admins only.',
  security: session,
  request: { params: idOf },
  responses: ledgerExport,
});

/** Results of the scheduled check, for admins. */
export const reconciliationRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid }).openapi(
  list,
  async (c) => {
    const { database } = dependenciesOf(c);
    const wallets = await listReconciliations(database, c.var.claims, c.req.valid('query'));
    return wallets.ok ? c.json(wallets.value, 200) : problem(c, wallets.failure.code);
  },
);

/** The export of the caller's own ledger. */
export const ledgerExportRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid }).openapi(
  exportOwn,
  async (c) => answerLedgerExport(c, await exportOwnLedger(dependenciesOf(c), c.var.claims)),
);

/**
 * Checks, repairs and exports one user's wallet. The database decides about access. Superadmins are users of the platform's tenant, which
 * answers only at the platform's own hostnames.
 */
export const userReconciliationRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(run, async (c) => {
    const { id } = c.req.valid('param');
    const report = await reconcileUserWallet(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    return report.ok ? c.json(report.value, 200) : problem(c, report.failure.code);
  })
  .openapi(repair, async (c) => {
    const { id } = c.req.valid('param');
    const repaired = await repairUserWallet(dependenciesOf(c), c.var.claims, id, {
      reason: c.req.valid('json').reason,
      operation_id: c.req.valid('header')['idempotency-key'] ?? uuidv7(),
    });
    return repaired.ok ? c.json(repaired.value, 201) : problem(c, repaired.failure.code);
  })
  .openapi(exportOfUser, async (c) =>
    answerLedgerExport(c, await exportUserLedger(dependenciesOf(c), c.var.claims, c.req.valid('param').id)),
  );
