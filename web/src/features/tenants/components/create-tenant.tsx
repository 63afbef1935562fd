import { Button, NumberInput, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { CreatedTenant } from '../../../../../contracts/api/platform/tenants.ts';
import { paths } from '../../../lib/paths.ts';
import { useTenant } from '../../../lib/tenant-context.tsx';
import { FormModal } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { LinkDialog } from '../../invitations/components/invitation-dialogs.tsx';
import { createTenant } from '../api/tenants.ts';
import { emptyTenant, newTenantFields, readNewTenant, slugOf } from '../tenant-drafts.ts';

type CreateDialogProps = { onClose: () => void; onDone: (tenant: CreatedTenant) => void };

function CreateDialog({ onClose, onDone }: CreateDialogProps) {
  const serverForm = useServerForm({
    initial: emptyTenant,
    fields: newTenantFields,
    read: readNewTenant,
    mutation: createTenant,
    onClose,
    onDone,
  });
  const { form } = serverForm;
  const { name, slug } = form.values;
  return (
    <FormModal title="Create a tenant" action="Create" serverForm={serverForm}>
      <TextInput
        label="Name"
        maxLength={60}
        required
        data-autofocus
        {...form.getInputProps('name')}
        onChange={({ currentTarget }) => {
          form.setFieldValue('name', currentTarget.value);
          // Follows the name until somebody writes another one.
          if (slug === slugOf(name)) form.setFieldValue('slug', slugOf(currentTarget.value));
        }}
      />
      <TextInput
        label="Slug"
        description="The first part of the hostname."
        maxLength={40}
        required
        autoCapitalize="none"
        spellCheck={false}
        {...form.getInputProps('slug')}
      />
      <TextInput
        label="Email of the first admin"
        description="You get a link to send to them."
        type="email"
        maxLength={254}
        required
        {...form.getInputProps('admin_email')}
      />
      <NumberInput
        label="Budget in US dollars"
        description="Prepaid. Without one, the tenant cannot use the platform’s models yet. Optional."
        min={0}
        clampBehavior="none"
        decimalScale={6}
        allowNegative={false}
        thousandSeparator=","
        prefix="$"
        hideControls
        {...form.getInputProps('budget_usd')}
        error={form.errors.budget}
      />
    </FormModal>
  );
}

/** Creates a tenant, shows the link of its first admin, and then the tenant. */
export function CreateTenantButton() {
  const [isOpen, setOpen] = useState(false);
  const [created, setCreated] = useState<CreatedTenant | null>(null);
  const navigate = useNavigate();
  const { sends_mail } = useTenant();
  return (
    <>
      <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpen(true)}>
        Create a tenant
      </Button>
      {isOpen && (
        <CreateDialog
          onClose={() => setOpen(false)}
          onDone={(tenant) => {
            setOpen(false);
            setCreated(tenant);
          }}
        />
      )}
      {created !== null && (
        <LinkDialog
          invitation={{ ...created.invitation, is_mailed: sends_mail }}
          onClose={() => navigate(paths.tenant(created.id))}
        />
      )}
    </>
  );
}
