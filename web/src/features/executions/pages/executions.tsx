import { Box, Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { catchUpMs, useChangedAt } from '../../../lib/catch-up.ts';
import { paths } from '../../../lib/paths.ts';
import { CatchingUp } from '../../../ui/catching-up.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { useNewestExecutionId } from '../../playground/conversation-context.tsx';
import { PersonSelect } from '../../users/components/person-select.tsx';
import { executionsQuery } from '../api/executions.ts';
import { ExecutionList } from '../components/execution-list.tsx';
import { watchMs } from '../execution-polling.ts';

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered)
    return (
      <EmptyState icon={<IconHistory />} title="No executions">
        This user has not run anything yet. Choose another user, or clear the filter.
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<IconHistory />}
      title="No executions yet"
      action={
        <Button component={Link} to={paths.playground}>
          Run a prompt
        </Button>
      }
    >
      Each run is listed here with its usage, its attempts and its cost.
    </EmptyState>
  );
}

/** True while a list that was read lacks the execution `newestId`, or one newer than it. */
const isBehind = (items: Execution[] | undefined, newestId: string | null) =>
  items !== undefined && newestId !== null && newestId > (items[0]?.id ?? '');

/** Executions for the list, read again while one of them runs or the newest is missing. */
function useExecutions(userId: string | null) {
  const newestId = useNewestExecutionId();
  const expectedId = userId === null ? newestId : null;
  const expectedSince = useChangedAt(expectedId);
  const query = useInfiniteQuery({
    ...executionsQuery(userId),
    refetchInterval: ({ state: { data, dataUpdateCount } }) => {
      const waitMs = isBehind(data?.pages[0]?.items, expectedId) && catchUpMs(Date.now() - expectedSince);
      if (waitMs !== false) return waitMs;
      const isRunning = data?.pages.some(({ items }) => items.some(({ status }) => status === 'running'));
      return isRunning === true && watchMs(dataUpdateCount);
    },
  });
  const isCatchingUp =
    isBehind(query.data, expectedId) && catchUpMs(query.dataUpdatedAt - expectedSince) !== false;
  return { query, isCatchingUp };
}

/** Every execution the caller may see, with its cost and outcome. */
export function ExecutionsPage() {
  const isAdmin = useUser().role !== 'user';
  const [params, setParams] = useSearchParams();
  const userId = isAdmin ? params.get('user') : null;
  const { query, isCatchingUp } = useExecutions(userId);

  return (
    <>
      <PageHeader title="Executions" actions={<CatchingUp when={isCatchingUp} />}>
        {isAdmin ? 'Every run in this tenant, with its cost.' : 'Everything you ran, with its cost.'}
      </PageHeader>
      {isAdmin && (
        <Box mb="md">
          <PersonSelect
            userId={userId}
            onChange={(next) => setParams(next === null ? {} : { user: next }, { replace: true })}
          />
        </Box>
      )}
      <ExecutionList
        query={query}
        withUsers={isAdmin}
        empty={isCatchingUp ? <ListLoading /> : <Nothing isFiltered={userId !== null} />}
      />
    </>
  );
}
