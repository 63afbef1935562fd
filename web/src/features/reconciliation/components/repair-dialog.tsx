import { Alert, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { UserSummary } from '../../../../../contracts/api/users.ts';
import { nameOf } from '../../../lib/person.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { repairWallet, type WalletRepair } from '../api/reconciliation.ts';

type RepairDialogProps = {
  user: UserSummary;
  onClose: () => void;
  onDone: (repair: WalletRepair) => void;
};

/** Adds an entry that bridges a difference, with a reason. It cannot be undone. */
export function RepairDialog({ user, onClose, onDone }: RepairDialogProps) {
  const [reason, setReason] = useState('');
  // One key while the dialog is open: sending again after a broken connection writes nothing twice.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  return (
    <ConfirmDialog
      title={`Repair the wallet of ${nameOf(user)}?`}
      action="Repair"
      isGrave
      isDisabled={reason.trim() === ''}
      mutation={repairWallet(user.id, reason.trim(), idempotencyKey)}
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
