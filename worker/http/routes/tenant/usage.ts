import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  usageCsvParams,
  usagePage,
  usageReportParams,
  usageSummary,
  usageSummaryParams,
} from '../../../../contracts/api/usage.ts';
import type { ErrorCode } from '../../../../contracts/errors.ts';
import { listUsageItems, readUsageItems, readUsageSummary } from '../../../db/usage/usage-report.ts';
import { CSV_ITEMS_MAX, csvFile } from '../../answers/csv-file.ts';
import { csvOfUsageItems, usageCsv } from '../../answers/usage-csv.ts';
import type { PrincipalEnv, RequestContext } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { json, managementKey, problems, sessionOrKey } from '../../openapi/responses.ts';
import { refuseQuery } from '../../refuse-field.ts';

const tags = ['Usage'];
const security = [...sessionOrKey('executions:read'), ...managementKey('usage:read')];
const WHOSE =
  "Users see their own executions, admins and management keys those of their tenant, and superadmins those of all tenants, on the platform's hostname.";

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listUsage',
  tags,
  summary: 'List usage.',
  description: `Returns figures of the executions that ended in a period, for each group. They equal the ledger. ${WHOSE}`,
  security,
  request: { query: usageReportParams },
  responses: { 200: json(usagePage, 'A page of usage.'), ...problems('invalid_cursor') },
});

const summary = createRoute({
  method: 'get',
  path: '/summary',
  operationId: 'getUsageSummary',
  tags,
  summary: 'Retrieve the usage of a period.',
  description: `Returns the figures of a period, and those of the period of the same length before it. ${WHOSE}`,
  security,
  request: { query: usageSummaryParams },
  responses: { 200: json(usageSummary, 'The figures.'), ...problems() },
});

const exportItems = createRoute({
  method: 'get',
  path: '/export',
  operationId: 'exportUsage',
  tags,
  summary: 'Export usage.',
  description: `Returns all items of a period as CSV, at most ${CSV_ITEMS_MAX.toLocaleString('en')}. ${WHOSE}`,
  security,
  request: { query: usageCsvParams },
  responses: { 200: { description: 'The file.', content: usageCsv }, ...problems() },
});

const needsTenant = (c: RequestContext) =>
  refuseQuery(c, {
    field: 'tenant_id',
    rule: 'needs_tenant',
    message:
      'is required here, because across tenants usage is grouped and filtered by day, model, provider and tenant only',
  });

/** Refuses a report: one across tenants by its field, any other by its code. */
const refuse = <Code extends ErrorCode>(c: RequestContext, code: Code | 'needs_tenant') =>
  code === 'needs_tenant' ? needsTenant(c) : problem(c, code);

/** Usage by user, key, model, provider, level and time. The database decides what a caller sees. */
export const usageRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const { manager, principal } = c.var;
    const page = await listUsageItems(dependenciesOf(c).database, manager ?? principal, c.req.valid('query'));
    return page.ok ? c.json(page.value, 200) : refuse(c, page.failure.code);
  })
  .openapi(summary, async (c) => {
    const { manager, principal } = c.var;
    const figures = await readUsageSummary(
      dependenciesOf(c).database,
      manager ?? principal,
      c.req.valid('query'),
    );
    return figures.ok ? c.json(figures.value, 200) : refuse(c, figures.failure.code);
  })
  .openapi(exportItems, async (c) => {
    const { manager, principal } = c.var;
    const filter = c.req.valid('query');
    const { group_by, from, to } = filter;
    const { database } = dependenciesOf(c);
    const items = await readUsageItems(database, manager ?? principal, filter, CSV_ITEMS_MAX + 1);
    if (!items.ok) return refuse(c, items.failure.code);
    if (items.value.length > CSV_ITEMS_MAX)
      return refuseQuery(c, {
        field: 'group_by',
        rule: 'too_many_items',
        message: `has more than ${CSV_ITEMS_MAX} items in this period. Ask for a shorter one, or page through the list`,
      });
    return csvFile(
      csvOfUsageItems(group_by, items.value),
      `usage-by-${group_by.replace(',', '-')}-${from}-${to}.csv`,
    );
  });
