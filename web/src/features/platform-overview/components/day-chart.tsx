import { Group, Paper, Text, Title } from '@mantine/core';
import type { PlatformDay } from '../../../../../contracts/api/platform/platform.ts';
import { formatMicroUsd, formatUtcDay } from '../../../lib/format.ts';
import classes from './day-chart.module.css';

/** The chart's own units: each day is 10 wide, and the highest bar 100 high. */
const DAY = 10;
const HEIGHT = 100;

/** Words for one day. */
const dayInWords = ({ day, revenue_micro_usd, cost_micro_usd, margin_micro_usd }: PlatformDay) =>
  `${formatUtcDay(day)}: revenue ${formatMicroUsd(revenue_micro_usd)}, cost ${formatMicroUsd(cost_micro_usd)}, margin ${formatMicroUsd(margin_micro_usd)}`;

function Key({ className, children }: { className: string | undefined; children: string }) {
  return (
    <Group gap={6}>
      <span className={`${classes.key} ${className}`} aria-hidden />
      <Text size="xs" c="dimmed">
        {children}
      </Text>
    </Group>
  );
}

/** The bars of a day: cost beside revenue. The whole column shows its figures when pointed at. */
function DayBars({ day, at, unit }: { day: PlatformDay; at: number; unit: number }) {
  const bar = (amount: number, offset: number, className: string | undefined) => (
    <rect
      x={at * DAY + offset}
      y={HEIGHT - amount * unit}
      width={3.6}
      height={amount * unit}
      className={className}
    />
  );
  return (
    <g className={classes.day}>
      <title>{dayInWords(day)}</title>
      <rect x={at * DAY} y={0} width={DAY} height={HEIGHT} className={classes.column} />
      {bar(day.revenue_micro_usd, 1.2, classes.revenue)}
      {bar(day.cost_micro_usd, 5.2, classes.cost)}
    </g>
  );
}

/** The bars of all days, below the highest amount. */
function Bars({ days, top }: { days: PlatformDay[]; top: number }) {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return null;
  const best = days.reduce((one, other) => (other.revenue_micro_usd > one.revenue_micro_usd ? other : one));
  return (
    <>
      <Text size="xs" c="dimmed" className="figure" mb={4}>
        {formatMicroUsd(top)}
      </Text>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${days.length * DAY} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Revenue and cost by day. The highest revenue was ${formatMicroUsd(best.revenue_micro_usd)} on ${formatUtcDay(best.day)}.`}
      >
        {days.map((day, at) => (
          <DayBars key={day.day} day={day} at={at} unit={HEIGHT / top} />
        ))}
      </svg>
      <Group justify="space-between" mt={4}>
        <Text size="xs" c="dimmed">
          {formatUtcDay(first.day)}
        </Text>
        <Text size="xs" c="dimmed">
          {formatUtcDay(last.day)} (UTC)
        </Text>
      </Group>
    </>
  );
}

/** Revenue and cost by day. The list by day has the same figures as text. */
export function DayChart({ days }: { days: PlatformDay[] }) {
  const top = Math.max(...days.map((day) => Math.max(day.revenue_micro_usd, day.cost_micro_usd)));
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-label="By day">
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h4">
          Revenue and cost by day
        </Title>
        <Group gap="md">
          <Key className={classes.revenue}>Revenue</Key>
          <Key className={classes.cost}>Cost</Key>
        </Group>
      </Group>
      {top > 0 ? (
        <Bars days={days} top={top} />
      ) : (
        <Text size="sm" c="dimmed">
          Nothing was charged in this period.
        </Text>
      )}
    </Paper>
  );
}
