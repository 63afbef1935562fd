import { Alert, Button, Group, List, Modal, Progress, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserPatch } from '../../../../../contracts/api/tenant/policies.ts';
import type { UserWithWallet } from '../../../../../contracts/api/tenant/users.ts';
import { nameOf } from '../../../lib/person.ts';
import { levelsInUseQuery } from '../../levels/api/levels.ts';
import { changeUsers } from '../api/users.ts';
import type { FailedChange } from '../change-each.ts';

export type BulkAction = 'level' | 'disable' | 'enable';

const titles = { level: 'Change the level of', disable: 'Disable', enable: 'Enable' } as const;
const actions = { level: 'Change the level', disable: 'Disable', enable: 'Enable' } as const;
const consequences = {
  level: 'A larger allocation counts at once. A smaller one applies from the next allocation.',
  disable:
    'They are signed out everywhere at once and cannot run anything. Running executions finish and are charged. Their wallets and history are kept.',
  enable: 'They can sign in again and use the wallets they had.',
} as const;

const usersText = (count: number) => (count === 1 ? '1 user' : `${count} users`);

function Outcome({ failed, changed }: { failed: FailedChange<UserWithWallet>[]; changed: number }) {
  if (failed.length === 0) return <Alert color="green">{usersText(changed)} changed.</Alert>;
  return (
    <Alert color="red" title={`${usersText(failed.length)} not changed, ${changed} changed`}>
      <List size="sm">
        {failed.map(({ item, error }) => (
          <List.Item key={item.id}>
            {nameOf(item)}: {error.message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function LevelChoice({ levelId, onChange }: { levelId: string | null; onChange: (id: string) => void }) {
  const { data: levels } = useQuery(levelsInUseQuery);
  return (
    <Select
      label="Level"
      placeholder="Choose a level"
      data={(levels ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={levelId}
      onChange={(next) => next !== null && onChange(next)}
      allowDeselect={false}
      disabled={levels === undefined}
      data-autofocus
    />
  );
}

type BulkDialogProps = {
  action: BulkAction;
  users: UserWithWallet[];
  onClose: () => void;
  /** Gets the users that were not changed. */
  onDone: (failed: UserWithWallet[]) => void;
};

/** Asks for confirmation, changes one user after the other, and lists those that failed. */
export function BulkDialog({ action, users, onClose, onDone }: BulkDialogProps) {
  const [levelId, setLevelId] = useState<string | null>(null);
  const [done, setDone] = useState(0);
  const patch: UserPatch =
    action === 'level'
      ? levelId === null
        ? {}
        : { level_id: levelId }
      : { status: action === 'disable' ? 'disabled' : 'active' };
  const { mutate, isPending, data: failed } = useMutation(changeUsers(users, patch, setDone));
  const start = () => mutate(undefined, { onSuccess: (left) => onDone(left.map(({ item }) => item)) });
  const isOver = failed !== undefined;
  return (
    <Modal
      opened
      onClose={() => !isPending && onClose()}
      withCloseButton={!isPending}
      title={`${titles[action]} ${usersText(users.length)}${action === 'level' ? '' : '?'}`}
    >
      <Stack>
        {!isOver && action === 'level' && <LevelChoice levelId={levelId} onChange={setLevelId} />}
        {!isOver && <Text size="sm">{consequences[action]}</Text>}
        {isPending && (
          <div>
            <Progress.Root>
              <Progress.Section value={(100 * done) / users.length} aria-label="Users done" />
            </Progress.Root>
            <Text size="xs" c="dimmed" mt={4}>
              {done} of {users.length} done. Keep this page open.
            </Text>
          </div>
        )}
        {isOver && <Outcome failed={failed} changed={users.length - failed.length} />}
        <Group justify="end">
          {isOver ? (
            <Button onClick={onClose}>Close</Button>
          ) : (
            <>
              <Button variant="default" onClick={onClose} disabled={isPending}>
                Cancel
              </Button>
              <Button
                color={action === 'disable' ? 'red.9' : 'brand'}
                onClick={start}
                loading={isPending}
                disabled={action === 'level' && levelId === null}
              >
                {actions[action]}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
