import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { PlatformUsage, UsageFilter } from '../../../../../contracts/api/platform/platform.ts';
import { formatMicroUsd, formatTokens, formatUtcDay } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import list from '../../../ui/data-table/list-card.module.css';

type Group = UsageFilter['group_by'];

function NamedTenant({ tenant }: PlatformUsage) {
  if (tenant === null) return null;
  return (
    <div>
      <Link to={paths.tenant(tenant.id)} className={`${list.link} ${list.clamped}`}>
        {tenant.name}
      </Link>
      {tenant.status !== 'active' && (
        <Text size="xs" c="dimmed">
          {tenant.status === 'suspended' ? 'Suspended' : 'Being deleted or deleted'}
        </Text>
      )}
    </div>
  );
}

const modelOf = ({ model }: PlatformUsage) => model ?? 'Not known yet';

const nameColumns: Record<Group, Column<PlatformUsage>> = {
  tenant: {
    id: 'tenant',
    header: 'Tenant',
    cell: NamedTenant,
    widthMax: 280,
    sortBy: ({ tenant }) => tenant?.name ?? null,
    card: 'title',
  },
  model: { id: 'model', header: 'Model', cell: modelOf, widthMax: 280, sortBy: modelOf, card: 'title' },
  day: {
    id: 'day',
    header: 'Day (UTC)',
    cell: ({ day }) => (day === null ? null : formatUtcDay(day)),
    isOneLine: true,
    sortBy: ({ day }) => day,
    card: 'title',
  },
};

type FigureName =
  | 'executions'
  | 'failed_executions'
  | 'cost_micro_usd'
  | 'revenue_micro_usd'
  | 'margin_micro_usd';

const figure = (
  id: FigureName,
  header: string,
  format: (value: number) => string,
): Column<PlatformUsage> => ({
  id,
  header,
  cell: (usage) => format(usage[id]),
  isNumeric: true,
  sortBy: (usage) => usage[id],
  card: 'figure',
});

const figureColumns = [
  figure('executions', 'Executions', formatTokens),
  { ...figure('failed_executions', 'Failed', formatTokens), card: [] },
  figure('revenue_micro_usd', 'Revenue', formatMicroUsd),
  figure('cost_micro_usd', 'Cost', formatMicroUsd),
  figure('margin_micro_usd', 'Margin', formatMicroUsd),
];

const labels: Record<Group, string> = {
  tenant: 'Usage by tenant',
  model: 'Usage by model',
  day: 'Usage by day',
};

type UsageListProps = { group: Group; query: RowsQuery<PlatformUsage>; empty: ReactNode };

/** The figures of each tenant, model or day. */
export const UsageList = ({ group, query, empty }: UsageListProps) => (
  <DataTable
    key={group}
    label={labels[group]}
    query={query}
    columns={[nameColumns[group], ...figureColumns]}
    keyOf={({ tenant, model, day }) => tenant?.id ?? model ?? day ?? ''}
    empty={empty}
  />
);
