import { Button, Center, Stack } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ErrorAlert } from '../error-alert.tsx';
import { ListLoading } from '../list-loading.tsx';
import { useIsPhone } from '../use-is-phone.ts';
import { CardList } from './card-list.tsx';
import { type Column, nextSorting, type Sorting, sortedRows } from './columns.ts';
import { RowTable } from './row-table.tsx';
import type { Selection } from './selection.ts';

/** The query of a whole or of a paged list. */
export type RowsQuery<Row> = {
  data: Row[] | undefined;
  error: Error | null;
  refetch: () => unknown;
  hasNextPage?: boolean;
  isFetchingNextPage?: boolean;
  isFetchNextPageError?: boolean;
  fetchNextPage?: () => unknown;
};

type DataTableProps<Row> = {
  /** The list's accessible name. */
  label: string;
  query: RowsQuery<Row>;
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  /** Buttons of a row, or null for none. */
  actions?: (row: Row) => ReactNode;
  /** Lets rows be chosen. Left out: they cannot. */
  selection?: Selection<Row>;
  /** Shown when there are no rows. */
  empty: ReactNode;
  /** Narrower than this many pixels, the table scrolls sideways. */
  widthMin?: number;
};

/**
 * A list as a table, or as cards on a phone. Shows a skeleton while it loads, `empty` without rows, errors with a retry, and "Load
 * more". Headers sort only when every row is loaded, because sorting a part would mislead.
 */
export function DataTable<Row>({ query, empty, ...list }: DataTableProps<Row>) {
  const isPhone = useIsPhone();
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const { data, error, hasNextPage = false } = query;
  const isWhole = !hasNextPage;
  const retry = () => (query.isFetchNextPageError ? query.fetchNextPage?.() : query.refetch());
  const alert = error !== null && <ErrorAlert error={error} onRetry={retry} />;
  if (data === undefined) return alert || <ListLoading />;
  if (data.length === 0) return alert || empty;
  const rows = isWhole ? sortedRows(data, list.columns, sorting) : data;
  return (
    <Stack gap="md">
      {!query.isFetchNextPageError && alert}
      {isPhone ? (
        <CardList {...list} rows={rows} />
      ) : (
        <RowTable
          {...list}
          rows={rows}
          sorting={isWhole ? sorting : null}
          onSort={isWhole ? (columnId) => setSorting(nextSorting(sorting, columnId)) : null}
        />
      )}
      {query.isFetchNextPageError && alert}
      {hasNextPage && (
        <Center>
          <Button
            variant="default"
            onClick={() => query.fetchNextPage?.()}
            loading={query.isFetchingNextPage ?? false}
          >
            Load more
          </Button>
        </Center>
      )}
    </Stack>
  );
}
