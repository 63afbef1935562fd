import { Alert, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Reconciliation } from '../../../../../contracts/api/reconciliation.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { postRepair } from '../api/reconciliation.ts';

/** Whose wallet it is. */
export type Person = Pick<Reconciliation, 'user_id' | 'user_email'>;

type RepairDialogProps = {
  person: Person;
  onClose: () => void;
  onDone: (repair: Awaited<ReturnType<typeof postRepair>>) => void;
};

/** Writes a difference off, with a reason, by an entry that nobody can take back. */
export function RepairDialog({ person, onClose, onDone }: RepairDialogProps) {
  const [reason, setReason] = useState('');
  // One key as long as the dialog is open: pressing again after a broken connection writes nothing twice.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  return (
    <ConfirmDialog
      title={`Repair the wallet of ${person.user_email}?`}
      action="Repair"
      isGrave
      isDisabled={reason.trim() === ''}
      mutation={{ mutationFn: () => postRepair(person.user_id, reason.trim(), idempotencyKey) }}
      onClose={onClose}
      onDone={onDone}
    >
      <Stack>
        <Alert color="yellow" title="The wallet is believed, the ledger is made to follow">
          One more entry bridges the difference and stays for good; nothing that was written is changed. If
          only the balance shown in lists is wrong, that is written anew, without an entry.
        </Alert>
        <TextInput
          label="Reason"
          description="It stands in the ledger and in the audit log, with your name."
          maxLength={500}
          required
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          data-autofocus
        />
      </Stack>
    </ConfirmDialog>
  );
}
