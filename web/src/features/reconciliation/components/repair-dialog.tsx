import { Alert, Stack, TextInput } from '@mantine/core';
import type { UseMutationOptions } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiError } from '../../../lib/api-client.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';

type RepairDialogProps<Repair> = {
  /** The owner of the wallet. */
  name: string;
  repair: (reason: string, idempotencyKey: string) => UseMutationOptions<Repair, ApiError, void>;
  onClose: () => void;
  onDone: (repair: Repair) => void;
};

/** Adds an entry that bridges a difference, with a reason. It cannot be undone. */
export function RepairDialog<Repair>({ name, repair, onClose, onDone }: RepairDialogProps<Repair>) {
  const [reason, setReason] = useState('');
  // One key while the dialog is open: sending again after a broken connection writes nothing twice.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  return (
    <ConfirmDialog
      title={`Repair the wallet of ${name}?`}
      action="Repair"
      isGrave
      isDisabled={reason.trim() === ''}
      mutation={repair(reason.trim(), idempotencyKey)}
      onClose={onClose}
      onDone={onDone}
    >
      <Stack>
        <Alert color="yellow" title="The wallet’s figures are kept">
          A new ledger entry bridges the difference. It cannot be removed, and no existing entry changes. If
          only the balance in lists is wrong, it is written again without an entry.
        </Alert>
        <TextInput
          label="Reason"
          description="Stored in the ledger and in the audit log with your name."
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
