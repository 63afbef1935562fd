import { Button, Group, Stack } from '@mantine/core';
import { IconHistoryOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import type { ExecutionReceipt } from '../../../../../contracts/api/executions.ts';
import type { ApiError } from '../../../lib/api-client.ts';
import { catchUpMs, useChangedAt } from '../../../lib/catch-up.ts';
import { sentence } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { BackLink } from '../../../ui/back-link.tsx';
import { CatchingUp } from '../../../ui/catching-up.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { executionQuery } from '../api/executions.ts';
import { Cancellation } from '../components/cancellation.tsx';
import { ExecutionDetails } from '../components/execution-details.tsx';
import { ExecutionStatus } from '../components/execution-status.tsx';
import { mayBeOnItsWay, watchMs } from '../execution-polling.ts';
import { isSettled } from '../receipt-lines.ts';

const isMissing = (error: ApiError | null) =>
  error?.code === 'not_found' || error?.code === 'invalid_request';

type Reading = { data: ExecutionReceipt | undefined; error: ApiError | null; errorUpdateCount: number };

/** True while the database lacks a new execution, or the receipt of one that has ended. */
function isIncomplete(id: string, { data, error, errorUpdateCount }: Reading): boolean {
  if (data !== undefined) return data.status !== 'running' && !isSettled(data);
  const wasMissing = errorUpdateCount > 0 && (error === null || isMissing(error));
  return wasMissing && mayBeOnItsWay(id, Date.now());
}

/** One execution, read again while it runs and until its receipt is complete. */
function useExecution(id: string) {
  const options = executionQuery(id);
  const status = useQueryClient().getQueryData(options.queryKey)?.status;
  const changedAt = useChangedAt(`${id} ${status}`);
  const query = useQuery({
    ...options,
    refetchInterval: ({ state }) =>
      state.data?.status === 'running'
        ? watchMs(state.dataUpdateCount)
        : isIncomplete(id, state) && catchUpMs(Date.now() - changedAt),
  });
  const readAt = Math.max(query.dataUpdatedAt, query.errorUpdatedAt);
  const isCatchingUp = isIncomplete(id, query) && catchUpMs(readAt - changedAt) !== false;
  return { ...query, isCatchingUp };
}

const NoExecution = () => (
  <EmptyState
    icon={<IconHistoryOff />}
    title="Execution not found"
    action={
      <Button component={Link} to={paths.executions}>
        All executions
      </Button>
    }
  >
    It may belong to another user, or the address may be mistyped.
  </EmptyState>
);

/** The provider that answered, and the error, in one line. */
function Summary({ execution }: { execution: ExecutionReceipt | undefined }) {
  const { provider = null, error_code = null } = execution ?? {};
  const answer = provider === null ? 'One run' : `Answered by ${provider.name}, ${provider.model}`;
  return error_code === null ? answer : `${answer} · ${sentence(error_code)}`;
}

/** One execution. A new one takes about a second to reach the database: the page waits for it. */
export function ExecutionPage() {
  const { id = '' } = useParams();
  const { id: myId } = useUser();
  const { data: execution, error, refetch, isCatchingUp } = useExecution(id);
  const isLoading = execution === undefined && (error === null || isCatchingUp);
  const mayCancel = execution?.status === 'running' && execution.user_id === myId;

  return (
    <>
      <BackLink to={paths.executions}>All executions</BackLink>
      <PageHeader
        title={execution?.model ?? 'Execution'}
        actions={
          <Group gap="md">
            <CatchingUp when={isCatchingUp} />
            {execution !== undefined && <ExecutionStatus status={execution.status} />}
            {mayCancel && <Cancellation execution={execution} />}
          </Group>
        }
      >
        <Summary execution={execution} />
      </PageHeader>
      {execution !== undefined && <ExecutionDetails execution={execution} />}
      {isLoading && <ListLoading />}
      {execution === undefined && !isLoading && isMissing(error) && <NoExecution />}
      {error !== null && !isMissing(error) && (
        <Stack mt="sm">
          <ErrorAlert error={error} onRetry={refetch} />
        </Stack>
      )}
    </>
  );
}
