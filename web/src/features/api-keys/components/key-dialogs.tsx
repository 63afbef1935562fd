import { NativeSelect, Stack } from '@mantine/core';
import { useState } from 'react';
import type { ApiKey, ApiKeyWithSecret } from '../../../../../contracts/api/api-keys.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { revokeApiKey, rotateApiKey } from '../api/api-keys.ts';

/** Seconds the previous secret still works, with their names. Zero means a minute: caches hold a secret that long. */
const graces = [
  { value: '0', label: 'minute' },
  { value: '3600', label: 'hour' },
  { value: '86400', label: 'day' },
  { value: '604800', label: 'week' },
  { value: '2592000', label: '30 days' },
];
const A_DAY = '86400';

type RotateDialogProps = { apiKey: ApiKey; onClose: () => void; onDone: (key: ApiKeyWithSecret) => void };

/** Gives a key a new secret, and the programs that know the previous one time to learn it. */
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
        It gets a new secret, shown to you once. Has the secret leaked? Then revoke the key instead: that ends
        it at once.
        <NativeSelect
          label="The current secret works for another"
          data={graces}
          value={grace}
          onChange={({ currentTarget }) => setGrace(currentTarget.value)}
        />
      </Stack>
    </ConfirmDialog>
  );
}

type RevokeDialogProps = { apiKey: ApiKey; isOwn: boolean; onClose: () => void; onDone: () => void };

/** Ends a key for good. */
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
      Programs that use {isOwn ? 'it' : `this key of ${apiKey.user_email}`} are refused from their next
      request on. This cannot be taken back.
    </ConfirmDialog>
  );
}
