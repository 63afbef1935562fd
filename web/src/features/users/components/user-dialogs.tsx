import { Alert, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import type { UserDetail } from '../../../../../contracts/api/policies.ts';
import { notify } from '../../../lib/notify.ts';
import { nameOf } from '../../../lib/person.ts';
import { useAnswer } from '../../../lib/use-answer.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { fetchLevels } from '../../levels/api/levels.ts';
import { PolicyChanges } from '../../policy/components/policy-changes.tsx';
import { effectivePolicyOn } from '../../policy/override.ts';
import { patchUser, postSignOut } from '../api/users.ts';

type UserDialogProps = {
  detail: UserDetail;
  onClose: () => void;
  onDone: (detail: UserDetail) => void;
};

/** Takes everything a person can do away, or gives it back. */
export function StatusDialog({ detail, onClose, onDone }: UserDialogProps) {
  const { user } = detail;
  const name = nameOf(user);
  const disables = user.status === 'active';
  return (
    <ConfirmDialog
      title={disables ? `Disable ${name}?` : `Enable ${name}?`}
      action={disables ? 'Disable' : 'Enable'}
      isGrave={disables}
      send={() => patchUser(user.id, { status: disables ? 'disabled' : 'active' })}
      onClose={onClose}
      onDone={onDone}
    >
      {disables
        ? 'They are signed out at once, everywhere, and can run nothing more. What is running is finished and charged. Their wallet and history are kept.'
        : 'They can sign in again and go on with the wallet they had.'}
    </ConfirmDialog>
  );
}

/** Ends every session of a person; they may sign in again. */
export function SignOutDialog({ detail, onClose }: Pick<UserDialogProps, 'detail' | 'onClose'>) {
  const name = nameOf(detail.user);
  return (
    <ConfirmDialog
      title={`Sign ${name} out everywhere?`}
      action="Sign out everywhere"
      isGrave
      send={() => postSignOut(detail.user.id)}
      onClose={onClose}
      onDone={() => {
        onClose();
        notify({
          color: 'brand',
          title: 'Signed out everywhere',
          message: `Every session of ${name} has ended.`,
        });
      }}
    >
      Every device they are signed in on asks for the password again. Nothing else changes.
    </ConfirmDialog>
  );
}

/** Moves a person to another level, after a look at what that changes for them. */
export function LevelDialog({ detail, onClose, onDone }: UserDialogProps) {
  const { user, effective_policy } = detail;
  const { value } = useAnswer(fetchLevels);
  const [levelId, setLevelId] = useState(user.level.id);
  const levels = value?.items ?? [];
  const level = levels.find(({ id }) => id === levelId);
  return (
    <ConfirmDialog
      title={`Change the level of ${nameOf(user)}`}
      action="Change the level"
      isDisabled={levelId === user.level.id}
      send={() => patchUser(user.id, { level_id: levelId })}
      onClose={onClose}
      onDone={onDone}
    >
      <Stack>
        <Select
          label="Level"
          data={levels.map(({ id, name }) => ({ value: id, label: name }))}
          value={levelId}
          onChange={(next) => next !== null && setLevelId(next)}
          allowDeselect={false}
          disabled={value === null}
          data-autofocus
        />
        {level !== undefined && level.id !== user.level.id && (
          <>
            <PolicyChanges
              before={effective_policy}
              after={effectivePolicyOn(level.policy, detail.override)}
            />
            <Alert color="gray">
              More tokens count at once. Fewer take nothing back: they show when the next are given.
            </Alert>
          </>
        )}
      </Stack>
    </ConfirmDialog>
  );
}
