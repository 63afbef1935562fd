import { Button, Drawer, Group, Progress, Stack, Text } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { Reconciliation, ReconciliationReport } from '../../../../../contracts/api/reconciliation.ts';
import { notify } from '../../../lib/notify.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { ExportButton } from '../../wallet/components/export-button.tsx';
import { postReconciliation } from '../api/reconciliation.ts';
import { type Person, RepairDialog } from './repair-dialog.tsx';
import { ReportView } from './report-view.tsx';

type CheckDrawerProps = {
  person: Person;
  onClose: () => void;
  /** For a list that shows the outcome; must be stable. */
  onChecked?: (reconciliation: Reconciliation) => void;
};

function Checking() {
  return (
    <Stack gap="xs" role="status">
      <Text size="sm">Adding up the ledger, and comparing it with the wallet and the executions.</Text>
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
  const { status, user_id } = report.reconciliation;
  return (
    <Stack>
      <ReportView report={report} />
      <Group>
        <Button variant="default" size="xs" onClick={onAgain}>
          Check again from the first entry
        </Button>
        <ExportButton userId={user_id} name={report.reconciliation.user_email} />
        {status === 'different' && role === 'superadmin' && (
          <Button size="xs" color="red.9" onClick={onRepair}>
            Repair
          </Button>
        )}
      </Group>
      {status === 'different' && role !== 'superadmin' && (
        <Text size="sm" c="dimmed">
          Only a superadmin may repair it, by one more entry that says why.
        </Text>
      )}
    </Stack>
  );
}

/** Checks a wallet as it opens, and shows what was found. */
export function CheckDrawer({ person, onClose, onChecked }: CheckDrawerProps) {
  const [isFull, setFull] = useState(false);
  const [isRepairing, setRepairing] = useState(false);
  const { user_id } = person;
  const check = useCallback(async () => {
    const report = await postReconciliation(user_id, isFull);
    onChecked?.(report.reconciliation);
    return report;
  }, [user_id, isFull, onChecked]);
  const { value: report, error, reload, replace } = useAnswer(check);

  function again() {
    // From the first entry once; the second time the same question is only asked again.
    if (isFull) reload();
    else setFull(true);
  }

  return (
    <Drawer opened onClose={onClose} position="right" size="md" title={`Wallet of ${person.user_email}`}>
      {report === null && error === null && <Checking />}
      {error !== null && <ErrorAlert error={error} onRetry={reload} />}
      {report !== null && <Outcome report={report} onAgain={again} onRepair={() => setRepairing(true)} />}
      {isRepairing && (
        <RepairDialog
          person={person}
          onClose={() => setRepairing(false)}
          onDone={(repair) => {
            setRepairing(false);
            replace(repair.report);
            onChecked?.(repair.report.reconciliation);
            notify({
              color: 'brand',
              title: 'Repaired',
              message:
                repair.seq === null
                  ? 'The balance shown in lists was written anew. No entry was needed.'
                  : `Entry ${repair.seq} of the ledger bridges the difference.`,
            });
          }}
        />
      )}
    </Drawer>
  );
}
