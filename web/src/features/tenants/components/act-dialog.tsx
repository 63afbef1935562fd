import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import type { TenantDetail } from '../../../../../contracts/api/platform/tenants.ts';
import type { StartedActingSession } from '../../../../../contracts/api/tenant/acting-sessions.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { FormModal } from '../../../ui/form/form-drawer.tsx';
import { useServerForm } from '../../../ui/form/use-server-form.ts';
import { openTenant } from '../api/tenants.ts';
import { readReason } from '../tenant-drafts.ts';

type ActDialogProps = { tenant: TenantDetail; onClose: () => void };

function ReasonDialog({
  tenant,
  onClose,
  onDone,
}: ActDialogProps & { onDone: (opened: StartedActingSession) => void }) {
  const serverForm = useServerForm({
    initial: { reason: '' },
    fields: ['reason'],
    read: readReason,
    mutation: openTenant(tenant.id),
    onClose,
    onDone,
  });
  return (
    <FormModal title={`Act inside ${tenant.name}`} action="Open for 15 minutes" serverForm={serverForm}>
      <Alert color="yellow">
        You get the rights of an admin there. The tenant’s admins see your reason, and everything you change
        is recorded.
      </Alert>
      <Textarea
        label="Reason"
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

/** Opens a tenant for the superadmin: asks for the reason, then offers the link. A browser opens windows for clicks only. */
export function ActDialog({ tenant, onClose }: ActDialogProps) {
  const [opened, setOpened] = useState<StartedActingSession | null>(null);
  if (opened === null) return <ReasonDialog tenant={tenant} onClose={onClose} onDone={setOpened} />;
  return (
    <Modal opened onClose={onClose} title={`${tenant.name} is open for you`}>
      <Stack>
        <Text size="sm">Until {formatTimeShort(opened.session.expires_at)}, in a tab of its own.</Text>
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button
            component="a"
            href={opened.url}
            target="_blank"
            rel="noreferrer"
            leftSection={<IconExternalLink size={17} aria-hidden />}
            onClick={onClose}
            data-autofocus
          >
            Open {tenant.name}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
