import { Button, Group, Stack } from '@mantine/core';
import { IconHistoryOff } from '@tabler/icons-react';
import { useCallback } from 'react';
import { Link, useParams } from 'react-router';
import { BackLink } from '../components/back-link.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { ErrorAlert } from '../components/error-alert.tsx';
import { Cancellation } from '../components/execution/cancellation.tsx';
import { ExecutionDetails } from '../components/execution/execution-details.tsx';
import { ExecutionStatus } from '../components/execution-status.tsx';
import { CatchingUp } from '../components/list-end.tsx';
import { ListLoading } from '../components/list-loading.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { useUser } from '../contexts/auth-context.tsx';
import { useAnswer } from '../hooks/use-answer.ts';
import { useCatchUp } from '../hooks/use-catch-up.ts';
import { useWatching } from '../hooks/use-watching.ts';
import { mayBeOnItsWay } from '../lib/execution-age.ts';
import { sentence } from '../lib/format.ts';
import { paths } from '../lib/paths.ts';
import { isSettled } from '../lib/receipt-lines.ts';
import { fetchExecution } from '../services/executions.ts';

/** One execution. A new one may take a second to arrive in the database: it is waited for, not reported missing. */
export function ExecutionPage() {
  const { id = '' } = useParams();
  const { id: myId } = useUser();
  const { value: execution, error, reload } = useAnswer(useCallback(() => fetchExecution(id), [id]));
  const isMissing = error?.code === 'not_found' || error?.code === 'invalid_request';
  const isRunning = execution?.status === 'running';
  // The receipt follows the end by about a second.
  const isUnsettled = execution !== null && !isRunning && !isSettled(execution);
  const catchingUp = useCatchUp(isUnsettled || (isMissing && mayBeOnItsWay(id, Date.now())), reload);
  useWatching(isRunning, reload);
  const mayCancel = isRunning && execution.user_id === myId;

  return (
    <>
      <BackLink to={paths.executions}>All executions</BackLink>
      <PageHeader
        title={execution?.model ?? 'Execution'}
        actions={
          <Group gap="md">
            <CatchingUp when={catchingUp} />
            {execution !== null && <ExecutionStatus status={execution.status} />}
            {mayCancel && <Cancellation execution={execution} onCancelled={reload} />}
          </Group>
        }
      >
        {execution?.provider == null
          ? 'One run'
          : `Answered by ${execution.provider.name}, ${execution.provider.model}`}
        {execution?.error_code == null ? '' : ` · ${sentence(execution.error_code)}`}
      </PageHeader>
      {execution !== null && <ExecutionDetails execution={execution} />}
      {execution === null && (error === null || catchingUp) && <ListLoading />}
      {execution === null && isMissing && !catchingUp && (
        <EmptyState
          icon={<IconHistoryOff />}
          title="There is no such execution"
          action={
            <Button component={Link} to={paths.executions}>
              All executions
            </Button>
          }
        >
          It may belong to somebody else, or the address may be mistyped.
        </EmptyState>
      )}
      {error !== null && !isMissing && (
        <Stack mt="sm">
          <ErrorAlert error={error} onRetry={reload} />
        </Stack>
      )}
    </>
  );
}
