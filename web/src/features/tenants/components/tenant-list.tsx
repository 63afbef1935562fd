import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { TenantSummary } from '../../../../../contracts/api/platform/tenants.ts';
import { formatDate, formatMicroUsd, formatTokens } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import list from '../../../ui/data-table/list-card.module.css';
import { TenantState } from './tenant-state.tsx';

const Named = ({ id, name, hostnames }: TenantSummary) => (
  <div>
    <Link to={paths.tenant(id)} className={`${list.link} ${list.clamped}`}>
      {name}
    </Link>
    <Text size="xs" c="dimmed" lineClamp={1}>
      {hostnames[0] ?? 'No hostname'}
      {hostnames.length > 1 && ` and ${hostnames.length - 1} more`}
    </Text>
  </div>
);

const columns: Column<TenantSummary>[] = [
  { id: 'tenant', header: 'Tenant', cell: Named, widthMax: 300, sortBy: ({ name }) => name, card: 'title' },
  {
    id: 'status',
    header: 'Status',
    cell: TenantState,
    sortBy: ({ status }) => status,
    card: 'corner',
  },
  {
    id: 'users',
    header: 'Users',
    cell: ({ users }) => formatTokens(users),
    isNumeric: true,
    sortBy: ({ users }) => users,
    card: 'figure',
  },
  {
    id: 'executions',
    header: 'Executions',
    cell: ({ month_executions }) => formatTokens(month_executions),
    isNumeric: true,
    sortBy: ({ month_executions }) => month_executions,
    card: 'figure',
  },
  {
    id: 'cost',
    header: 'Cost',
    cell: ({ month_cost_micro_usd }) => formatMicroUsd(month_cost_micro_usd),
    isNumeric: true,
    sortBy: ({ month_cost_micro_usd }) => month_cost_micro_usd,
    card: 'figure',
  },
  {
    id: 'budget',
    header: 'Budget left',
    cell: ({ budget }) => formatMicroUsd(budget.balance_micro_usd),
    isNumeric: true,
    sortBy: ({ budget }) => budget.balance_micro_usd,
    card: 'figure',
  },
  {
    id: 'created',
    header: 'Created',
    cell: ({ created_at }) => formatDate(created_at),
    isOneLine: true,
    sortBy: ({ created_at }) => created_at,
    card: [],
  },
];

/** The tenants, with their users, and with executions and cost of this month. */
export const TenantList = ({ query, empty }: { query: RowsQuery<TenantSummary>; empty: ReactNode }) => (
  <DataTable label="Tenants" query={query} columns={columns} keyOf={({ id }) => id} empty={empty} />
);
