import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { pageOf } from '../../../contracts/api/paging.ts';
import {
  ledgerExportLine,
  reconcileRequest,
  reconciliation,
  reconciliationQuery,
  reconciliationReport,
  repairRequest,
  repairResponse,
} from '../../../contracts/api/reconciliation.ts';
import { listReconciliations } from '../../db/reconciliation.ts';
import { exportLedger } from '../../reconciliation/export-ledger.ts';
import { reconcileOnDemand } from '../../reconciliation/reconcile-wallet.ts';
import { repairWallet } from '../../reconciliation/repair-wallet.ts';
import type { SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import {
  idempotencyHeader,
  idParam,
  json,
  jsonBody,
  ofBody,
  problems,
  session,
} from '../openapi/responses.ts';

const tags = ['Reconciliation'];
const idOf = idParam('The user, as `GET /api/users` lists them');

const list = createRoute({
  method: 'get',
  path: '/',
  tags,
  summary:
    'How wallets stood when they were last checked against ledger and executions. Admins see their tenant, superadmins all.',
  security: session,
  request: { query: reconciliationQuery },
  responses: {
    200: json(pageOf(reconciliation), 'A page of checked wallets, the newest user first'),
    ...problems('invalid_cursor'),
  },
});

const run = createRoute({
  method: 'post',
  path: '/{id}/wallet/reconciliation',
  tags,
  summary: "Checks a user's wallet now: chain, figures, executions. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(reconcileRequest) },
  responses: { 200: json(reconciliationReport, 'What was found'), ...problems(...ofBody, 'not_found') },
});

const repair = createRoute({
  method: 'post',
  path: '/{id}/wallet/repair',
  tags,
  summary:
    'Repairs a wallet that a check found different: by one compensating entry, or by writing a projection again. ' +
    "Superadmins only, on the platform's own hostname.",
  security: session,
  request: { params: idOf, headers: idempotencyHeader, ...jsonBody(repairRequest) },
  responses: {
    201: json(repairResponse, 'The compensating entry, and the check that followed'),
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

/** A stream has no body that the types could hold a handler to: any name of a media type says so. */
const lines: Record<string, { schema: z.ZodType }> = { 'application/x-ndjson': { schema: ledgerExportLine } };

const ndjson = {
  200: {
    description:
      'One JSON object a line, each of these: a header, then every entry exactly as it was hashed, oldest first. ' +
      '`npm run verify:ledger` proves it offline',
    content: lines,
  },
  ...problems('not_found'),
};

const exportOwn = createRoute({
  method: 'get',
  path: '/export',
  tags,
  summary: 'Your whole ledger as NDJSON, to be verified by anybody.',
  security: session,
  responses: ndjson,
});

const exportOfUser = createRoute({
  method: 'get',
  path: '/{id}/wallet/export',
  tags,
  summary: "A user's whole ledger as NDJSON. Admins only.",
  security: session,
  request: { params: idOf },
  responses: ndjson,
});

async function answerExport(c: Context<SessionEnv>, userId: string | null) {
  const ledger = await exportLedger(dependenciesOf(c), c.var.claims, userId);
  if (!ledger.ok) return problem(c, ledger.failure.code);
  return new Response(ledger.value.lines, {
    headers: {
      'content-type': 'application/x-ndjson',
      'content-disposition': `attachment; filename="${ledger.value.file_name}"`,
      'cache-control': 'no-store',
    },
  });
}

/** The findings of the scheduled check, for administrators. */
export const reconciliationRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid }).openapi(
  list,
  async (c) => {
    const { database } = dependenciesOf(c);
    const wallets = await listReconciliations(database, c.var.claims, c.req.valid('query'));
    return wallets.ok ? c.json(wallets.value, 200) : problem(c, wallets.failure.code);
  },
);

/** The caller's own ledger to take along. */
export const ledgerExportRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid }).openapi(
  exportOwn,
  (c) => answerExport(c, null),
);

/**
 * Checking, repairing and exporting one user's wallet. Who may is decided in the database. Superadmins are users of the
 * platform's tenant, and that answers on the platform's own hostnames alone.
 */
export const userReconciliationRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(run, async (c) => {
    const { id } = c.req.valid('param');
    const report = await reconcileOnDemand(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    return report.ok ? c.json(report.value, 200) : problem(c, report.failure.code);
  })
  .openapi(repair, async (c) => {
    const repaired = await repairWallet(dependenciesOf(c), c.var.claims, {
      user_id: c.req.valid('param').id,
      reason: c.req.valid('json').reason,
      operation_id: c.req.valid('header')['idempotency-key'] ?? uuidv7(),
    });
    return repaired.ok ? c.json(repaired.value, 201) : problem(c, repaired.failure.code);
  })
  .openapi(exportOfUser, (c) => answerExport(c, c.req.valid('param').id));
