import type { PageQuery } from '../../contracts/api/paging.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';

/** The error for a cursor that the list did not return. */
export type InvalidCursor = 'invalid_cursor';

export type Page<Item> = { items: Item[]; next_cursor: string | null };

/** Decodes a cursor. Cursors are base64 and opaque to clients, so their content can change. */
function decode(cursor: string): string | null {
  try {
    return atob(cursor);
  } catch {
    return null;
  }
}

/** The form of a cursor that is a UUID. */
export const uuidPosition = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The form of a cursor that is an entry number. */
export const seqPosition = /^[1-9]\d{0,15}$/;

/** Returns the key after which a page starts, or null for the first page. `shape` is the form of this list's keys. */
export function startOfPage(page: PageQuery, shape: RegExp): Result<string | null, { code: InvalidCursor }> {
  if (page.cursor === undefined) return ok(null);
  const position = decode(page.cursor);
  return position !== null && shape.test(position) ? ok(position) : fail({ code: 'invalid_cursor' });
}

/** Cuts `limit + 1` selected rows to a page. The extra row shows that another page follows. */
export function pageOfRows<Row>(rows: Row[], limit: number, keyOf: (row: Row) => string): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next_cursor: more ? btoa(keyOf(last)) : null };
}
