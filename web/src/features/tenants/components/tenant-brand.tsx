import { Avatar, Button, Group, Text, TextInput } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import type { TenantDetail } from '../../../../../contracts/api/platform/tenants.ts';
import { notify } from '../../../lib/notify.ts';
import { ColourInput } from '../../../ui/form/colour-input.tsx';
import { FormDrawer } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { changeTenant } from '../api/tenants.ts';
import { brandDraftOf, brandFields, readBrand } from '../tenant-drafts.ts';
import { Section } from './tenant-facts.tsx';

function BrandDrawer({ tenant, onClose }: { tenant: TenantDetail; onClose: () => void }) {
  const serverForm = useServerForm({
    initial: brandDraftOf(tenant),
    fields: brandFields,
    read: readBrand,
    mutation: changeTenant(tenant.id),
    onClose,
    onDone: ({ name }) => {
      onClose();
      notify({ color: 'brand', title: 'Saved', message: `${name} shows its new brand within a minute.` });
    },
  });
  const { form } = serverForm;
  const { errors } = form;
  return (
    <FormDrawer title={`The brand of ${tenant.name}`} serverForm={serverForm}>
      <TextInput label="Name" maxLength={60} required data-autofocus {...form.getInputProps('name')} />
      <TextInput
        label="Tagline"
        description="A line below the name. Optional."
        maxLength={140}
        {...form.getInputProps('tagline')}
        error={errors['branding.tagline']}
      />
      <TextInput
        label="Logo"
        description="An https address, or a path on the tenant’s hostname. Optional."
        maxLength={500}
        {...form.getInputProps('logo_url')}
        error={errors['branding.logo_url']}
      />
      <ColourInput
        label="Colour"
        description="Buttons and links."
        required
        {...form.getInputProps('primary_color')}
        error={errors['branding.primary_color']}
      />
    </FormDrawer>
  );
}

/** The brand of a tenant, with a form to change it. */
export function TenantBrand({ tenant }: { tenant: TenantDetail }) {
  const [isOpen, setOpen] = useState(false);
  const { name, tagline, logo_url, primary_color } = tenant.branding;
  return (
    <Section
      title="Brand"
      action={
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPencil size={15} aria-hidden />}
          onClick={() => setOpen(true)}
        >
          Edit the brand
        </Button>
      }
    >
      <Group gap="md" wrap="nowrap">
        <Avatar
          src={logo_url}
          alt=""
          radius="md"
          size={44}
          color={primary_color}
          variant="filled"
          aria-hidden
        >
          {name.slice(0, 1).toUpperCase()}
        </Avatar>
        <div>
          <Text fw={600}>{name}</Text>
          <Text size="sm" c="dimmed">
            {tagline ?? 'No tagline'} · <span className="figure">{primary_color}</span>
          </Text>
        </div>
      </Group>
      {isOpen && <BrandDrawer tenant={tenant} onClose={() => setOpen(false)} />}
    </Section>
  );
}
