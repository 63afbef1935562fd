import { Button, Drawer, Group, Progress, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { ReconciliationReport } from '../../../../../contracts/api/reconciliation.ts';
import type { UserSummary } from '../../../../../contracts/api/tenant/users.ts';
import { notify } from '../../../lib/notify.ts';
import { nameOf } from '../../../lib/person.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { ExportButton } from '../../wallet/components/export-button.tsx';
import { checkWallet, repairWallet } from '../api/reconciliation.ts';
import { RepairDialog } from './repair-dialog.tsx';
import { ReportView } from './report-view.tsx';

function Checking() {
  return (
    <Stack gap="xs" role="status">
      <Text size="sm">Comparing the wallet with its ledger and its executions.</Text>
      <Progress value={100} animated aria-label="Checking" />
    </Stack>
  );
}

type OutcomeProps = {
  report: ReconciliationReport;
  onAgain: () => void;
  onRepair: () => void;
};

function Outcome({ report, onAgain, onRepair }: OutcomeProps) {
  const { role } = useUser();
  const { status, user } = report.reconciliation;
  return (
    <Stack>
      <ReportView report={report} />
      <Group>
        <Button variant="default" size="xs" onClick={onAgain}>
          Check again from the first entry
        </Button>
        <ExportButton userId={user.id} name={user.email} />
        {status === 'different' && role === 'superadmin' && (
          <Button size="xs" color="red.9" onClick={onRepair}>
            Repair
          </Button>
        )}
      </Group>
      {status === 'different' && role !== 'superadmin' && (
        <Text size="sm" c="dimmed">
          Only a superadmin can repair it.
        </Text>
      )}
    </Stack>
  );
}

/** Checks a wallet when it opens, and shows the report. */
export function CheckDrawer({ user, onClose }: { user: UserSummary; onClose: () => void }) {
  const { mutate, error, variables } = useMutation(checkWallet);
  const [report, setReport] = useState<ReconciliationReport | null>(null);
  const [isRepairing, setRepairing] = useState(false);
  const { id: userId } = user;

  const check = useCallback(
    (full: boolean) => {
      setReport(null);
      mutate({ userId, full }, { onSuccess: setReport });
    },
    [mutate, userId],
  );
  useEffect(() => check(false), [check]);

  return (
    <Drawer opened onClose={onClose} position="right" size="md" title={`Wallet of ${nameOf(user)}`}>
      {report === null && error === null && <Checking />}
      {error !== null && <ErrorAlert error={error} onRetry={() => check(variables?.full ?? false)} />}
      {report !== null && (
        <Outcome report={report} onAgain={() => check(true)} onRepair={() => setRepairing(true)} />
      )}
      {isRepairing && (
        <RepairDialog
          name={nameOf(user)}
          repair={(reason, idempotencyKey) => repairWallet(userId, reason, idempotencyKey)}
          onClose={() => setRepairing(false)}
          onDone={(repair) => {
            setRepairing(false);
            setReport(repair.report);
            notify({
              color: 'brand',
              title: 'Repaired',
              message:
                repair.seq === null
                  ? 'The balance in lists is corrected. No entry was needed.'
                  : `Entry ${repair.seq} of the ledger bridges the difference.`,
            });
          }}
        />
      )}
    </Drawer>
  );
}
