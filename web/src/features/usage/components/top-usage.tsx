import { Anchor, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { UsageGroup } from '../../../../../contracts/api/usage.ts';
import { paths } from '../../../lib/paths.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { topUsageQuery, type UsageScope } from '../api/usage.ts';
import { figureOf, type Measure, measures } from '../measures.ts';
import { idOfGroup, nameOfGroup } from '../usage-groups.ts';
import classes from './top-usage.module.css';

const SHOWN = 5;

type TopUsageProps = { scope: UsageScope; group: UsageGroup; measure: Measure; title: string };

function Rows({ scope, group, measure }: TopUsageProps) {
  const { data, error, refetch } = useQuery(topUsageQuery(scope, group, measure, SHOWN));
  if (data === undefined && error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  if (data === undefined) return <Skeleton h={170} radius="md" />;
  if (data.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No execution ended in this period.
      </Text>
    );
  const largest = Math.max(1, ...data.map((item) => figureOf(item, measure)));
  return (
    <Stack gap="sm" component="ol" p={0} m={0}>
      {data.map((item) => (
        <li key={idOfGroup(item, group)} style={{ listStyle: 'none' }}>
          <Group justify="space-between" wrap="nowrap" gap="sm">
            <Text size="sm" truncate>
              {nameOfGroup(item, group)}
            </Text>
            <Text size="sm" fw={550} className="figure">
              {measures[measure].format(figureOf(item, measure))}
            </Text>
          </Group>
          <div className={classes.track} aria-hidden>
            <div className={classes.bar} style={{ width: `${(100 * figureOf(item, measure)) / largest}%` }} />
          </div>
        </li>
      ))}
    </Stack>
  );
}

/** The largest groups of a period, with a link to all of them. */
export function TopUsage(props: TopUsageProps) {
  const { title, group, scope } = props;
  const query = new URLSearchParams({ by: group, from: scope.from, to: scope.to });
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-label={title}>
      <Group justify="space-between" mb="md">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Anchor component={Link} to={`${paths.usage}?${query}`} size="sm" aria-label={`${title}: all`}>
          All
        </Anchor>
      </Group>
      <Rows {...props} />
    </Paper>
  );
}
