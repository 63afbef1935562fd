import { sql } from 'drizzle-orm';
import { type AnyPgColumn, bigint, check, timestamp } from 'drizzle-orm/pg-core';

/** Wallet tokens, provider tokens and micro-USD: integers within ±2^50, so JavaScript numbers hold them exactly. */
export const amount = (name: string) => bigint(name, { mode: 'number' });

/** Milliseconds since the epoch. */
export const epochMsColumn = (name: string) => bigint(name, { mode: 'number' });

/** When the row was inserted. */
export const createdAt = () =>
  timestamp('created_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow();
/** Kept by a trigger (migrations: touch_updated_at). */
export const updatedAt = () =>
  timestamp('updated_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow();

const AMOUNT_MAX = sql.raw(String(2 ** 50));

/** Refuses amounts outside 0..2^50 in any of the columns; null passes. */
export const amountsInRange = (name: string, ...columns: AnyPgColumn[]) =>
  check(
    name,
    sql.join(
      columns.map((column) => sql`${column} between 0 and ${AMOUNT_MAX}`),
      sql` and `,
    ),
  );

/** Refuses what a JavaScript number cannot hold exactly, or is below zero: times and versions. */
export const safeIntegers = (name: string, ...columns: AnyPgColumn[]) =>
  check(
    name,
    sql.join(
      columns.map((column) => sql`${column} between 0 and ${sql.raw(String(Number.MAX_SAFE_INTEGER))}`),
      sql` and `,
    ),
  );

/** Refuses amounts outside ±2^50 in any of the columns; null passes. */
export const signedAmountsInRange = (name: string, ...columns: AnyPgColumn[]) =>
  check(
    name,
    sql.join(
      columns.map((column) => sql`${column} between -${AMOUNT_MAX} and ${AMOUNT_MAX}`),
      sql` and `,
    ),
  );
