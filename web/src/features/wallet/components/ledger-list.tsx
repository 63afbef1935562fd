import { Anchor, Badge, Group, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { LedgerItem } from '../../../../../contracts/api/wallet.ts';
import { formatSigned, formatTime, formatTokens, sentenceList } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import list from '../../../ui/data-table/list-card.module.css';
import tones from '../../../ui/tones.module.css';
import { EntryKind } from './entry-kind.tsx';

/** An entry's change of the balance; without one, the tokens it held or released. */
function mainFigure({ monthly_delta, lifetime_delta, reserved_delta }: LedgerItem): string {
  const given = monthly_delta + lifetime_delta;
  if (given !== 0 || reserved_delta === 0) return formatSigned(given);
  return reserved_delta > 0
    ? `${formatTokens(reserved_delta)} held`
    : `${formatTokens(-reserved_delta)} released`;
}

const deltaOrDash = (delta: number) => (delta === 0 ? '–' : formatSigned(delta));

const ExecutionLink = ({ id, children }: { id: string; children: string }) => (
  <Anchor component={Link} to={paths.execution(id)} size="sm" underline="always">
    {children} <VisuallyHidden>{id}</VisuallyHidden>
  </Anchor>
);

const hasReason = ({ reason, reference }: LedgerItem) => reason !== null || reference !== null;

const Reason = ({ reason, reference }: LedgerItem) => (
  <Text size="xs" c="dimmed" mt={2} lineClamp={2}>
    {[reason, reference].filter((text) => text !== null).join(' · ')}
  </Text>
);

const hasRemarks = ({ thresholds_crossed, shortfall, overage }: LedgerItem) =>
  thresholds_crossed.length > 0 || shortfall !== null || overage > 0;

/** Thresholds that the entry was the first to reach, tokens the balance lacked, and overage. */
function Remarks({ thresholds_crossed, shortfall, overage }: LedgerItem) {
  const crossed = thresholds_crossed.map((percent) => `${percent} %`);
  return (
    <Group gap={4} mt={4}>
      {crossed.length > 0 && <Badge className={tones.warn}>{sentenceList(crossed)} used</Badge>}
      {shortfall !== null && (
        <Tooltip label="A hard limit would have refused this run">
          <Badge className={tones.warn} tabIndex={0}>
            {formatTokens(shortfall)} short
          </Badge>
        </Tooltip>
      )}
      {overage > 0 && <Badge className={tones.bad}>{formatTokens(overage)} overage</Badge>}
    </Group>
  );
}

const When = ({ at }: LedgerItem) => (
  <Text size="sm" className={list.nowrap}>
    {formatTime(at)}
  </Text>
);

/** The kind of an entry, with its reason and remarks. */
const Entry = (item: LedgerItem) => (
  <>
    <EntryKind kind={item.kind} />
    {hasReason(item) && <Reason {...item} />}
    {hasRemarks(item) && <Remarks {...item} />}
  </>
);

const columns: Column<LedgerItem>[] = [
  {
    id: 'entry',
    header: 'Entry',
    cell: (item) => <Entry {...item} />,
    widthMax: 220,
    sortBy: ({ kind }) => kind,
    card: [
      { at: 'title', cell: ({ kind }) => <EntryKind kind={kind} /> },
      { at: 'body', cell: (item) => hasReason(item) && <Reason {...item} /> },
      { at: 'body', cell: (item) => hasRemarks(item) && <Remarks {...item} /> },
    ],
  },
  {
    id: 'at',
    header: 'When',
    cell: (item) => <When {...item} />,
    sortBy: ({ seq }) => seq,
    card: [{ at: 'foot', cell: ({ at }) => formatTime(at) }],
  },
  {
    id: 'amount',
    header: 'Amount',
    cell: ({ amount }) => formatTokens(amount),
    isNumeric: true,
    sortBy: ({ amount }) => amount,
    card: [
      {
        at: 'corner',
        cell: (item) => (
          <Text fw={650} className="figure">
            {mainFigure(item)}
          </Text>
        ),
      },
    ],
  },
  {
    id: 'monthly',
    header: 'Monthly',
    cell: ({ monthly_delta }) => deltaOrDash(monthly_delta),
    isNumeric: true,
    card: [],
  },
  {
    id: 'lifetime',
    header: 'Lifetime',
    cell: ({ lifetime_delta }) => deltaOrDash(lifetime_delta),
    isNumeric: true,
    card: [],
  },
  {
    id: 'held',
    header: 'Held',
    cell: ({ reserved_delta }) => deltaOrDash(reserved_delta),
    isNumeric: true,
    card: [],
  },
  {
    id: 'available',
    header: 'Available after',
    cell: ({ available_after }) => (
      <Text size="sm" fw={600} component="span">
        {formatTokens(available_after)}
      </Text>
    ),
    isNumeric: true,
    card: [{ at: 'foot', cell: ({ available_after }) => `${formatTokens(available_after)} left` }],
  },
  {
    id: 'execution',
    header: 'Execution',
    cell: ({ execution_id }) =>
      execution_id !== null && <ExecutionLink id={execution_id}>Open</ExecutionLink>,
    isNumeric: true,
    card: [
      {
        at: 'body',
        cell: ({ execution_id }) =>
          execution_id !== null && <ExecutionLink id={execution_id}>Open the execution</ExecutionLink>,
      },
    ],
  },
];

type LedgerListProps = { query: RowsQuery<LedgerItem>; empty: ReactNode };

/** The entries of a ledger, newest first. */
export function LedgerList({ query, empty }: LedgerListProps) {
  return (
    <DataTable
      label="Ledger"
      query={query}
      columns={columns}
      keyOf={({ seq }) => String(seq)}
      empty={empty}
      widthMin={860}
    />
  );
}
