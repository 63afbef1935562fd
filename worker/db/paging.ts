import type { PageQuery } from '../../contracts/api/paging.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';

/** What a list refuses when its cursor is not one that it gave. */
export type InvalidCursor = 'invalid_cursor';

export type Page<Item> = { items: Item[]; next_cursor: string | null };

/** Positions are written as base64url JSON: opaque to clients, so what it holds may change. */
const writeCursor = (position: readonly string[]) => btoa(JSON.stringify(position)).replaceAll('+', '-').replaceAll('/', '_');

function parseCursor(cursor: string): unknown {
  try {
    return JSON.parse(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return null;
  }
}

/**
 * Where a page starts: after the position its cursor names, or at the top (null). `parts` are the checks that the parts of
 * a position of this list pass.
 */
export function startOfPage(page: PageQuery, parts: readonly RegExp[]): Result<string[] | null, { code: InvalidCursor }> {
  if (page.cursor === undefined) return ok(null);
  const position = parseCursor(page.cursor);
  const known =
    Array.isArray(position) &&
    position.length === parts.length &&
    position.every((part, index) => typeof part === 'string' && parts[index]?.test(part));
  return known ? ok(position as string[]) : fail({ code: 'invalid_cursor' });
}

export const uuidPart = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Cuts `limit + 1` selected rows to a page. The extra row only tells whether there is a next one. */
export function pageOfRows<Row>(rows: Row[], limit: number, positionOf: (row: Row) => readonly string[]): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next_cursor: more ? writeCursor(positionOf(last)) : null };
}
