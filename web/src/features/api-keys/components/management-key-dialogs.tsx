import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type ManagementKey,
  type ManagementKeyWithSecret,
  managementKeyScope,
} from '../../../../../contracts/api/tenant/management-keys.ts';
import { CodeBlock } from '../../../ui/code-block.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { createManagementKey, revokeManagementKey, rotateManagementKey } from '../api/management-keys.ts';
import {
  emptyManagementKeyDraft,
  managementKeyFields,
  managementScopeExplanations,
  managementScopeNames,
  readManagementKey,
} from '../management-key-draft.ts';
import { ExpiryInput } from './expiry-input.tsx';

type WithSecret = { onClose: () => void; onDone: (key: ManagementKeyWithSecret) => void };

/** Creates a key. `onDone` gets it with its secret, which is shown once. */
export function NewManagementKeyDrawer({ onClose, onDone }: WithSecret) {
  const serverForm = useServerForm({
    initial: emptyManagementKeyDraft,
    fields: managementKeyFields,
    read: (draft) => readManagementKey(draft, Date.now()),
    mutation: createManagementKey,
    onClose,
    onDone,
  });
  const { form } = serverForm;
  return (
    <FormDrawer title="New management key" action="Create the key" serverForm={serverForm}>
      <TextInput
        label="Name"
        description="The server that uses the key. The audit log names it."
        placeholder="Our shop"
        maxLength={100}
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Checkbox.Group
        label="Permissions"
        description="Permissions cannot be changed later."
        {...form.getInputProps('scopes')}
      >
        <Stack gap={10} mt={8}>
          {managementKeyScope.options.map((scope) => (
            <Checkbox
              key={scope}
              value={scope}
              label={managementScopeNames[scope]}
              description={managementScopeExplanations[scope]}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      <ExpiryInput
        value={form.values.expires_at}
        error={form.errors.expires_at}
        onChange={(value) => form.setFieldValue('expires_at', value)}
      />
    </FormDrawer>
  );
}

/** Seconds that the current secret keeps working, with their names. */
const graces = [
  { value: '0', label: 'moment' },
  { value: '3600', label: 'hour' },
  { value: '86400', label: 'day' },
  { value: '604800', label: 'week' },
];

/** Gives a key a new secret. The current one keeps working for the chosen time. */
export function RotateManagementKeyDialog({
  managementKey: { id, name },
  ...dialog
}: WithSecret & { managementKey: ManagementKey }) {
  const [grace, setGrace] = useState('86400');
  return (
    <ConfirmDialog
      title={`Rotate the secret of “${name}”?`}
      action="Rotate"
      mutation={rotateManagementKey(id, Number(grace))}
      {...dialog}
    >
      <Stack>
        The new secret is shown once. If the current secret has leaked, revoke the key instead.
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

type RevokeProps = { managementKey: ManagementKey; onClose: () => void; onDone: () => void };

/** Revokes a key. */
export const RevokeManagementKeyDialog = ({ managementKey: { id, name }, ...dialog }: RevokeProps) => (
  <ConfirmDialog
    title={`Revoke “${name}”?`}
    action="Revoke"
    isGrave
    mutation={revokeManagementKey(id)}
    {...dialog}
  >
    Servers that use this key are refused from their next request. You cannot undo this.
  </ConfirmDialog>
);

type SecretProps = { managementKey: ManagementKeyWithSecret; onClose: () => void };

/** A new secret, shown once. A click outside does not close the dialog. */
export const ManagementSecretDialog = ({ managementKey: { name, secret }, onClose }: SecretProps) => (
  <Modal
    opened
    onClose={onClose}
    size="lg"
    title={`The secret of “${name}”`}
    closeOnClickOutside={false}
    closeOnEscape={false}
    withCloseButton={false}
  >
    <Stack>
      <Alert color="yellow" icon={<IconEyeOff aria-hidden />} title="Copy it now">
        You cannot see this secret again. Keep it on your servers: anyone who has it can use the key.
      </Alert>
      <CodeBlock value={secret} label="Secret" wraps />
      <Group justify="end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  </Modal>
);
