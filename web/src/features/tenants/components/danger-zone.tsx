import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { TenantDetail } from '../../../../../contracts/api/platform/tenants.ts';
import { formatDate } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { FormModal } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { changeTenant, deleteTenant, resumeTenant } from '../api/tenants.ts';
import { readConfirmation, readSlug, readSuspension } from '../tenant-drafts.ts';
import { Section } from './tenant-facts.tsx';

type DialogProps = { tenant: TenantDetail; onClose: () => void; onDone: (message: string) => void };

function SuspendDialog({ tenant, onClose, onDone }: DialogProps) {
  const serverForm = useServerForm({
    initial: { reason: '' },
    fields: ['reason'],
    read: readSuspension,
    mutation: changeTenant(tenant.id),
    onClose,
    onDone: () => onDone(`${tenant.name} refuses every request from now on.`),
  });
  return (
    <FormModal title={`Suspend ${tenant.name}?`} action="Suspend" serverForm={serverForm}>
      <Text size="sm">
        Its users cannot sign in or run anything until you resume it. Running executions finish. All data is
        kept.
      </Text>
      <Textarea
        label="Reason"
        description="For superadmins. The tenant’s users do not see it."
        maxLength={500}
        autosize
        minRows={2}
        required
        data-autofocus
        {...serverForm.form.getInputProps('reason')}
      />
    </FormModal>
  );
}

function ResumeDialog({ tenant, onClose, onDone }: DialogProps) {
  const restores = tenant.status === 'deleting';
  return (
    <ConfirmDialog
      title={`${restores ? 'Restore' : 'Resume'} ${tenant.name}?`}
      action={restores ? 'Restore' : 'Resume'}
      mutation={resumeTenant(tenant.id)}
      onClose={onClose}
      onDone={() => onDone(`${tenant.name} can be used again.`)}
    >
      Its users can sign in and run prompts again, with everything they had.
    </ConfirmDialog>
  );
}

function SlugDialog({ tenant, onClose, onDone }: DialogProps) {
  const serverForm = useServerForm({
    initial: { slug: tenant.slug },
    fields: ['slug'],
    read: readSlug,
    mutation: changeTenant(tenant.id),
    onClose,
    onDone: ({ hostnames }) => onDone(`${tenant.name} answers at ${hostnames[0]} now.`),
  });
  return (
    <FormModal title={`Change the slug of ${tenant.name}`} action="Change the slug" serverForm={serverForm}>
      <Text size="sm">
        The hostname changes at once, and programs that call the former one fail. Nobody else can take the
        former slug for 30 days. Own domains are not affected.
      </Text>
      <TextInput
        label="Slug"
        maxLength={40}
        required
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
        {...serverForm.form.getInputProps('slug')}
      />
    </FormModal>
  );
}

function DeleteDialog({ tenant, onClose, onDone }: DialogProps) {
  const serverForm = useServerForm({
    initial: { slug: '' },
    fields: ['slug'],
    read: (draft) => readConfirmation(draft, tenant.slug),
    mutation: deleteTenant(tenant.id),
    isReviewed: () => true,
    onClose,
    onDone: ({ deletion_due_at }) =>
      onDone(`You can restore it until ${deletion_due_at === null ? 'then' : formatDate(deletion_due_at)}.`),
  });
  return (
    <FormModal
      title={`Delete ${tenant.name}?`}
      action="Review"
      serverForm={serverForm}
      review={() => ({
        content: (
          <Text size="sm">
            {tenant.name} and its {tenant.users} {tenant.users === 1 ? 'user' : 'users'} are locked out now.
            In 30 days all prompts, answers, keys and personal data are erased for good. Ledgers and
            executions stay.
          </Text>
        ),
        action: `Delete ${tenant.name}`,
        isGrave: true,
      })}
    >
      <Text size="sm">Download an export first if somebody may need it.</Text>
      <TextInput
        label={`Enter “${tenant.slug}” to confirm`}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        data-autofocus
        {...serverForm.form.getInputProps('slug')}
      />
    </FormModal>
  );
}

type Action = { title: string; text: string; button: ReactNode };

const ActionRow = ({ title, text, button }: Action) => (
  <Group justify="space-between" gap="sm" wrap="nowrap">
    <div>
      <Text size="sm" fw={550}>
        {title}
      </Text>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </div>
    {button}
  </Group>
);

const dialogs = { suspend: SuspendDialog, resume: ResumeDialog, slug: SlugDialog, delete: DeleteDialog };

/** Changes that lock people out. The platform's own tenant and deleted ones have none. */
export function DangerZone({ tenant }: { tenant: TenantDetail }) {
  const [open, setOpen] = useState<keyof typeof dialogs | null>(null);
  const { status, is_platform } = tenant;
  if (is_platform || status === 'deleted') return null;
  const close = () => setOpen(null);
  const buttonTo = (dialog: keyof typeof dialogs, label: string, isGrave = false) => (
    <Button
      variant={isGrave ? 'filled' : 'default'}
      color={isGrave ? 'red.9' : 'brand'}
      onClick={() => setOpen(dialog)}
      flex="none"
    >
      {label}
    </Button>
  );
  const Dialog = open === null ? null : dialogs[open];
  return (
    <Section title="Danger zone">
      <Stack gap="lg">
        <ActionRow
          title="Slug"
          text={`Part of the hostname: ${tenant.slug}.`}
          button={buttonTo('slug', 'Change')}
        />
        {status === 'active' ? (
          <ActionRow
            title="Suspend"
            text="Refuses every request within a second. Keeps all data."
            button={buttonTo('suspend', 'Suspend')}
          />
        ) : (
          <ActionRow
            title={status === 'suspended' ? 'Resume' : 'Restore'}
            text="Lets its users in again."
            button={buttonTo('resume', status === 'suspended' ? 'Resume' : 'Restore')}
          />
        )}
        {status !== 'deleting' && (
          <ActionRow
            title="Delete"
            text="Locks everybody out now, and erases it in 30 days."
            button={buttonTo('delete', 'Delete', true)}
          />
        )}
      </Stack>
      {Dialog !== null && (
        <Dialog
          tenant={tenant}
          onClose={close}
          onDone={(message) => {
            close();
            notify({ color: 'brand', title: 'Done', message });
          }}
        />
      )}
    </Section>
  );
}
