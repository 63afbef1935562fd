import { Paper, Text, Title } from '@mantine/core';
import type { PlatformDay } from '../../../../../contracts/api/platform/platform.ts';
import { formatMicroUsd, formatUtcDay } from '../../../lib/format.ts';
import { DayBars } from '../../../ui/day-bars.tsx';

/** Revenue and cost by day. The list by day has the same figures as text. */
export function DayChart({ days }: { days: PlatformDay[] }) {
  const isEmpty = days.every((day) => day.revenue_micro_usd === 0 && day.cost_micro_usd === 0);
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-label="By day">
      <Title order={2} size="h4" mb="md">
        Revenue and cost by day
      </Title>
      {isEmpty ? (
        <Text size="sm" c="dimmed">
          Nothing was charged in this period.
        </Text>
      ) : (
        <DayBars
          label="Revenue and cost by day"
          rows={days.map((day) => ({
            day: day.day,
            Revenue: day.revenue_micro_usd,
            Cost: day.cost_micro_usd,
          }))}
          series={['Revenue', 'Cost']}
          layout="side_by_side"
          formatDay={formatUtcDay}
          format={formatMicroUsd}
          height={220}
        />
      )}
    </Paper>
  );
}
