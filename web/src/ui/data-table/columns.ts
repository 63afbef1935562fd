import type { ReactNode } from 'react';

/** The place of a column on a phone's card. */
export type CardPlace =
  /** First line, at its start: the row's name. */
  | 'title'
  /** First line, at its end, beside the row's actions: its status. */
  | 'corner'
  /** A line of its own. */
  | 'body'
  /** Small text in the last line, columns side by side. */
  | 'foot'
  /** A figure under its header, columns side by side. */
  | 'figure';

/** A part of a phone's card, with a cell of its own. */
type CardPart<Row> = { at: CardPlace; cell: (row: Row) => ReactNode };

/** One column of a list, as data. */
export type Column<Row> = {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Aligns the cell to the end of its column. */
  isNumeric?: boolean;
  /** Keeps the cell in one line. */
  isOneLine?: boolean;
  /** The largest width, in pixels. */
  widthMax?: number;
  /** Makes the header a button that sorts by this value, when every row is loaded. Null sorts last. */
  sortBy?: (row: Row) => string | number | null;
  /** The cell's place on a phone's card, or parts with cells of their own. An empty array leaves it out. */
  card: CardPlace | CardPart<Row>[];
};

export type Sorting = { columnId: string; isDescending: boolean };

/** The sorting after a click on a header: ascending, then descending, then the list's own order. Pure. */
export function nextSorting(sorting: Sorting | null, columnId: string): Sorting | null {
  if (sorting?.columnId !== columnId) return { columnId, isDescending: false };
  return sorting.isDescending ? null : { columnId, isDescending: true };
}

const { compare: compareTexts } = new Intl.Collator('en', { sensitivity: 'base', numeric: true });

const compare = (one: string | number, other: string | number): number =>
  typeof one === 'number' && typeof other === 'number'
    ? one - other
    : compareTexts(String(one), String(other));

/** Sorts rows. Equal rows keep their order, and rows without a value are last in both directions. Pure. */
export function sortedRows<Row>(rows: Row[], columns: Column<Row>[], sorting: Sorting | null): Row[] {
  const sortBy = columns.find(({ id }) => id === sorting?.columnId)?.sortBy;
  if (sorting === null || sortBy === undefined) return rows;
  const sign = sorting.isDescending ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [left, right] = [sortBy(one), sortBy(other)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * compare(left, right);
  });
}
