import type pg from 'pg';
import { z } from 'zod';

/**
 * The body of Neon's `POST /sql`: what is asked, how Postgres is asked, and how its answer is told. Every value goes over as
 * Postgres' own text; the driver does the parsing.
 */

const queryOne = z.object({ query: z.string(), params: z.array(z.unknown()).default([]) });
const queryMany = z.object({ queries: z.array(queryOne).min(1) });

/** The body of a request: one query, or a batch that is one transaction. */
export const sqlRequest = z.union([queryMany, queryOne]);
export type SqlRequest = z.infer<typeof sqlRequest>;
type Query = z.infer<typeof queryOne>;

/** How a batch's transaction begins; it says so in headers. */
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
  // The extended protocol, as at Neon: one statement per query, parameters or not.
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

/** Runs one query by itself, or a batch as one transaction. Answers the response's body; throws what Postgres raised. */
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

/** A Postgres error as Neon tells it, with the fields the driver looks for. */
export function presentError(error: pg.DatabaseError) {
  const { severity, code, detail, hint, position, internalPosition, internalQuery, where } = error;
  const { message, schema, table, column, dataType, constraint, file, line, routine } = error;
  return {
    message,
    ...{ severity, code, detail, hint, position, internalPosition, internalQuery, where },
    ...{ schema, table, column, dataType, constraint, file, line, routine },
  };
}
