import type pg from 'pg';
import { z } from 'zod';

/**
 * Neon's `POST /sql`: the request body, the queries it runs, and the response body. Values are sent in Postgres' text format;
 * the driver parses them.
 */

const queryOne = z.object({ query: z.string(), params: z.array(z.unknown()).default([]) });
const queryMany = z.object({ queries: z.array(queryOne).min(1) });

/** The body of a request: one query, or a batch that is one transaction. */
export const sqlRequest = z.union([queryMany, queryOne]);
export type SqlRequest = z.infer<typeof sqlRequest>;
type Query = z.infer<typeof queryOne>;

/** Transaction options of a batch, read from the request's headers. */
export const batchOptions = z.object({
  'neon-batch-isolation-level': z
    .enum(['ReadUncommitted', 'ReadCommitted', 'RepeatableRead', 'Serializable'])
    .optional(),
  'neon-batch-read-only': z.enum(['true', 'false']).optional(),
  'neon-batch-deferrable': z.enum(['true', 'false']).optional(),
});
export type BatchOptions = z.infer<typeof batchOptions>;

const isolationLevels = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
};

const asText = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;

/** The statements of a request, in order. */
export const queriesOf = (request: SqlRequest): Query[] =>
  'queries' in request ? request.queries : [request];

async function runQuery(client: pg.ClientBase, { query, params }: Query) {
  const config = { text: query, values: params, rowMode: 'array' as const, types: asText };
  // The extended protocol, like Neon: one statement per query, even without parameters.
  const result = await client.query<unknown[]>({ ...config, queryMode: 'extended' } as typeof config);
  const fields = result.fields.map((field) => ({
    name: field.name,
    dataTypeID: field.dataTypeID,
    tableID: field.tableID,
    columnID: field.columnID,
    dataTypeSize: field.dataTypeSize,
    dataTypeModifier: field.dataTypeModifier,
    format: 'text',
  }));
  return { command: result.command, rowCount: result.rowCount, rowAsArray: true, fields, rows: result.rows };
}

function beginStatement(options: BatchOptions): string {
  const level = options['neon-batch-isolation-level'];
  const words = ['begin'];
  if (level !== undefined) words.push(`isolation level ${isolationLevels[level]}`);
  if (options['neon-batch-read-only'] === 'true') words.push('read only');
  if (options['neon-batch-deferrable'] === 'true') words.push('deferrable');
  return words.join(' ');
}

/** Runs one query, or a batch in one transaction. Returns the response body; throws the error of Postgres. */
export async function runSql(client: pg.ClientBase, request: SqlRequest, options: BatchOptions) {
  if (!('queries' in request)) return runQuery(client, request);
  await client.query(beginStatement(options));
  try {
    const results = [];
    for (const one of request.queries) results.push(await runQuery(client, one));
    await client.query('commit');
    return { results };
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Returns a Postgres error in Neon's form, with the fields that the driver reads. */
export function presentError(error: pg.DatabaseError) {
  const { severity, code, detail, hint, position, internalPosition, internalQuery, where } = error;
  const { message, schema, table, column, dataType, constraint, file, line, routine } = error;
  return {
    message,
    ...{ severity, code, detail, hint, position, internalPosition, internalQuery, where },
    ...{ schema, table, column, dataType, constraint, file, line, routine },
  };
}
