import { Anchor } from '@mantine/core';
import { IconChartBar } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { UsageGroup, UsageItem } from '../../../../../contracts/api/usage.ts';
import { type Currency, useCurrency } from '../../../lib/currency.ts';
import { formatDuration, formatShare, formatTokens } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable } from '../../../ui/data-table/data-table.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { type UsageView, usageQuery } from '../api/usage.ts';
import { figureOf, groupNames, groupWord, type Measure, measures, nameOfMeasure } from '../measures.ts';
import { idOfGroup, nameOfGroup } from '../usage-groups.ts';

/** The page of a group's owner, or null. */
function pathOf(item: UsageItem, group: UsageGroup): string | null {
  if (group === 'user' && item.user !== null) return paths.user(item.user.id);
  if (group === 'tenant' && item.tenant !== null) return paths.tenant(item.tenant.id);
  return null;
}

const nameColumn = (group: UsageGroup, onNarrow: ((item: UsageItem) => void) | null): Column<UsageItem> => ({
  id: group,
  header: group === 'day' ? 'Day (UTC)' : groupNames[group],
  cell: (item) => {
    const name = nameOfGroup(item, group);
    const path = pathOf(item, group);
    if (path !== null)
      return (
        <Anchor component={Link} to={path} size="sm" fw={550}>
          {name}
        </Anchor>
      );
    if (onNarrow === null || idOfGroup(item, group) === '') return name;
    return (
      <Anchor component="button" type="button" size="sm" fw={550} ta="start" onClick={() => onNarrow(item)}>
        {name}
      </Anchor>
    );
  },
  widthMax: 280,
  sortBy: (item) => (group === 'day' ? item.day : nameOfGroup(item, group)),
  card: 'title',
});

const figureColumn = (measure: Measure, currency: Currency): Column<UsageItem> => ({
  id: measure,
  header: nameOfMeasure(measure, currency),
  cell: (item) => measures[measure].format(figureOf(item, measure)),
  isNumeric: true,
  sortBy: (item) => figureOf(item, measure),
  card: 'figure',
});

/** The filter of the list of executions for each group. Levels, hours and tenants have none. */
const executionFilters: Partial<Record<UsageGroup, 'model' | 'user_id' | 'api_key_id' | 'provider_id'>> = {
  model: 'model',
  user: 'user_id',
  key: 'api_key_id',
  provider: 'provider_id',
};

/** Returns the path of the executions that a row counts, or null where the list cannot be narrowed to them. */
function executionsPathOf(item: UsageItem, { group_by, level_id, tenant_id, sort: _, ...scope }: UsageView) {
  if (level_id !== undefined || tenant_id !== undefined || idOfGroup(item, group_by) === '') return null;
  if (group_by === 'day') return paths.executionsOf({ ...scope, from: item.day ?? '', to: item.day ?? '' });
  const name = executionFilters[group_by];
  return name === undefined ? null : paths.executionsOf({ ...scope, [name]: idOfGroup(item, group_by) });
}

/** The number of executions, which leads to them. Across tenants there is no list. */
const executionsColumn = (
  view: UsageView,
  isOfAllTenants: boolean,
  currency: Currency,
): Column<UsageItem> => ({
  ...figureColumn('executions', currency),
  cell: (item) => {
    const path = isOfAllTenants ? null : executionsPathOf(item, view);
    const count = measures.executions.format(item.executions);
    if (path === null) return count;
    const label = `${count} executions of ${nameOfGroup(item, view.group_by)}`;
    return (
      <Anchor component={Link} to={path} size="sm" aria-label={label}>
        {count}
      </Anchor>
    );
  },
});

const tokensColumn: Column<UsageItem> = {
  id: 'tokens',
  header: 'Model tokens',
  cell: ({ input_tokens, output_tokens }) => formatTokens(input_tokens + output_tokens),
  isNumeric: true,
  sortBy: ({ input_tokens, output_tokens }) => input_tokens + output_tokens,
  card: [],
};

const failedColumn: Column<UsageItem> = {
  id: 'failed',
  header: 'Failed',
  cell: ({ executions, failed_executions }) =>
    failed_executions === 0 ? '–' : formatShare(failed_executions / executions),
  isNumeric: true,
  sortBy: ({ executions, failed_executions }) => failed_executions / Math.max(1, executions),
  card: [],
};

const timeColumn: Column<UsageItem> = {
  id: 'time',
  header: 'Median time',
  cell: ({ latency_ms }) => (latency_ms === null ? '–' : formatDuration(latency_ms.p50)),
  isNumeric: true,
  sortBy: ({ latency_ms }) => latency_ms?.p50 ?? null,
  card: [],
};

type UsageTableProps = {
  view: UsageView;
  /** The figures of money and wallet tokens that the caller sees. */
  shown: Measure[];
  /** Counts only one group from then on; null where a group has no filter. */
  onNarrow: ((item: UsageItem) => void) | null;
};

/** The figures of each group: the same numbers as in the chart. */
export function UsageTable({ view, shown, onNarrow }: UsageTableProps) {
  const query = useInfiniteQuery(usageQuery(view));
  const currency = useCurrency();
  const isOfAllTenants = useUser().role === 'superadmin';
  const { group_by: group } = view;
  return (
    <DataTable
      key={group}
      label={`Usage by ${groupWord(group)}`}
      query={query}
      columns={[
        nameColumn(group, onNarrow),
        ...shown.map((measure) => figureColumn(measure, currency)),
        executionsColumn(view, isOfAllTenants, currency),
        tokensColumn,
        failedColumn,
        timeColumn,
      ]}
      keyOf={(item) => idOfGroup(item, group)}
      empty={
        <EmptyState icon={<IconChartBar />} title="No executions">
          No execution ended in this period. Choose a longer one.
        </EmptyState>
      }
    />
  );
}
