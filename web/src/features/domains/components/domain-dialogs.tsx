import { Text, TextInput } from '@mantine/core';
import type { Domain } from '../../../../../contracts/api/tenant/domains.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { FormModal } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { addDomain, removeDomain } from '../api/domains.ts';
import { domainFields, emptyDomain, readDomain } from '../domain-draft.ts';

type AddDialogProps = { onClose: () => void; onDone: (domain: Domain) => void };

/** Adds a domain. Its records follow on the page. */
export function AddDomainDialog({ onClose, onDone }: AddDialogProps) {
  const serverForm = useServerForm({
    initial: emptyDomain,
    fields: domainFields,
    read: readDomain,
    mutation: addDomain,
    onClose,
    onDone,
  });
  return (
    <FormModal title="Add a domain" action="Add" serverForm={serverForm}>
      <TextInput
        label="Hostname"
        description="A hostname that you own, such as ai.acme.com. You then set DNS records for it."
        maxLength={300}
        required
        data-autofocus
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        {...serverForm.form.getInputProps('hostname')}
      />
    </FormModal>
  );
}

type RemoveDialogProps = { domain: Domain; onClose: () => void; onDone: () => void };

/** Removes a domain. */
export function RemoveDomainDialog({ domain: { id, hostname }, onClose, onDone }: RemoveDialogProps) {
  return (
    <ConfirmDialog
      title={`Remove ${hostname}?`}
      action="Remove"
      isGrave
      mutation={removeDomain(id)}
      onClose={onClose}
      onDone={onDone}
    >
      <Text size="sm">
        The hostname stops answering within a minute, for people and for programs. To add it again, you have
        to prove anew that it is yours. Delete its DNS records afterwards.
      </Text>
    </ConfirmDialog>
  );
}
