import { Alert, Button, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { User } from '../../../../../contracts/api/account/auth.ts';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { changeUser } from '../api/users.ts';

const words = {
  verification: 'Their email address is not verified yet.',
  approval: 'An administrator approves newcomers.',
} as const;

/** Says what the allocation of a newcomer waits for, and gives it. */
export function WaitingAllocation({ user, onDone }: { user: User; onDone: () => void }) {
  const { mutate, isPending, error } = useMutation(changeUser(user.id, { allocation_awaits: null }));
  if (user.allocation_awaits === null) return null;
  return (
    <Alert color="yellow" title="This wallet has no allocation yet">
      <Group justify="space-between">
        <Text size="sm">{words[user.allocation_awaits]}</Text>
        <Button size="xs" loading={isPending} onClick={() => mutate(undefined, { onSuccess: onDone })}>
          Approve
        </Button>
      </Group>
      {error !== null && <ErrorAlert error={error} />}
    </Alert>
  );
}
