import { NativeSelect, Stack } from '@mantine/core';
import { useState } from 'react';
import type { ApiKey, ApiKeyWithSecret } from '../../../../../contracts/api/account/api-keys.ts';
import { nameOf } from '../../../lib/person.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { revokeApiKey, rotateApiKey } from '../api/api-keys.ts';

/** Seconds that the current secret keeps working, with their names. Zero means a minute, because caches hold a secret that long. */
const graces = [
  { value: '0', label: 'minute' },
  { value: '3600', label: 'hour' },
  { value: '86400', label: 'day' },
  { value: '604800', label: 'week' },
  { value: '2592000', label: '30 days' },
];
const A_DAY = '86400';

type RotateDialogProps = { apiKey: ApiKey; onClose: () => void; onDone: (key: ApiKeyWithSecret) => void };

/** Gives a key a new secret. The current one keeps working for the chosen time. */
export function RotateDialog({ apiKey, onClose, onDone }: RotateDialogProps) {
  const [grace, setGrace] = useState(A_DAY);
  return (
    <ConfirmDialog
      title={`Rotate the secret of “${apiKey.name}”?`}
      action="Rotate"
      mutation={rotateApiKey(apiKey.id, Number(grace))}
      onClose={onClose}
      onDone={onDone}
    >
      <Stack>
        The new secret is shown once. If the current secret has leaked, revoke the key instead: revoking
        applies at once.
        <NativeSelect
          label="The current secret keeps working for one more"
          data={graces}
          value={grace}
          onChange={({ currentTarget }) => setGrace(currentTarget.value)}
        />
      </Stack>
    </ConfirmDialog>
  );
}

type RevokeDialogProps = { apiKey: ApiKey; isOwn: boolean; onClose: () => void; onDone: () => void };

/** Revokes a key. */
export function RevokeDialog({ apiKey, isOwn, onClose, onDone }: RevokeDialogProps) {
  return (
    <ConfirmDialog
      title={`Revoke “${apiKey.name}”?`}
      action="Revoke"
      isGrave
      mutation={revokeApiKey(apiKey.id)}
      onClose={onClose}
      onDone={onDone}
    >
      Programs that use {isOwn ? 'this key' : `this key of ${nameOf(apiKey.user)}`} are refused from their
      next request. You cannot undo this.
    </ConfirmDialog>
  );
}
