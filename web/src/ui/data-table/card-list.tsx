import { Box, Group, Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ChoiceBox } from './choice-box.tsx';
import type { CardPlace, Column } from './columns.ts';
import list from './list-card.module.css';
import type { Selection } from './selection.ts';

type CardProps<Row> = {
  row: Row;
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  actions?: (row: Row) => ReactNode;
  selection?: Selection<Row>;
};

function Card<Row>({ row, columns, keyOf, actions, selection }: CardProps<Row>) {
  /** Cells of a place, without empty ones. */
  const cellsAt = (place: CardPlace) =>
    columns
      .flatMap(({ id, header, cell, card }) => {
        const parts = typeof card === 'string' ? [{ at: card, cell }] : card;
        return parts
          .filter(({ at }) => at === place)
          .map((part) => ({ id, header, content: part.cell(row) }));
      })
      .filter(({ content }) => content !== null && content !== undefined && content !== false);
  const [figures, body, foot] = [cellsAt('figure'), cellsAt('body'), cellsAt('foot')];
  return (
    <>
      <Group justify="space-between" wrap="nowrap" align="start">
        {selection !== undefined && (
          <Box pt={8} w={16} flex="none">
            <ChoiceBox selection={selection} row={row} id={keyOf(row)} />
          </Box>
        )}
        <Box miw={0} flex={1}>
          {cellsAt('title').map(({ id, content }) => (
            <div key={id}>{content}</div>
          ))}
        </Box>
        <Group gap={4} wrap="nowrap">
          {cellsAt('corner').map(({ id, content }) => (
            <div key={id}>{content}</div>
          ))}
          {actions?.(row)}
        </Group>
      </Group>
      {body.length > 0 && (
        <Box mt="xs">
          {body.map(({ id, content }) => (
            <div key={id}>{content}</div>
          ))}
        </Box>
      )}
      {figures.length > 0 && (
        <Group component="dl" gap="xl" mt="xs" mb={0}>
          {figures.map(({ id, header, content }) => (
            <div key={id}>
              <Text component="dt" size="xs" c="dimmed">
                {header}
              </Text>
              <Text component="dd" m={0} size="sm" fw={600} className="figure">
                {content}
              </Text>
            </div>
          ))}
        </Group>
      )}
      {foot.length > 0 && (
        <Group justify="space-between" mt={6} gap={4}>
          {foot.map(({ id, content }) => (
            <Text key={id} size="xs" c="dimmed" component="div">
              {content}
            </Text>
          ))}
        </Group>
      )}
    </>
  );
}

type CardListProps<Row> = {
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  actions?: (row: Row) => ReactNode;
  selection?: Selection<Row>;
};

/** Rows as cards, for narrow screens. */
export function CardList<Row>({ label, rows, keyOf, ...card }: CardListProps<Row>) {
  return (
    <Paper withBorder component="ul" className={list.list} aria-label={label}>
      {rows.map((row) => (
        <li key={keyOf(row)} className={list.item}>
          <Card row={row} keyOf={keyOf} {...card} />
        </li>
      ))}
    </Paper>
  );
}
