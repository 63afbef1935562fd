import { Button, Text, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Reconciliation } from '../../../../../contracts/api/reconciliation.ts';
import { reconciliationStatus } from '../../../../../contracts/wallet/reconciliation.ts';
import { formatTime, formatTokens } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { nameOf } from '../../../lib/person.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import list from '../../../ui/data-table/list-card.module.css';
import { ReconciliationBadge } from './reconciliation-status.tsx';

const verified = ({ verified_seq, wallet_seq }: Reconciliation): string =>
  verified_seq === wallet_seq
    ? `all ${formatTokens(wallet_seq)}`
    : `${formatTokens(verified_seq)} of ${formatTokens(wallet_seq)}`;

const User = ({ user }: Reconciliation) => (
  <div>
    <Link to={paths.user(user.id)} className={`${list.link} ${list.clamped}`}>
      {nameOf(user)}
    </Link>
    {user.name !== null && (
      <Text size="xs" c="dimmed" lineClamp={1}>
        {user.email}
      </Text>
    )}
  </div>
);

const columns: Column<Reconciliation>[] = [
  {
    id: 'user',
    header: 'User',
    cell: (item) => <User {...item} />,
    widthMax: 280,
    sortBy: ({ user }) => nameOf(user),
    card: 'title',
  },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status }) => <ReconciliationBadge status={status} />,
    sortBy: ({ status }) => reconciliationStatus.options.indexOf(status),
    card: 'body',
  },
  {
    id: 'verified',
    header: 'Entries verified',
    cell: verified,
    isNumeric: true,
    sortBy: ({ verified_seq }) => verified_seq,
    card: [{ at: 'foot', cell: (item) => `Entries verified: ${verified(item)}` }],
  },
  {
    id: 'differences',
    header: 'Differences',
    cell: ({ differences }) => differences.length || '–',
    isNumeric: true,
    sortBy: ({ differences }) => differences.length,
    card: [],
  },
  {
    id: 'checked',
    header: 'Last checked',
    cell: ({ checked_at }) => formatTime(checked_at),
    isOneLine: true,
    sortBy: ({ checked_at }) => checked_at,
    card: 'foot',
  },
];

type ReconciliationListProps = {
  query: RowsQuery<Reconciliation>;
  empty: ReactNode;
  onCheck: (item: Reconciliation) => void;
};

/** Wallets with the result of their last check. */
export function ReconciliationList({ query, empty, onCheck }: ReconciliationListProps) {
  return (
    <DataTable
      label="Wallets"
      query={query}
      columns={columns}
      keyOf={({ user_id }) => user_id}
      actions={(item) => (
        <Button size="xs" variant="default" flex="none" onClick={() => onCheck(item)}>
          Check<VisuallyHidden> the wallet of {item.user.email}</VisuallyHidden>
        </Button>
      )}
      empty={empty}
    />
  );
}
