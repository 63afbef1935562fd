import { Button, Group, Paper, Progress, Select, Text } from '@mantine/core';
import { IconScale } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import type { Reconciliation } from '../../../../../contracts/api/reconciliation.ts';
import { type ReconciliationStatus, reconciliationStatus } from '../../../../../contracts/reconciliation.ts';
import { usePages } from '../../../lib/use-pages.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListEnd } from '../../../ui/list-end.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { fetchReconciliations } from '../api/reconciliation.ts';
import { CheckDrawer } from '../components/check-drawer.tsx';
import { ReconciliationList } from '../components/reconciliation-list.tsx';
import { statusNames } from '../difference-words.ts';
import { useCheckAll } from '../use-check-all.ts';

type CheckingProps = { done: number; total: number; onStop: () => void };

function CheckingAll({ done, total, onStop }: CheckingProps) {
  return (
    <Paper withBorder p="md" mb="md">
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

/** Whether every wallet, its ledger and its executions say the same, and what to do where they do not. */
export function ReconciliationPage() {
  const [status, setStatus] = useState<ReconciliationStatus | null>(null);
  const pages = usePages(useCallback((cursor) => fetchReconciliations(cursor, status), [status]));
  const [opened, setOpened] = useState<Reconciliation | null>(null);
  const { items, change } = pages;
  const showChecked = useCallback(
    (checked: Reconciliation) => change((known) => (known.user_id === checked.user_id ? checked : known)),
    [change],
  );
  const all = useCheckAll(showChecked);

  return (
    <>
      <PageHeader
        title="Reconciliation"
        actions={
          <Button
            disabled={items === null || items.length === 0 || all.progress !== null}
            onClick={() => all.start((items ?? []).map(({ user_id }) => user_id))}
          >
            Check these now
          </Button>
        }
      >
        Every wallet is compared with its ledger and its executions, again and again.
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
      {all.progress !== null && <CheckingAll {...all.progress} onStop={all.stop} />}
      {all.error !== null && <ErrorAlert error={all.error} />}
      {pages.error !== null && <ErrorAlert error={pages.error} onRetry={pages.reload} />}
      {items === null && pages.error === null && <ListLoading />}
      {items?.length === 0 && (
        <EmptyState
          icon={<IconScale />}
          title={status === null ? 'Nothing was checked yet' : `No wallet is “${statusNames[status]}”`}
        >
          {status === null
            ? 'Wallets are checked on their own once they were used. It can be done now on a person’s page.'
            : 'Choose another status to see the others.'}
        </EmptyState>
      )}
      {items !== null && items.length > 0 && <ReconciliationList items={items} onOpen={setOpened} />}
      <ListEnd pages={pages} />
      {opened !== null && (
        <CheckDrawer person={opened} onClose={() => setOpened(null)} onChecked={showChecked} />
      )}
    </>
  );
}
