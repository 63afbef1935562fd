import { Group, Paper, Table, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ChoiceBox, ChoiceOfAll } from './choice-box.tsx';
import type { Column, Sorting } from './columns.ts';
import classes from './data-table.module.css';
import list from './list-card.module.css';
import type { Selection } from './selection.ts';

type HeaderProps<Row> = {
  column: Column<Row>;
  sorting: Sorting | null;
  onSort: ((columnId: string) => void) | null;
};

function Header<Row>({ column, sorting, onSort }: HeaderProps<Row>) {
  const { id, header, isNumeric = false } = column;
  const className = isNumeric ? list.number : undefined;
  if (column.sortBy === undefined || onSort === null)
    return <Table.Th className={className}>{header}</Table.Th>;
  const direction = sorting?.columnId !== id ? 'none' : sorting.isDescending ? 'descending' : 'ascending';
  const Icon = { none: IconArrowsSort, ascending: IconArrowUp, descending: IconArrowDown }[direction];
  return (
    <Table.Th className={className} aria-sort={direction}>
      <UnstyledButton
        className={`${classes.sort} mantine-focus-auto`}
        data-sorted={direction !== 'none' || undefined}
        data-numeric={isNumeric || undefined}
        onClick={() => onSort(id)}
      >
        <Group gap={4} wrap="nowrap">
          {header}
          <Icon size={14} stroke={1.8} aria-hidden />
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
}

type RowTableProps<Row> = {
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  actions?: (row: Row) => ReactNode;
  selection?: Selection<Row>;
  sorting: Sorting | null;
  /** Null when headers do not sort. */
  onSort: ((columnId: string) => void) | null;
  widthMin?: number;
};

/** Rows as a table. */
export function RowTable<Row>(props: RowTableProps<Row>) {
  const { label, rows, columns, keyOf, actions, selection, sorting, onSort, widthMin = 720 } = props;
  const classOf = ({ isNumeric, isOneLine }: Column<Row>) =>
    isNumeric ? list.number : isOneLine ? list.nowrap : undefined;
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={widthMin} type="native">
        <Table className={list.table} verticalSpacing="sm" horizontalSpacing="md" aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              {selection !== undefined && (
                <Table.Th w={40}>
                  <ChoiceOfAll selection={selection} rows={rows} keyOf={keyOf} />
                </Table.Th>
              )}
              {columns.map((column) => (
                <Header key={column.id} column={column} sorting={sorting} onSort={onSort} />
              ))}
              {actions !== undefined && (
                <Table.Th>
                  <VisuallyHidden>Actions</VisuallyHidden>
                </Table.Th>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={keyOf(row)}>
                {selection !== undefined && (
                  <Table.Td>
                    <ChoiceBox selection={selection} row={row} id={keyOf(row)} />
                  </Table.Td>
                )}
                {columns.map((column) => (
                  <Table.Td key={column.id} className={classOf(column)} maw={column.widthMax}>
                    {column.cell(row)}
                  </Table.Td>
                ))}
                {actions !== undefined && <Table.Td className={list.number}>{actions(row)}</Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}
