import { Group, Select, Stack, Tabs } from '@mantine/core';
import { IconChartBar } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Period } from '../../../../../contracts/days.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ExportButton } from '../../../ui/export-button.tsx';
import { downloadUsage, type UsageView, usageQuery } from '../api/platform.ts';
import { UsageList } from './usage-list.tsx';

const groupNames: Record<UsageView['group_by'], string> = {
  tenant: 'By tenant',
  model: 'By model',
  day: 'By day',
};

const sortNames = {
  revenue_micro_usd: 'Highest revenue',
  cost_micro_usd: 'Highest cost',
  margin_micro_usd: 'Highest margin',
  executions: 'Most executions',
  failed_executions: 'Most failures',
} as const;
type Sort = keyof typeof sortNames;

/** Usage of a period by tenant, model or day, and its export. */
export function UsageSection({ period }: { period: Period }) {
  const [group, setGroup] = useState<UsageView['group_by']>('tenant');
  const [sort, setSort] = useState<Sort>('revenue_micro_usd');
  const view: UsageView = { ...period, group_by: group, sort: group === 'day' ? 'day' : sort };
  const usage = useInfiniteQuery(usageQuery(view));
  return (
    <Tabs value={group} onChange={(value) => setGroup(value as typeof group)} keepMounted={false}>
      <Tabs.List mb="md" aria-label="Usage">
        {Object.entries(groupNames).map(([value, name]) => (
          <Tabs.Tab key={value} value={value}>
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={group}>
        <Stack gap="md">
          <Group justify="space-between" gap="sm">
            {group === 'day' ? (
              <span />
            ) : (
              <Select
                aria-label="Order"
                data={Object.entries(sortNames).map(([value, label]) => ({ value, label }))}
                value={sort}
                onChange={(value) => value !== null && setSort(value as Sort)}
                allowDeselect={false}
                w={190}
              />
            )}
            <ExportButton
              download={downloadUsage(view)}
              fileName={`usage-by-${view.group_by}-${view.from}-${view.to}.csv`}
            />
          </Group>
          <UsageList
            group={group}
            query={usage}
            empty={
              <EmptyState icon={<IconChartBar />} title="No executions">
                No execution ended in this period. Choose a longer one.
              </EmptyState>
            }
          />
        </Stack>
      </Tabs.Panel>
    </Tabs>
  );
}
