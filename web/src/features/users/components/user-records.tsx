import { Button, Group, Tabs, Text } from '@mantine/core';
import { IconScale } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { User } from '../../../../../contracts/api/account/auth.ts';
import { CatchingUp } from '../../../ui/catching-up.tsx';
import { allEntries, auditQuery } from '../../audit/api/audit.ts';
import { AuditList } from '../../audit/components/audit-list.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { executionsQuery } from '../../executions/api/executions.ts';
import { ExecutionList } from '../../executions/components/execution-list.tsx';
import { CheckDrawer } from '../../reconciliation/components/check-drawer.tsx';
import { ExportButton } from '../../wallet/components/export-button.tsx';
import { LedgerList } from '../../wallet/components/ledger-list.tsx';
import { useLedger } from '../../wallet/use-ledger.ts';

function Nothing({ children }: { children: string }) {
  return (
    <Text c="dimmed" size="sm" py="lg" ta="center">
      {children}
    </Text>
  );
}

/** Shown to a superadmin for a user of another tenant: lists stay within the tenant of this address. */
const Elsewhere = () => <Nothing>Open this user at the address of their own tenant to see the list.</Nothing>;

function Ledger({ userId, walletSeq }: { userId: string; walletSeq: number }) {
  const { query, isCatchingUp } = useLedger(userId, walletSeq);
  return (
    <>
      {isCatchingUp && <CatchingUp when />}
      <LedgerList query={query} empty={<Nothing>No entries yet.</Nothing>} />
    </>
  );
}

function Executions({ userId }: { userId: string }) {
  const query = useInfiniteQuery(executionsQuery({ user_id: userId }));
  return <ExecutionList query={query} empty={<Nothing>No executions yet.</Nothing>} />;
}

function Changes({ userId }: { userId: string }) {
  const query = useInfiniteQuery(auditQuery({ ...allEntries, userId }));
  return <AuditList query={query} withTargets={false} empty={<Nothing>No changes yet.</Nothing>} />;
}

/** A user's ledger, executions and changes. `walletSeq` is the number of the wallet's newest entry. */
export function UserRecords({ user, walletSeq }: { user: User; walletSeq: number }) {
  const { id: userId, email } = user;
  const isOfOurs = user.tenant_id === useUser().tenant_id;
  const [isChecking, setChecking] = useState(false);
  return (
    <Tabs defaultValue="ledger" keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="ledger">Ledger</Tabs.Tab>
        <Tabs.Tab value="executions">Executions</Tabs.Tab>
        <Tabs.Tab value="changes">Changes</Tabs.Tab>
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
      <Tabs.Panel value="changes">{isOfOurs ? <Changes userId={userId} /> : <Elsewhere />}</Tabs.Panel>
      <Tabs.Panel value="executions">{isOfOurs ? <Executions userId={userId} /> : <Elsewhere />}</Tabs.Panel>
    </Tabs>
  );
}
