import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { pageOf } from '../../../../contracts/api/paging.ts';
import {
  overviewParams,
  platformHealth,
  platformOverview,
  platformUsagePage,
  usageExportParams,
  usageParams,
} from '../../../../contracts/api/platform/platform.ts';
import { platformAuditEntry, platformAuditParams } from '../../../../contracts/api/tenant/audit.ts';
import { listPlatformAuditEntries } from '../../../db/audit-entries.ts';
import { readPlatformHealth } from '../../../db/usage/platform-health.ts';
import { listUsage, readAllUsage, readDays } from '../../../db/usage/platform-usage.ts';
import { csvOfUsage, overviewOf } from '../../../platform/usage-report.ts';
import { csvContent, csvFile } from '../../answers/csv-file.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { json, problems, session } from '../../openapi/responses.ts';

const tags = ['Platform overview'];
const ONLY = "Superadmins only, on the platform's hostname.";

const overview = createRoute({
  method: 'get',
  path: '/overview',
  operationId: 'getPlatformOverview',
  tags,
  summary: "Retrieve the platform's figures.",
  description: `Returns usage, cost, revenue and margin of a period, in all and by day. An execution belongs to the day (UTC) on which it ended. ${ONLY}`,
  security: session,
  request: { query: overviewParams },
  responses: { 200: json(platformOverview, 'The figures.'), ...problems('not_found') },
});

const usage = createRoute({
  method: 'get',
  path: '/usage',
  operationId: 'listPlatformUsage',
  tags,
  summary: 'List usage by tenant, model or day.',
  description: `Returns usage, cost, revenue and margin of a period for each tenant, model or day with executions. ${ONLY}`,
  security: session,
  request: { query: usageParams },
  responses: { 200: json(platformUsagePage, 'A page of usage.'), ...problems('invalid_cursor', 'not_found') },
});

const csv = csvContent('A header and a line for each item. Amounts are whole micro-USD.');

const exportUsage = createRoute({
  method: 'get',
  path: '/usage/export',
  operationId: 'exportPlatformUsage',
  tags,
  summary: 'Export usage by tenant, model or day.',
  description: `Returns all items of a period as CSV. ${ONLY}`,
  security: session,
  request: { query: usageExportParams },
  responses: { 200: { description: 'The file.', content: csv }, ...problems('not_found') },
});

const health = createRoute({
  method: 'get',
  path: '/health',
  operationId: 'getPlatformHealth',
  tags,
  summary: "Retrieve the platform's health.",
  description: `Returns failing providers, wallets with a difference and suspended tenants. ${ONLY}`,
  security: session,
  responses: { 200: json(platformHealth, 'The report.'), ...problems('not_found') },
});

const auditLog = createRoute({
  method: 'get',
  path: '/audit-log',
  operationId: 'listPlatformAuditEntries',
  tags: ['Audit log'],
  summary: 'List the audit log of all tenants.',
  description: `Returns the newest entry first, of all tenants or of one. ${ONLY}`,
  security: session,
  request: { query: platformAuditParams },
  responses: {
    200: json(pageOf(platformAuditEntry), 'A page of entries.'),
    ...problems('invalid_cursor', 'not_found'),
  },
});

/** The platform's business across tenants, for superadmins. The database checks the role. */
export const platformRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(overview, async (c) => {
    const period = c.req.valid('query');
    const days = await readDays(dependenciesOf(c).database, c.var.claims, period);
    return days.ok ? c.json(overviewOf(period, days.value), 200) : problem(c, days.failure.code);
  })
  .openapi(usage, async (c) => {
    const page = await listUsage(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    return page.ok ? c.json(page.value, 200) : problem(c, page.failure.code);
  })
  .openapi(exportUsage, async (c) => {
    const filter = c.req.valid('query');
    const { group_by, from, to } = filter;
    const items = await readAllUsage(dependenciesOf(c).database, c.var.claims, filter);
    if (!items.ok) return problem(c, items.failure.code);
    return csvFile(csvOfUsage(group_by, items.value), `usage-by-${group_by}-${from}-${to}.csv`);
  })
  .openapi(auditLog, async (c) => {
    const { database } = dependenciesOf(c);
    const page = await listPlatformAuditEntries(database, c.var.claims, c.req.valid('query'));
    return page.ok ? c.json(page.value, 200) : problem(c, page.failure.code);
  })
  .openapi(health, async (c) => {
    const report = await readPlatformHealth(dependenciesOf(c).database, c.var.claims);
    return report.ok ? c.json(report.value, 200) : problem(c, report.failure.code);
  });
