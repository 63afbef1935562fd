import { Button, Group, Stack } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { Execution } from '../../../../../contracts/api/executions.ts';
import { dayAt } from '../../../../../contracts/days.ts';
import { catchUpMs, useChangedAt } from '../../../lib/catch-up.ts';
import { paths } from '../../../lib/paths.ts';
import { usePeriod } from '../../../lib/use-period.ts';
import { CatchingUp } from '../../../ui/catching-up.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ExportButton } from '../../../ui/export-button.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { PeriodPicker } from '../../../ui/period-picker.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { useNewestExecutionId } from '../../playground/conversation-context.tsx';
import { PersonSelect } from '../../users/components/person-select.tsx';
import { downloadExecutions, executionsQuery } from '../api/executions.ts';
import { ExecutionFilters } from '../components/execution-filters.tsx';
import { ExecutionList } from '../components/execution-list.tsx';
import { watchMs } from '../execution-polling.ts';
import { type ChosenFilter, useExecutionFilter } from '../use-execution-filter.ts';

type NothingProps = { isFiltered: boolean; isNamed: boolean; onClear: () => void };

/** Shown without executions. `isNamed`: the address names a period. */
function Nothing({ isFiltered, isNamed, onClear }: NothingProps) {
  if (isFiltered || isNamed)
    return (
      <EmptyState
        icon={<IconHistory />}
        title="No executions found"
        action={<Button onClick={onClear}>Clear filters</Button>}
      >
        {isFiltered ? 'No execution of this period fits the filters.' : 'Nothing ran in this period.'}
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<IconHistory />}
      title="No executions in the last 30 days"
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

/** Executions for the list, read again while one of them runs or the newest, which the filter lets through, is missing. */
function useExecutions({ filter, isFiltered }: ChosenFilter) {
  const newestId = useNewestExecutionId();
  const expectedId = isFiltered || filter.to < dayAt(Date.now()) ? null : newestId;
  const expectedSince = useChangedAt(expectedId);
  const query = useInfiniteQuery({
    ...executionsQuery(filter),
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

/** Every execution the caller may see, with its cost and outcome. The filters are in the address. */
export function ExecutionsPage() {
  const isAdmin = useUser().role !== 'user';
  const period = usePeriod();
  const chosen = useExecutionFilter(period.period, isAdmin);
  const { filter, isFiltered } = chosen;
  const { query, isCatchingUp } = useExecutions(chosen);

  return (
    <>
      <PageHeader title="Executions" actions={<PeriodPicker {...period} />}>
        {isAdmin ? 'Every run in this tenant, with its cost.' : 'Everything you ran, with its cost.'}
      </PageHeader>
      <Stack gap="sm" mb="md">
        <ExecutionFilters {...chosen} />
        <Group gap="sm" justify="space-between">
          {isAdmin && (
            <PersonSelect
              userId={filter.user_id ?? null}
              onChange={(next) => chosen.choose('user_id', next)}
            />
          )}
          <Group gap="sm" ml="auto">
            <CatchingUp when={isCatchingUp} />
            {isFiltered && (
              <Button variant="subtle" onClick={chosen.clear}>
                Clear filters
              </Button>
            )}
            <ExportButton
              download={downloadExecutions(filter)}
              fileName={`executions-${filter.from}-${filter.to}.csv`}
            />
          </Group>
        </Group>
      </Stack>
      <ExecutionList
        query={query}
        withUsers={isAdmin}
        empty={
          isCatchingUp ? (
            <ListLoading />
          ) : (
            <Nothing isFiltered={isFiltered} isNamed={period.choice !== '30'} onClear={chosen.clear} />
          )
        }
      />
    </>
  );
}
