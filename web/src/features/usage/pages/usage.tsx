import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { UsageGroup } from '../../../../../contracts/api/usage.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { usePeriod } from '../../../lib/use-period.ts';
import { ExportButton } from '../../../ui/export-button.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { PeriodPicker } from '../../../ui/period-picker.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { PersonSelect } from '../../users/components/person-select.tsx';
import { downloadUsage, type UsageFilterName, type UsageView } from '../api/usage.ts';
import { UsageChart } from '../components/usage-chart.tsx';
import { UsageFigures } from '../components/usage-figures.tsx';
import { UsageTable } from '../components/usage-table.tsx';
import { groupWord, type Measure, nameOfMeasure } from '../measures.ts';
import { useUsageView } from '../use-usage-view.ts';

const words = {
  user: 'What you spent, on what, and how it went.',
  admin: 'What your users spent, on what, and what the platform charges for it.',
  superadmin: 'What all tenants spent, what it cost, and what is earned.',
} as const;

const filterWords: Record<UsageFilterName, string> = {
  model: 'Model',
  user_id: 'User',
  api_key_id: 'API key',
  provider_id: 'Provider',
  level_id: 'Level',
  tenant_id: 'Tenant',
};

/** The end of an id, which tells it from others; a model as it is called. */
const shortOf = (name: UsageFilterName, value: string) => (name === 'model' ? value : `…${value.slice(-6)}`);

/** The figures that a list shows beside the chosen one. */
const columnsOf = (chosen: Measure, all: Measure[]): Measure[] => {
  const money: Measure[] = ['wallet_tokens', 'revenue_micro_usd', 'cost_micro_usd', 'margin_micro_usd'];
  const listed = all.filter((measure) => money.includes(measure));
  return listed.includes(chosen) || chosen === 'executions' ? listed : [chosen, ...listed];
};

/** Usage of a period by day and group, as a chart, as a list and as a file. For everybody, each of what they may see. */
export function UsagePage() {
  const { role } = useUser();
  const currency = useCurrency();
  const period = usePeriod();
  const view = useUsageView(role, period.period);
  const { group, measure, scope } = view;
  const listed: UsageView = { ...scope, group_by: group, sort: group === 'day' ? 'time' : measure };
  const compared: Measure[] =
    role === 'superadmin'
      ? ['revenue_micro_usd', 'cost_micro_usd', 'margin_micro_usd', 'executions']
      : role === 'admin'
        ? ['wallet_tokens', 'revenue_micro_usd', 'executions']
        : ['wallet_tokens', 'executions'];
  return (
    <>
      <PageHeader title="Usage" actions={<PeriodPicker {...period} />}>
        {words[role]}
      </PageHeader>
      <Stack gap="md">
        <UsageFigures scope={scope} compared={compared} />
        <Group gap="sm" justify="space-between">
          <Select
            aria-label="Group by"
            data={view.groups.map((value) => ({ value, label: `By ${groupWord(value)}` }))}
            value={group}
            onChange={(value) => value !== null && view.setGroup(value as UsageGroup)}
            allowDeselect={false}
            w={160}
          />
          {role === 'admin' && <PersonSelect userId={scope.user_id ?? null} onChange={view.setUser} />}
        </Group>
        {view.filters.some(({ name }) => name !== 'user_id') && (
          <Group gap="xs">
            <Text size="sm" c="dimmed">
              Only
            </Text>
            {view.filters
              .filter(({ name }) => name !== 'user_id')
              .map(({ name, value }) => (
                <Button
                  key={name}
                  size="compact-sm"
                  variant="light"
                  rightSection={<IconX size={14} aria-hidden />}
                  aria-label={`Remove the filter ${filterWords[name]}`}
                  onClick={() => view.dropFilter(name)}
                >
                  {filterWords[name]}: {shortOf(name, value)}
                </Button>
              ))}
          </Group>
        )}
        <UsageChart
          scope={scope}
          group={group}
          measure={measure}
          actions={
            <Select
              aria-label="Figure"
              data={view.measures.map((value) => ({ value, label: nameOfMeasure(value, currency) }))}
              value={measure}
              onChange={(value) => value !== null && view.setMeasure(value as Measure)}
              allowDeselect={false}
              w={210}
            />
          }
        />
        <Group justify="end">
          <ExportButton
            download={downloadUsage(listed)}
            fileName={`usage-by-${group}-${scope.from}-${scope.to}.csv`}
          />
        </Group>
        <UsageTable view={listed} shown={columnsOf(measure, view.measures)} onNarrow={view.narrow} />
      </Stack>
    </>
  );
}
