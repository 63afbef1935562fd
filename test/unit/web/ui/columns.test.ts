import { describe, expect, it } from 'vitest';
import { type Column, nextSorting, sortedRows } from '../../../../web/src/ui/data-table/columns.ts';

type Row = { name: string; tokens: number | null };
const columns: Column<Row>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, sortBy: ({ name }) => name, card: 'title' },
  { id: 'tokens', header: 'Tokens', cell: String, sortBy: ({ tokens }) => tokens, card: 'figure' },
  { id: 'fixed', header: 'Fixed', cell: String, card: [] },
];
const rows: Row[] = [
  { name: 'key 10', tokens: 2 },
  { name: 'Key 9', tokens: null },
  { name: 'áb', tokens: 10 },
  { name: 'ab', tokens: 2 },
];
const namesBy = (columnId: string, isDescending = false) =>
  sortedRows(rows, columns, { columnId, isDescending }).map(({ name }) => name);

describe('A list', () => {
  it('is sorted by text as people read it: whatever the capitals, and figures by their size', () => {
    expect(namesBy('name')).toEqual(['áb', 'ab', 'Key 9', 'key 10']);
  });

  it('is sorted by figures either way: equal rows keep their order, and rows without one go last', () => {
    expect(namesBy('tokens')).toEqual(['key 10', 'ab', 'áb', 'Key 9']);
    expect(namesBy('tokens', true)).toEqual(['áb', 'key 10', 'ab', 'Key 9']);
  });

  it('keeps its own order without a sorting, and by a column that does not sort', () => {
    expect(sortedRows(rows, columns, null)).toBe(rows);
    expect(namesBy('fixed')).toEqual(rows.map(({ name }) => name));
  });
});

describe('A header', () => {
  it('sorts ascending, then descending, then no more; another one begins anew', () => {
    const first = nextSorting(null, 'name');
    const second = nextSorting(first, 'name');
    expect([first?.isDescending, second?.isDescending, nextSorting(second, 'name')]).toEqual([
      false,
      true,
      null,
    ]);
    expect(nextSorting(second, 'tokens')).toEqual({ columnId: 'tokens', isDescending: false });
  });
});
