import { sql } from 'drizzle-orm';
import { type AnyPgColumn, bigint, check, customType, timestamp } from 'drizzle-orm/pg-core';

/** A column of bytes. */
export const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** A column of wallet tokens, provider tokens or micro-USD: integers within ±2^50, which JavaScript numbers hold exactly. */
export const amount = (name: string) => bigint(name, { mode: 'number' });

/** A column of milliseconds since the epoch. */
export const epochMsColumn = (name: string) => bigint(name, { mode: 'number' });

/** The time at which the row was inserted. */
export const createdAt = () =>
  timestamp('created_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow();
/** The time of the row's last change, maintained by a trigger (migrations: touch_updated_at). */
export const updatedAt = () =>
  timestamp('updated_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow();

const AMOUNT_MAX = sql.raw(String(2 ** 50));

/** Refuses amounts outside 0..2^50. Null passes. */
export const amountsInRange = (name: string, ...columns: AnyPgColumn[]) =>
  check(
    name,
    sql.join(
      columns.map((column) => sql`${column} between 0 and ${AMOUNT_MAX}`),
      sql` and `,
    ),
  );

/** Refuses times and versions below zero or beyond what a JavaScript number holds exactly. */
export const safeIntegers = (name: string, ...columns: AnyPgColumn[]) =>
  check(
    name,
    sql.join(
      columns.map((column) => sql`${column} between 0 and ${sql.raw(String(Number.MAX_SAFE_INTEGER))}`),
      sql` and `,
    ),
  );

/** Refuses amounts outside ±2^50. Null passes. */
export const signedAmountsInRange = (name: string, ...columns: AnyPgColumn[]) =>
  check(
    name,
    sql.join(
      columns.map((column) => sql`${column} between -${AMOUNT_MAX} and ${AMOUNT_MAX}`),
      sql` and `,
    ),
  );
