import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { executionExportParams, executionListParams } from '../../../../contracts/api/execution-filter.ts';
import { executionListItem } from '../../../../contracts/api/executions.ts';
import { pageOf } from '../../../../contracts/api/paging.ts';
import { readExportedExecutions } from '../../../db/executions/execution-export.ts';
import { listExecutions } from '../../../db/executions/executions.ts';
import { CSV_ITEMS_MAX, csvFile } from '../../answers/csv-file.ts';
import { csvOfExecutions, executionCsv } from '../../answers/execution-csv.ts';
import type { PrincipalEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { json, managementKey, problems, sessionOrKey } from '../../openapi/responses.ts';
import { refuseQuery } from '../../refuse-field.ts';

const tags = ['AI'];

const list = createRoute({
  method: 'get',
  path: '/executions',
  operationId: 'listExecutions',
  tags,
  summary: 'List your executions.',
  description:
    'Returns the newest execution first. Admins see all executions of the tenant. Filters apply together.',
  security: [...sessionOrKey('executions:read'), ...managementKey('usage:read')],
  request: { query: executionListParams },
  responses: { 200: json(pageOf(executionListItem), 'A page of executions.'), ...problems('invalid_cursor') },
});

const exportList = createRoute({
  method: 'get',
  path: '/executions/export',
  operationId: 'exportExecutions',
  tags,
  summary: 'Export executions.',
  description: `Returns the executions of a filter as CSV, the newest first, at most ${CSV_ITEMS_MAX.toLocaleString('en')}. Admins get all executions of the tenant.`,
  security: [...sessionOrKey('executions:read'), ...managementKey('usage:read')],
  request: { query: executionExportParams },
  responses: { 200: { description: 'The file.', content: executionCsv }, ...problems() },
});

/** Executions as a list and as a file. The database decides what a caller sees. */
export const executionListRoutes = new OpenAPIHono<PrincipalEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query');
    const reader = c.var.manager ?? c.var.principal;
    const executions = await listExecutions(dependenciesOf(c).database, reader, { cursor, limit }, filter);
    return executions.ok ? c.json(executions.value, 200) : problem(c, executions.failure.code);
  })
  .openapi(exportList, async (c) => {
    const reader = c.var.manager ?? c.var.principal;
    const filter = c.req.valid('query');
    const { database } = dependenciesOf(c);
    const executions = await readExportedExecutions(database, reader, filter, CSV_ITEMS_MAX + 1);
    if (!executions.ok) return problem(c, executions.failure.code);
    if (executions.value.length > CSV_ITEMS_MAX)
      return refuseQuery(c, {
        field: 'from',
        rule: 'too_many_items',
        message: `leads to more than ${CSV_ITEMS_MAX} executions. Ask for a shorter period, or page through the list`,
      });
    return csvFile(csvOfExecutions(executions.value), 'executions.csv');
  });
