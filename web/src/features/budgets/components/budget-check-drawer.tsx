import { Button, Drawer, Group, Progress, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { TenantReconciliationReport } from '../../../../../contracts/api/reconciliation.ts';
import { notify } from '../../../lib/notify.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { RepairDialog } from '../../reconciliation/components/repair-dialog.tsx';
import { ReportView } from '../../reconciliation/components/report-view.tsx';
import { checkTenantWallet, repairTenantWallet } from '../api/budgets.ts';

type BudgetCheckDrawerProps = { tenant: { id: string; name: string }; onClose: () => void };

/** Checks the wallet that keeps a budget when it opens, and shows the report in micro-USD. */
export function BudgetCheckDrawer({ tenant, onClose }: BudgetCheckDrawerProps) {
  const { mutate, error, variables } = useMutation(checkTenantWallet(tenant.id));
  const [report, setReport] = useState<TenantReconciliationReport | null>(null);
  const [isRepairing, setRepairing] = useState(false);

  const check = useCallback(
    (full: boolean) => {
      setReport(null);
      mutate({ full }, { onSuccess: setReport });
    },
    [mutate],
  );
  useEffect(() => check(false), [check]);

  return (
    <Drawer opened onClose={onClose} position="right" size="md" title={`Budget of ${tenant.name}`}>
      {report === null && error === null && (
        <Stack gap="xs" role="status">
          <Text size="sm">Comparing the wallet with its ledger and its executions.</Text>
          <Progress value={100} animated aria-label="Checking" />
        </Stack>
      )}
      {error !== null && <ErrorAlert error={error} onRetry={() => check(variables?.full ?? false)} />}
      {report !== null && (
        <Stack>
          <ReportView report={report} />
          <Text size="xs" c="dimmed">
            Figures are in micro-USD. Open leases have spent what is not charged yet.
          </Text>
          <Group>
            <Button variant="default" size="xs" onClick={() => check(true)}>
              Check again from the first entry
            </Button>
            {report.reconciliation.status === 'different' && (
              <Button size="xs" color="red.9" onClick={() => setRepairing(true)}>
                Repair
              </Button>
            )}
          </Group>
        </Stack>
      )}
      {isRepairing && (
        <RepairDialog
          name={tenant.name}
          repair={(reason, idempotencyKey) => repairTenantWallet(tenant.id, reason, idempotencyKey)}
          onClose={() => setRepairing(false)}
          onDone={(repair) => {
            setRepairing(false);
            setReport(repair.report);
            notify({
              color: 'brand',
              title: 'Repaired',
              message:
                repair.seq === null
                  ? 'The copies in the database are corrected. No entry was needed.'
                  : `Entry ${repair.seq} of the ledger bridges the difference.`,
            });
          }}
        />
      )}
    </Drawer>
  );
}
