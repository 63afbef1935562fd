import { Button, Group, Tabs, Text } from '@mantine/core';
import { IconScale } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { User } from '../../../../../contracts/api/auth.ts';
import type { LedgerItem } from '../../../../../contracts/api/wallet.ts';
import { catchUpMs, useChangedAt } from '../../../lib/catch-up.ts';
import type { RowsQuery } from '../../../ui/data-table/data-table.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { CatchingUp, ListEnd } from '../../../ui/list-end.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { executionsQuery } from '../../executions/api/executions.ts';
import { ExecutionList } from '../../executions/components/execution-list.tsx';
import { CheckDrawer } from '../../reconciliation/components/check-drawer.tsx';
import { ledgerQuery } from '../../wallet/api/wallet.ts';
import { ExportButton } from '../../wallet/components/export-button.tsx';
import { LedgerList } from '../../wallet/components/ledger-list.tsx';

const nobody = new Map<string, string>();

function Nothing({ children }: { children: string }) {
  return (
    <Text c="dimmed" size="sm" py="lg" ta="center">
      {children}
    </Text>
  );
}

/** For a superadmin at a user of another tenant: lists stay within the tenant of this address. */
const Elsewhere = () => <Nothing>Listed at the address of their own tenant.</Nothing>;

type ListProps<Row> = {
  query: RowsQuery<Row>;
  empty: string;
  children: (rows: Row[]) => ReactNode;
};

/** A list as the feature that owns it draws it. */
function List<Row>({ query, empty, children }: ListProps<Row>) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  if (error !== null) return <ErrorAlert error={error} onRetry={refetch} />;
  if (data === undefined) return <ListLoading />;
  if (data.length === 0) return <Nothing>{empty}</Nothing>;
  return (
    <>
      {children(data)}
      <ListEnd
        pages={{
          hasMore: hasNextPage ?? false,
          loading: isFetchingNextPage ?? false,
          loadMore: () => fetchNextPage?.(),
        }}
      />
    </>
  );
}

function Ledger({ userId, walletSeq }: { userId: string; walletSeq: number }) {
  const changedAt = useChangedAt(walletSeq);
  const query = useInfiniteQuery({
    ...ledgerQuery(userId),
    refetchInterval: ({ state }) =>
      isBehind(state.data?.pages[0]?.items, walletSeq) && catchUpMs(Date.now() - changedAt),
  });
  const isCatchingUp = isBehind(query.data, walletSeq) && catchUpMs(Date.now() - changedAt) !== false;
  return (
    <>
      {isCatchingUp && <CatchingUp when />}
      <List query={query} empty="No entries yet.">
        {(items) => <LedgerList items={items} />}
      </List>
    </>
  );
}

/** True while a ledger that was read lacks the wallet's newest entry. */
const isBehind = (items: LedgerItem[] | undefined, walletSeq: number) =>
  items !== undefined && (items[0]?.seq ?? 0) < walletSeq;

function Executions({ userId }: { userId: string }) {
  return (
    <List query={useInfiniteQuery(executionsQuery(userId))} empty="Nothing has run yet.">
      {(items) => <ExecutionList items={items} names={nobody} />}
    </List>
  );
}

/** A user's ledger and executions. `walletSeq` is the number of the wallet's newest entry. */
export function UserRecords({ user, walletSeq }: { user: User; walletSeq: number }) {
  const { id: userId, email } = user;
  const isOfOurs = user.tenant_id === useUser().tenant_id;
  const [isChecking, setChecking] = useState(false);
  return (
    <Tabs defaultValue="ledger" keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="ledger">Ledger</Tabs.Tab>
        <Tabs.Tab value="executions">Executions</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="ledger">
        <Group justify="end" mb="sm" gap="xs">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconScale size={15} aria-hidden />}
            onClick={() => setChecking(true)}
          >
            Check the wallet
          </Button>
          <ExportButton userId={userId} name={email} />
        </Group>
        {isChecking && <CheckDrawer user={user} onClose={() => setChecking(false)} />}
        {isOfOurs ? <Ledger userId={userId} walletSeq={walletSeq} /> : <Elsewhere />}
      </Tabs.Panel>
      <Tabs.Panel value="executions">{isOfOurs ? <Executions userId={userId} /> : <Elsewhere />}</Tabs.Panel>
    </Tabs>
  );
}
