import type { PageQuery } from '../../contracts/api/paging.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';

/** What a list refuses when its cursor is not one that it gave. */
export type InvalidCursor = 'invalid_cursor';

export type Page<Item> = { items: Item[]; next_cursor: string | null };

/** Cursors are base64: opaque to clients, so that what they hold may change. */
function decode(cursor: string): string | null {
  try {
    return atob(cursor);
  } catch {
    return null;
  }
}

/** An id as Postgres writes it. */
export const uuidPosition = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The number of a journal entry. */
export const seqPosition = /^[1-9]\d{0,15}$/;

/** The row after which a page starts, by its key, or null for the first page. `shape` is what keys of this list look like. */
export function startOfPage(page: PageQuery, shape: RegExp): Result<string | null, { code: InvalidCursor }> {
  if (page.cursor === undefined) return ok(null);
  const position = decode(page.cursor);
  return position !== null && shape.test(position) ? ok(position) : fail({ code: 'invalid_cursor' });
}

/** Cuts `limit + 1` selected rows to a page. The extra row only tells whether there is a next one. */
export function pageOfRows<Row>(rows: Row[], limit: number, keyOf: (row: Row) => string): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next_cursor: more ? btoa(keyOf(last)) : null };
}
