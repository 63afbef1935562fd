import { List, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { UserDetail } from '../../../../../contracts/api/tenant/policies.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { nameOf } from '../../../lib/person.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { removeUserFactors, userFactorsQuery } from '../api/users.ts';

/** Removes the second factors of a user who lost them. */
export function FactorsDialog({ detail, onClose }: { detail: UserDetail; onClose: () => void }) {
  const { id } = detail.user;
  const name = nameOf(detail.user);
  const { data, error } = useQuery(userFactorsQuery(id));
  if (data === undefined || data.factors.length === 0)
    return (
      <Modal opened onClose={onClose} title={`Two-step sign-in of ${name}`}>
        {error !== null && <ErrorAlert error={error} />}
        {data === undefined && error === null && <ListLoading />}
        {data !== undefined && <Text size="sm">{name} has not set it up.</Text>}
      </Modal>
    );
  return (
    <ConfirmDialog
      title={`Remove two-step sign-in of ${name}?`}
      action="Remove it"
      isGrave
      mutation={removeUserFactors(id)}
      onClose={onClose}
      onDone={() => {
        onClose();
        notify({ color: 'brand', title: 'Removed', message: `${name} signs in with the password alone.` });
      }}
    >
      <Stack gap="xs">
        <Text size="sm">
          Do this for somebody who lost their device and their recovery codes, and make sure that it is really
          them who asks. They are signed out, and mailed about it. This removes:
        </Text>
        <List size="sm">
          {data.factors.map((factor) => (
            <List.Item key={factor.id}>
              {factor.name}, added {formatTimeShort(factor.created_at)}
            </List.Item>
          ))}
        </List>
      </Stack>
    </ConfirmDialog>
  );
}
