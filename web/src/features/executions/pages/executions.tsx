import { Box, Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { Link, useSearchParams } from 'react-router';
import { paths } from '../../../lib/paths.ts';
import { nameOf } from '../../../lib/person.ts';
import { useCatchUp } from '../../../lib/use-catch-up.ts';
import { usePages } from '../../../lib/use-pages.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { CatchingUp, ListEnd } from '../../../ui/list-end.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { useNewestExecutionId } from '../../playground/conversation-context.tsx';
import { usersQuery } from '../../users/api/users.ts';
import { PersonSelect } from '../../users/components/person-select.tsx';
import { fetchExecutions } from '../api/executions.ts';
import { ExecutionList } from '../components/execution-list.tsx';
import { useRunningExecutions } from '../use-running-executions.ts';

/** Names by id, for admins, whose list holds everybody's executions. Empty for others, and when they cannot be read. */
function useNames(): Map<string, string> {
  const { role } = useUser();
  const { data = [] } = useInfiniteQuery({ ...usersQuery(), enabled: role !== 'user' });
  return new Map(data.map((user) => [user.id, nameOf(user)]));
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered)
    return (
      <EmptyState icon={<IconHistory />} title="This person has run nothing yet">
        Choose somebody else, or look at everybody’s.
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<IconHistory />}
      title="Nothing has run yet"
      action={
        <Button component={Link} to={paths.playground}>
          Run a prompt
        </Button>
      }
    >
      Each run shows up here with its usage, its attempts and its price.
    </EmptyState>
  );
}

/** What was run, what it cost and how it went. */
export function ExecutionsPage() {
  const { role } = useUser();
  const names = useNames();
  const [params, setParams] = useSearchParams();
  const userId = role === 'user' ? null : params.get('user');
  const pages = usePages(useCallback((cursor) => fetchExecutions(cursor, userId ?? undefined), [userId]));
  const { items } = pages;
  const newestId = useNewestExecutionId();
  const isBehind = items !== null && userId === null && newestId !== null && newestId > (items[0]?.id ?? '');
  const catchingUp = useCatchUp(isBehind, pages.reload);
  useRunningExecutions(pages);

  return (
    <>
      <PageHeader title="Executions" actions={<CatchingUp when={catchingUp} />}>
        {role === 'user' ? 'Everything you ran' : 'Everything anybody here ran'}, and what it cost.
      </PageHeader>
      {role !== 'user' && (
        <Box mb="md">
          <PersonSelect
            userId={userId}
            onChange={(next) => setParams(next === null ? {} : { user: next }, { replace: true })}
          />
        </Box>
      )}
      {pages.error !== null && <ErrorAlert error={pages.error} onRetry={pages.reload} />}
      {items === null && pages.error === null && <ListLoading />}
      {items?.length === 0 && !catchingUp && <Nothing isFiltered={userId !== null} />}
      {items !== null && items.length > 0 && <ExecutionList items={items} names={names} />}
      <ListEnd pages={pages} />
    </>
  );
}
