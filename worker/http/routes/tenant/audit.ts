import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { pageOf } from '../../../../contracts/api/paging.ts';
import { auditEntry, auditExportParams, auditParams } from '../../../../contracts/api/tenant/audit.ts';
import {
  selfMadeChanges,
  selfMadeChangesRequest,
} from '../../../../contracts/api/tenant/self-made-changes.ts';
import { listAuditEntries } from '../../../db/audit-entries.ts';
import { getSelfMadeChanges, saveSelfMadeChanges } from '../../../db/users/self-made-changes.ts';
import { auditCsv, exportAuditLog } from '../../answers/audit-export.ts';
import { csvFile } from '../../answers/csv-file.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listAuditEntries',
  tags: ['Audit log'],
  summary: 'List the audit log.',
  description: 'Returns the newest entry first. Entries are never changed or deleted. Admins only.',
  security: session,
  request: { query: auditParams },
  responses: { 200: json(pageOf(auditEntry), 'A page of entries.'), ...problems('invalid_cursor') },
});

const exportEntries = createRoute({
  method: 'get',
  path: '/export',
  operationId: 'exportAuditLog',
  tags: ['Audit log'],
  summary: 'Export the audit log.',
  description: 'Returns all entries that the filters let through as CSV, the newest first. Admins only.',
  security: session,
  request: { query: auditExportParams },
  responses: { 200: { description: 'The file.', content: auditCsv }, ...problems('invalid_cursor') },
});

const readSelfMade = createRoute({
  method: 'get',
  path: '/{id}/self-made-changes',
  operationId: 'getSelfMadeChanges',
  tags: ['Audit log'],
  summary: 'Retrieve the rules for self-made changes in a tenant.',
  security: session,
  request: { params: idParam('The id of the tenant.') },
  responses: { 200: json(selfMadeChanges, 'The rules.'), ...problems('not_found') },
});

const setSelfMade = createRoute({
  method: 'put',
  path: '/{id}/self-made-changes',
  operationId: 'setSelfMadeChanges',
  tags: ['Audit log'],
  summary: 'Allow or refuse self-made changes in a tenant.',
  description:
    'Decides if the administrators of a tenant can change their own wallet and policy. Takes effect with the next request. Superadmins only.',
  security: session,
  request: {
    params: idParam('The id of the tenant.'),
    ...jsonBody(selfMadeChangesRequest, { allowed: false }),
  },
  responses: {
    200: json(selfMadeChanges, 'The rules after the change.'),
    ...problems(...ofBody, 'not_found'),
  },
});

/** The audit log, for the tenant's admins. The database checks the role. */
export const auditRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const entries = await listAuditEntries(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    return entries.ok ? c.json(entries.value, 200) : problem(c, entries.failure.code);
  })
  .openapi(exportEntries, async (c) => {
    const lines = await exportAuditLog(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    if (!lines.ok) return problem(c, lines.failure.code);
    return csvFile(lines.value, 'audit-log.csv');
  });

/** The platform's rule for self-made changes of a tenant. Superadmins are users of the platform, so this answers at its hostnames. */
export const selfMadeChangesRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(readSelfMade, async (c) => {
    const { database } = dependenciesOf(c);
    const rules = await getSelfMadeChanges(database, c.var.claims, c.req.valid('param').id);
    return rules.ok ? c.json(rules.value, 200) : problem(c, rules.failure.code);
  })
  .openapi(setSelfMade, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const { id } = c.req.valid('param');
    const { allowed } = c.req.valid('json');
    const saved = await saveSelfMadeChanges(database, c.var.claims, id, allowed, requestId);
    return saved.ok ? c.json(saved.value, 200) : problem(c, saved.failure.code);
  });
