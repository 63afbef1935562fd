import { Alert, Button, Group, Modal, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconEyeOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Invitation, InvitationWithLink } from '../../../../../contracts/api/account/invitations.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { CodeBlock } from '../../../ui/code-block.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { FormModal } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { useUser } from '../../auth/auth-context.tsx';
import { levelsQuery } from '../../levels/api/levels.ts';
import { createInvitation, renewInvitation, revokeInvitation } from '../api/invitations.ts';
import {
  emptyInvitation,
  type InvitationDraft,
  invitationFields,
  readInvitation,
  rolesUpTo,
} from '../invitation-draft.ts';

function Fields({ form }: { form: UseFormReturnType<InvitationDraft> }) {
  const { role } = useUser();
  const { data: levels } = useQuery(levelsQuery);
  return (
    <>
      <TextInput
        label="Email"
        type="email"
        maxLength={254}
        required
        data-autofocus
        {...form.getInputProps('email')}
      />
      <Radio.Group label="Role" {...form.getInputProps('role')}>
        <Stack gap={10} mt={8}>
          {rolesUpTo(role).map((choice) => (
            <Radio key={choice.value} {...choice} />
          ))}
        </Stack>
      </Radio.Group>
      <NativeSelect
        label="Level"
        description="The models they can use and the allocation they get."
        data={[
          { value: '', label: 'The default level' },
          ...(levels ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
        {...form.getInputProps('level_id')}
      />
    </>
  );
}

type WithLink = { onClose: () => void; onDone: (invitation: InvitationWithLink) => void };

/** Invites somebody. `onDone` gets the invitation with its link, which is shown once. */
export function InviteDialog({ onClose, onDone }: WithLink) {
  const serverForm = useServerForm({
    initial: emptyInvitation,
    fields: invitationFields,
    read: readInvitation,
    mutation: createInvitation,
    onClose,
    onDone,
  });
  return (
    <FormModal title="Invite a user" action="Create the link" serverForm={serverForm}>
      <Fields form={serverForm.form} />
    </FormModal>
  );
}

type LinkDialogProps = {
  invitation: Pick<InvitationWithLink, 'email' | 'link' | 'expires_at' | 'is_mailed'>;
  onClose: () => void;
};

/** The link of an invitation, shown once. A click outside does not close the dialog. */
export function LinkDialog({ invitation, onClose }: LinkDialogProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={`Send this link to ${invitation.email}`}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <Alert color="yellow" icon={<IconEyeOff aria-hidden />} title="Copy it now">
          {invitation.is_mailed
            ? 'It is mailed to them too. You cannot see it again, and whoever opens it first gets the account.'
            : 'You cannot see this link again, and it is not sent by mail. Whoever opens it first gets the account.'}
        </Alert>
        <CodeBlock value={invitation.link} label="Link" wraps />
        <Text size="sm" c="dimmed">
          It works once, until {formatTimeShort(invitation.expires_at)}.
        </Text>
        <Group justify="end">
          <Button onClick={onClose}>I have copied it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Makes a new link for an invitation, with the same role and level. */
export function NewLinkDialog({ invitation, ...dialog }: WithLink & { invitation: Invitation }) {
  const { email, role, level } = invitation;
  return (
    <ConfirmDialog
      title={`New link for ${email}?`}
      action="Create the link"
      mutation={renewInvitation({ email, role, ...(level === null ? {} : { level_id: level.id }) })}
      {...dialog}
    >
      The link they have now stops working at once.
    </ConfirmDialog>
  );
}

type RevokeDialogProps = { invitation: Invitation; onClose: () => void; onDone: () => void };

/** Revokes an invitation. */
export function RevokeDialog({ invitation, onClose, onDone }: RevokeDialogProps) {
  return (
    <ConfirmDialog
      title={`Revoke the invitation of ${invitation.email}?`}
      action="Revoke"
      isGrave
      mutation={revokeInvitation(invitation.id)}
      onClose={onClose}
      onDone={onDone}
    >
      Their link stops working at once. You can invite them again.
    </ConfirmDialog>
  );
}
