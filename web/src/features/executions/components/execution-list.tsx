import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Execution, ExecutionListItem } from '../../../../../contracts/api/executions.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { formatDuration, formatTime, formatTokens } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { nameOf } from '../../../lib/person.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import list from '../../../ui/data-table/list-card.module.css';
import { useUser } from '../../auth/auth-context.tsx';
import { ExecutionStatus } from './execution-status.tsx';

const durationMs = ({ created_at, finished_at }: Execution): number | null =>
  finished_at === null ? null : Date.parse(finished_at) - Date.parse(created_at);

function durationText(execution: Execution): string {
  const ms = durationMs(execution);
  return ms === null ? '–' : formatDuration(ms);
}

const CurrencyName = () => useCurrency().currency_name;

const chargeText = ({ status, tokens_charged, tokens_reserved }: Execution): string =>
  status === 'running' ? `${formatTokens(tokens_reserved)} held` : formatTokens(tokens_charged);

const chargeTokens = ({ status, tokens_charged, tokens_reserved }: Execution): number =>
  status === 'running' ? tokens_reserved : tokens_charged;

/** The user of an execution: "You" for one's own. */
function UserName({ user }: ExecutionListItem) {
  const { id: myId } = useUser();
  return user.id === myId ? 'You' : nameOf(user);
}

const modelColumn: Column<ExecutionListItem> = {
  id: 'model',
  header: 'Model',
  cell: ({ id, model }) => (
    <Link to={paths.execution(id)} className={list.link}>
      {model}
    </Link>
  ),
  isOneLine: true,
  sortBy: ({ model }) => model,
  card: 'title',
};

const statusColumn: Column<ExecutionListItem> = {
  id: 'status',
  header: 'Status',
  cell: ({ status }) => <ExecutionStatus status={status} />,
  sortBy: ({ status }) => status,
  card: 'corner',
};

const providerColumn: Column<ExecutionListItem> = {
  id: 'provider',
  header: 'Provider',
  cell: ({ provider }) => provider?.name ?? '–',
  card: [],
};

const userColumn: Column<ExecutionListItem> = {
  id: 'user',
  header: 'User',
  cell: (execution) => (
    <Text size="sm" truncate title={execution.user.email}>
      <UserName {...execution} />
    </Text>
  ),
  widthMax: 140,
  sortBy: ({ user }) => nameOf(user),
  card: 'body',
};

const figureColumns: Column<ExecutionListItem>[] = [
  {
    id: 'started',
    header: 'Started',
    cell: ({ created_at }) => formatTime(created_at),
    isOneLine: true,
    sortBy: ({ created_at }) => created_at,
    card: 'foot',
  },
  {
    id: 'took',
    header: 'Took',
    cell: durationText,
    isNumeric: true,
    sortBy: durationMs,
    card: [],
  },
  {
    id: 'attempts',
    header: 'Attempts',
    cell: ({ attempts }) => attempts.length || '–',
    isNumeric: true,
    card: [],
  },
  {
    id: 'tokens',
    header: 'Charged',
    cell: (execution) => (
      <Text size="sm" fw={600} component="span">
        {chargeText(execution)}
      </Text>
    ),
    isNumeric: true,
    sortBy: chargeTokens,
    card: [
      {
        at: 'foot',
        cell: (execution) => (
          <Text size="xs" fw={600} c="var(--mantine-color-text)" className="figure">
            {chargeText(execution)} <CurrencyName />
          </Text>
        ),
      },
    ],
  },
];

const ownColumns = [modelColumn, statusColumn, providerColumn, ...figureColumns];
const everybodysColumns = [modelColumn, statusColumn, providerColumn, userColumn, ...figureColumns];

type ExecutionListProps = {
  query: RowsQuery<ExecutionListItem>;
  /** Shows the user of each execution. */
  withUsers?: boolean;
  empty: ReactNode;
};

/** Executions, newest first. */
export function ExecutionList({ query, withUsers = false, empty }: ExecutionListProps) {
  return (
    <DataTable
      label="Executions"
      query={query}
      columns={withUsers ? everybodysColumns : ownColumns}
      keyOf={({ id }) => id}
      empty={empty}
    />
  );
}
