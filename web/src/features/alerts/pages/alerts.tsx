import { Button, Center, Stack } from '@mantine/core';
import { IconMoodSmile } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { alertsQuery } from '../api/alerts.ts';
import { AlertList } from '../components/alert-list.tsx';
import { MailSettings, RuleSettings } from '../components/alert-settings.tsx';

/** The alerts of the caller, what is mailed to them, and the rules for admins. */
export function AlertsPage() {
  const { role, acting } = useUser();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useInfiniteQuery(alertsQuery);
  const alerts = data?.pages.flatMap(({ items }) => items);
  const isAdmin = role !== 'user';
  return (
    <>
      <PageHeader title="Alerts">What needs attention, once for each cause until it has gone.</PageHeader>
      <Stack gap="lg">
        {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
        {alerts === undefined && error === null && <ListLoading />}
        {alerts?.length === 0 && (
          <EmptyState icon={<IconMoodSmile />} title="No alerts">
            {isAdmin
              ? 'Budgets, providers and ledgers are as they should be.'
              : 'You are told here when your balance runs low.'}
          </EmptyState>
        )}
        {alerts !== undefined && alerts.length > 0 && (
          <AlertList alerts={alerts} canDismiss={acting === null} />
        )}
        {hasNextPage && (
          <Center>
            <Button variant="default" onClick={() => fetchNextPage()} loading={isFetchingNextPage}>
              Load more
            </Button>
          </Center>
        )}
        {acting === null && <MailSettings isAdmin={isAdmin} />}
        {isAdmin && <RuleSettings />}
      </Stack>
    </>
  );
}
