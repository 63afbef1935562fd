import { Button, Group, Tabs, Text } from '@mantine/core';
import { IconScale } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import type { User } from '../../../../../contracts/api/auth.ts';
import { useCatchUp } from '../../../lib/use-catch-up.ts';
import { usePages } from '../../../lib/use-pages.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { CatchingUp, ListEnd } from '../../../ui/list-end.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { fetchExecutions } from '../../executions/api/executions.ts';
import { ExecutionList } from '../../executions/components/execution-list.tsx';
import { CheckDrawer } from '../../reconciliation/components/check-drawer.tsx';
import { fetchLedger } from '../../wallet/api/wallet.ts';
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

/** A superadmin looks at somebody of another tenant: lists stay within the tenant whose address this is. */
const Elsewhere = () => <Nothing>Listed at the address of their own tenant.</Nothing>;

function Ledger({ userId, walletSeq }: { userId: string; walletSeq: number }) {
  const pages = usePages(useCallback((cursor) => fetchLedger(cursor, userId), [userId]));
  const { items } = pages;
  const catchingUp = useCatchUp(items !== null && (items[0]?.seq ?? 0) < walletSeq, pages.reload);
  if (pages.error !== null) return <ErrorAlert error={pages.error} onRetry={pages.reload} />;
  if (items === null) return <ListLoading />;
  return (
    <>
      {catchingUp && <CatchingUp when />}
      {items.length === 0 ? <Nothing>No entries yet.</Nothing> : <LedgerList items={items} />}
      <ListEnd pages={pages} />
    </>
  );
}

function Executions({ userId }: { userId: string }) {
  const pages = usePages(useCallback((cursor) => fetchExecutions(cursor, userId), [userId]));
  const { items } = pages;
  if (pages.error !== null) return <ErrorAlert error={pages.error} onRetry={pages.reload} />;
  if (items === null) return <ListLoading />;
  return (
    <>
      {items.length === 0 ? (
        <Nothing>Nothing has run yet.</Nothing>
      ) : (
        <ExecutionList items={items} names={nobody} />
      )}
      <ListEnd pages={pages} />
    </>
  );
}

/** What a person's wallet did, and what they ran. `walletSeq` is the wallet's newest entry. */
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
        {isChecking && (
          <CheckDrawer person={{ user_id: userId, user_email: email }} onClose={() => setChecking(false)} />
        )}
        {isOfOurs ? <Ledger userId={userId} walletSeq={walletSeq} /> : <Elsewhere />}
      </Tabs.Panel>
      <Tabs.Panel value="executions">{isOfOurs ? <Executions userId={userId} /> : <Elsewhere />}</Tabs.Panel>
    </Tabs>
  );
}
