import { Anchor, Button, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatTimeShort, formatTokens } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { executionsQuery } from '../../executions/api/executions.ts';
import { ExecutionStatus } from '../../executions/components/execution-status.tsx';

const SHOWN = 5;

function Rows({ userId }: { userId: string }) {
  const { data, error, refetch } = useInfiniteQuery(executionsQuery({ user_id: userId }));
  if (data === undefined && error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  if (data === undefined) return <Skeleton h={170} radius="md" />;
  if (data.length === 0)
    return (
      <Stack gap="sm" align="start">
        <Text size="sm" c="dimmed">
          You have not run anything yet.
        </Text>
        <Button component={Link} to={paths.playground} size="xs">
          Run a prompt
        </Button>
      </Stack>
    );
  return (
    <Stack gap="sm">
      {data.slice(0, SHOWN).map(({ id, model, status, created_at, tokens_charged }) => (
        <Group key={id} justify="space-between" wrap="nowrap" gap="sm">
          <div style={{ minWidth: 0 }}>
            <Anchor component={Link} to={paths.execution(id)} size="sm" fw={550} truncate display="block">
              {model}
            </Anchor>
            <Text size="xs" c="dimmed">
              {formatTimeShort(created_at)}
            </Text>
          </div>
          <Group gap="sm" wrap="nowrap">
            {status !== 'succeeded' && <ExecutionStatus status={status} />}
            <Text size="sm" className="figure">
              {formatTokens(tokens_charged)}
            </Text>
          </Group>
        </Group>
      ))}
    </Stack>
  );
}

/** The newest executions of a user, with what they cost. */
export const RecentExecutions = ({ userId }: { userId: string }) => (
  <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-label="Recent executions">
    <Group justify="space-between" mb="md">
      <Title order={2} size="h4">
        Recent executions
      </Title>
      <Anchor component={Link} to={paths.executions} size="sm" aria-label="Recent executions: all">
        All
      </Anchor>
    </Group>
    <Rows userId={userId} />
  </Paper>
);
