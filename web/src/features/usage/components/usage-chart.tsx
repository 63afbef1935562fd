import { Center, Group, Paper, Skeleton, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { UsageGroup } from '../../../../../contracts/api/usage.ts';
import { useCurrency } from '../../../lib/currency.ts';
import { formatUtcDay } from '../../../lib/format.ts';
import { DayBars } from '../../../ui/day-bars.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { type UsageScope, usageByDayQuery } from '../api/usage.ts';
import { groupWord, type Measure, measures, nameOfMeasure } from '../measures.ts';
import { chartOf } from '../usage-groups.ts';

const HEIGHT = 260;

type UsageChartProps = {
  scope: UsageScope;
  group: UsageGroup;
  measure: Measure;
  /** Controls at the end of the chart's head. */
  actions?: ReactNode;
};

function Bars({ scope, group, measure }: UsageChartProps) {
  const currency = useCurrency();
  const { data, error, refetch } = useQuery(usageByDayQuery(scope, group === 'day' ? 'day' : `day,${group}`));
  if (data === undefined && error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  if (data === undefined) return <Skeleton h={HEIGHT} radius="md" />;
  const name = nameOfMeasure(measure, currency);
  const chart = chartOf(data, { period: scope, group, measure });
  if (chart.series.length === 0)
    return (
      <Center h={HEIGHT}>
        <Text size="sm" c="dimmed">
          No execution ended in this period.
        </Text>
      </Center>
    );
  const label = group === 'day' ? `${name} by day` : `${name} by day and ${groupWord(group)}`;
  return (
    <DayBars
      label={label}
      {...chart}
      formatDay={formatUtcDay}
      format={measures[measure].format}
      height={HEIGHT}
    />
  );
}

/** A measure by day (UTC), divided by a group. */
export function UsageChart({ actions, ...chart }: UsageChartProps) {
  const name = nameOfMeasure(chart.measure, useCurrency());
  const title = chart.group === 'day' ? `${name} by day` : `${name} by ${groupWord(chart.group)}`;
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-label={title}>
      <Group justify="space-between" mb="md" gap="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        {actions}
      </Group>
      <Bars {...chart} />
    </Paper>
  );
}
