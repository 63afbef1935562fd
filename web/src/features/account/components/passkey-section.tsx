import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Factor } from '../../../../../contracts/api/account/factors.ts';
import { renameFactorRequest } from '../../../../../contracts/api/account/factors.ts';
import { readForm } from '../../../lib/form-errors.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { knowsPasskeys } from '../../../lib/passkeys.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { addPasskey, factorsQuery, removeFactor, renameFactor } from '../api/factors.ts';
import { AccountForm, AccountSection } from './account-form.tsx';
import { CodesDialog } from './codes-dialog.tsx';

const readName = (draft: { name: string }) =>
  readForm(renameFactorRequest, draft, { name: 'Use 1 to 60 characters' });

function AddForm({ onCodes }: { onCodes: (codes: string[] | null) => void }) {
  const serverForm = useServerForm({
    initial: { name: '' },
    fields: ['name'],
    read: readName,
    mutation: addPasskey,
    onDone: ({ recovery_codes }) => {
      serverForm.form.reset();
      onCodes(recovery_codes);
    },
  });
  return (
    <AccountForm serverForm={serverForm} action="Add a passkey">
      <TextInput
        label="New passkey"
        description="A name that helps you recognize it, such as the name of your device."
        maxLength={60}
        {...serverForm.form.getInputProps('name')}
      />
    </AccountForm>
  );
}

function RenameDialog({ passkey, onClose }: { passkey: Factor; onClose: () => void }) {
  const serverForm = useServerForm({
    initial: { name: passkey.name },
    fields: ['name'],
    read: readName,
    mutation: renameFactor(passkey.id),
    onDone: onClose,
  });
  return (
    <Modal opened onClose={onClose} title="Rename the passkey">
      <AccountForm serverForm={serverForm} action="Save the name">
        <TextInput label="Name" maxLength={60} {...serverForm.form.getInputProps('name')} />
      </AccountForm>
    </Modal>
  );
}

type RowProps = { passkey: Factor; onRename: () => void; onRemove: () => void };

function PasskeyRow({ passkey, onRename, onRemove }: RowProps) {
  const { name, hostname, created_at, last_used_at } = passkey;
  const isElsewhere = hostname !== window.location.hostname;
  return (
    <Group justify="space-between" component="li">
      <div>
        <Text fw={550}>{name}</Text>
        <Text size="sm" c="dimmed">
          Added {formatTimeShort(created_at)}
          {last_used_at !== null && `, last used ${formatTimeShort(last_used_at)}`}
          {isElsewhere && `, works at ${hostname}`}
        </Text>
      </div>
      <Group gap="xs">
        <Button variant="default" size="xs" aria-label={`Rename ${name}`} onClick={onRename}>
          Rename
        </Button>
        <Button variant="default" size="xs" aria-label={`Remove ${name}`} onClick={onRemove}>
          Remove
        </Button>
      </Group>
    </Group>
  );
}

/** Passkeys: those that there are, and another one. */
export function PasskeySection() {
  const { data } = useQuery(factorsQuery);
  const [open, setOpen] = useState<{ dialog: 'rename' | 'remove'; passkey: Factor } | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const close = () => setOpen(null);
  const passkeys = data?.factors.filter(({ kind }) => kind === 'passkey') ?? [];
  return (
    <AccountSection
      title="Passkeys"
      about="A passkey signs you in with a fingerprint, your face or a PIN, without the password."
    >
      <Stack>
        {passkeys.length > 0 && (
          <Stack component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
            {passkeys.map((passkey) => (
              <PasskeyRow
                key={passkey.id}
                passkey={passkey}
                onRename={() => setOpen({ dialog: 'rename', passkey })}
                onRemove={() => setOpen({ dialog: 'remove', passkey })}
              />
            ))}
          </Stack>
        )}
        {knowsPasskeys() ? (
          <AddForm onCodes={setCodes} />
        ) : (
          <Text size="sm">This browser does not support passkeys.</Text>
        )}
      </Stack>
      {open?.dialog === 'rename' && <RenameDialog passkey={open.passkey} onClose={close} />}
      {open?.dialog === 'remove' && (
        <ConfirmDialog
          title={`Remove ${open.passkey.name}?`}
          action="Remove"
          isGrave
          mutation={removeFactor(open.passkey.id)}
          onClose={close}
          onDone={close}
        >
          It no longer signs you in. Delete it from your device as well.
        </ConfirmDialog>
      )}
      {codes !== null && <CodesDialog codes={codes} onClose={() => setCodes(null)} />}
    </AccountSection>
  );
}
