import '@mantine/charts/styles.layer.css';
import { BarChart } from '@mantine/charts';
import { Box, Group, Text, VisuallyHidden } from '@mantine/core';
import classes from './day-bars.module.css';

/** Colours of series, apart from each other in both schemes and for the colour-blind. The last is that of what is left. */
const COLOURS = ['brand.6', 'cyan.6', 'yellow.6', 'grape.6', 'teal.6', 'gray.5'];

export type DayBarsProps = {
  /** The name of the chart for those who do not see it. */
  label: string;
  rows: ({ day: string } & Record<string, number | string>)[];
  series: string[];
  formatDay: (day: string) => string;
  format: (value: number) => string;
  /** In pixels. */
  height: number;
  /** `side_by_side` for series that are no parts of one sum. */
  layout?: 'stacked' | 'side_by_side';
};

/** The figures of the chart as a table, for those who do not see it. */
const AsTable = ({ label, rows, series, formatDay, format }: DayBarsProps) => (
  <VisuallyHidden>
    <table>
      <caption>{label}</caption>
      <thead>
        <tr>
          <th scope="col">Day (UTC)</th>
          {series.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.day}>
            <th scope="row">{formatDay(row.day)}</th>
            {series.map((name) => (
              <td key={name}>{format(Number(row[name]))}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </VisuallyHidden>
);

/** A bar for each day, divided by series, or a bar for each series. Days are those of UTC. */
export function DayBarsChart(props: DayBarsProps) {
  const { rows, series, formatDay, format, height, layout = 'stacked' } = props;
  const colourOf = (at: number) => COLOURS[Math.min(at, COLOURS.length - 1)] ?? 'gray.5';
  return (
    <>
      <Box aria-hidden>
        <BarChart
          h={height}
          data={rows.map((row) => ({ ...row, day: formatDay(row.day) }))}
          dataKey="day"
          type={layout === 'stacked' ? 'stacked' : 'default'}
          series={series.map((name, at) => ({ name, color: colourOf(at) }))}
          valueFormatter={format}
          xAxisProps={{ minTickGap: 40 }}
          yAxisProps={{ width: 72 }}
          // The table beside it is for the keyboard and for screen readers.
          barChartProps={{ accessibilityLayer: false }}
          barProps={{ isAnimationActive: false }}
          maxBarWidth={28}
          gridAxis="x"
          tickLine="none"
        />
        {series.length > 1 && (
          <Group gap="md" mt="xs">
            {series.map((name, at) => (
              <Group key={name} gap={6} wrap="nowrap" maw="100%">
                <Box className={classes.key ?? ''} bg={colourOf(at)} />
                <Text size="xs" c="dimmed" truncate>
                  {name}
                </Text>
              </Group>
            ))}
          </Group>
        )}
      </Box>
      <AsTable {...props} />
    </>
  );
}
