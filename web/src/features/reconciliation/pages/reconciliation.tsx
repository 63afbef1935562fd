import { Button, Group, Paper, Progress, Select, Stack, Text } from '@mantine/core';
import { IconScale } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserSummary } from '../../../../../contracts/api/tenant/users.ts';
import {
  type ReconciliationStatus,
  reconciliationStatus,
} from '../../../../../contracts/wallet/reconciliation.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { reconciliationsQuery } from '../api/reconciliation.ts';
import { CheckDrawer } from '../components/check-drawer.tsx';
import { ReconciliationList } from '../components/reconciliation-list.tsx';
import { statusNames } from '../difference-words.ts';
import { useCheckAll } from '../use-check-all.ts';

type CheckingProps = { done: number; total: number; onStop: () => void };

function CheckingAll({ done, total, onStop }: CheckingProps) {
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="xs">
        <Text size="sm" className="figure" role="status">
          Checking wallet {done + 1} of {total}
        </Text>
        <Button size="xs" variant="default" onClick={onStop}>
          Stop
        </Button>
      </Group>
      <Progress value={(100 * done) / total} aria-label="Wallets checked" />
    </Paper>
  );
}

/** The last check of every wallet against its ledger and its executions. */
export function ReconciliationPage() {
  const [status, setStatus] = useState<ReconciliationStatus | null>(null);
  const wallets = useInfiniteQuery(reconciliationsQuery(status));
  const [checked, setChecked] = useState<UserSummary | null>(null);
  const all = useCheckAll();
  const userIds = wallets.data?.map(({ user_id }) => user_id) ?? [];

  return (
    <>
      <PageHeader
        title="Reconciliation"
        actions={
          <Button disabled={userIds.length === 0 || all.progress !== null} onClick={() => all.start(userIds)}>
            Check these now
          </Button>
        }
      >
        Every wallet is compared regularly with its ledger and its executions.
      </PageHeader>
      <Select
        aria-label="Status"
        placeholder="Any status"
        clearable
        clearButtonProps={{ 'aria-label': 'Any status' }}
        data={reconciliationStatus.options.map((value) => ({ value, label: statusNames[value] }))}
        value={status}
        onChange={(next) => setStatus(reconciliationStatus.nullable().parse(next))}
        comboboxProps={{ withinPortal: false }}
        maw={220}
        mb="md"
      />
      <Stack gap="md">
        {all.progress !== null && <CheckingAll {...all.progress} onStop={all.stop} />}
        {all.error !== null && <ErrorAlert error={all.error} />}
        <ReconciliationList
          query={wallets}
          onCheck={({ user }) => setChecked(user)}
          empty={
            <EmptyState
              icon={<IconScale />}
              title={
                status === null ? 'No wallet has been checked yet' : `No wallet is “${statusNames[status]}”`
              }
            >
              {status === null
                ? 'Wallets are checked automatically once they are used. To check one now, open the page of its user.'
                : 'Choose another status.'}
            </EmptyState>
          }
        />
      </Stack>
      {checked !== null && <CheckDrawer user={checked} onClose={() => setChecked(null)} />}
    </>
  );
}
