import { Button, Group, Tabs, Text } from '@mantine/core';
import { IconScale } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import type { User } from '../../../../contracts/api/auth.ts';
import { useUser } from '../../contexts/auth-context.tsx';
import { useCatchUp } from '../../hooks/use-catch-up.ts';
import { usePages } from '../../hooks/use-pages.ts';
import { fetchExecutions } from '../../services/executions.ts';
import { fetchLedger } from '../../services/wallet.ts';
import { ErrorAlert } from '../error-alert.tsx';
import { ExecutionList } from '../execution/execution-list.tsx';
import { CatchingUp, ListEnd } from '../list-end.tsx';
import { ListLoading } from '../list-loading.tsx';
import { CheckDrawer } from '../reconciliation/check-drawer.tsx';
import { ExportButton } from '../wallet/export-button.tsx';
import { LedgerList } from '../wallet/ledger-list.tsx';

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
