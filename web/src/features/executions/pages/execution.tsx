import { Button, Group, Stack } from '@mantine/core';
import { IconHistoryOff } from '@tabler/icons-react';
import { useCallback } from 'react';
import { Link, useParams } from 'react-router';
import { sentence } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { useCatchUp } from '../../../lib/use-catch-up.ts';
import { BackLink } from '../../../ui/back-link.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { CatchingUp } from '../../../ui/list-end.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { fetchExecution } from '../api/executions.ts';
import { Cancellation } from '../components/cancellation.tsx';
import { ExecutionDetails } from '../components/execution-details.tsx';
import { ExecutionStatus } from '../components/execution-status.tsx';
import { mayBeOnItsWay } from '../execution-age.ts';
import { isSettled } from '../receipt-lines.ts';
import { useWatching } from '../use-watching.ts';

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
