import { Button, Group, Paper, Text } from '@mantine/core';
import { useState } from 'react';
import type { UserWithWallet } from '../../../../../contracts/api/tenant/users.ts';
import { type BulkAction, BulkDialog } from './bulk-dialog.tsx';

type BulkActionsProps = {
  users: UserWithWallet[];
  /** Gets the users that stay chosen: those that failed, or none. */
  onChosen: (users: UserWithWallet[]) => void;
};

/** Actions for the chosen users. Nothing without any. */
export function BulkActions({ users, onChosen }: BulkActionsProps) {
  // The users at the time of the click: the list is read again while they are changed.
  const [opened, setOpened] = useState<{ action: BulkAction; users: UserWithWallet[] } | null>(null);
  if (users.length === 0 && opened === null) return null;
  const open = (action: BulkAction) => setOpened({ action, users });
  return (
    <>
      <Paper withBorder p="xs" mb="md" component="section" aria-label="Chosen users">
        <Group gap="xs">
          <Text size="sm" fw={550} px="xs" aria-live="polite">
            {users.length} chosen
          </Text>
          <Button size="xs" variant="default" onClick={() => open('level')}>
            Change the level
          </Button>
          <Button size="xs" variant="default" onClick={() => open('disable')}>
            Disable
          </Button>
          <Button size="xs" variant="default" onClick={() => open('enable')}>
            Enable
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={() => onChosen([])}>
            Clear
          </Button>
        </Group>
      </Paper>
      {opened !== null && (
        <BulkDialog {...opened} onClose={() => setOpened(null)} onDone={(failed) => onChosen(failed)} />
      )}
    </>
  );
}
