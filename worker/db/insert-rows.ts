import { getTableName, type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Database } from './client.ts';

const columnList = (columns: readonly string[]) =>
  sql.join(
    columns.map((column) => sql.identifier(column)),
    sql`, `,
  );

/** `a = excluded.a, ...`: takes the value of every column from the row that was not inserted. */
export const takeExcluded = (columns: readonly string[]) =>
  sql.join(
    columns.map((column) => sql`${sql.identifier(column)} = excluded.${sql.identifier(column)}`),
    sql`, `,
  );

/**
 * Inserts rows as one JSON parameter, because a batch of the queue can hold more values than a statement may have parameters
 * (65,535). A column that a row lacks is null. The keys of the first row are the columns, unless others are named.
 */
export function insertRows<Table extends PgTable>(
  database: Database,
  table: Table,
  rows: Table['$inferInsert'][],
  onConflict: (columns: readonly string[]) => SQL,
  columns: readonly string[] = Object.keys(rows[0] ?? {}),
): BatchItem<'pg'> {
  const name = sql.identifier(getTableName(table));
  return database.execute(sql`insert into ${name} (${columnList(columns)})
    select ${columnList(columns)} from jsonb_populate_recordset(null::${name}, ${JSON.stringify(rows)}::jsonb)
    on conflict ${onConflict(columns)}`);
}
