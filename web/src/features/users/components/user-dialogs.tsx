import { Alert, Select, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserDetail } from '../../../../../contracts/api/tenant/policies.ts';
import { notify } from '../../../lib/notify.ts';
import { nameOf } from '../../../lib/person.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { levelsInUseQuery } from '../../levels/api/levels.ts';
import { PolicyChanges } from '../../policy/components/policy-changes.tsx';
import { effectivePolicyOn } from '../../policy/override.ts';
import { changeUser, signOutEverywhere } from '../api/users.ts';

type UserDialogProps = {
  detail: UserDetail;
  onClose: () => void;
  onDone: (detail: UserDetail) => void;
};

/** Disables a user, or enables them again. */
export function StatusDialog({ detail, onClose, onDone }: UserDialogProps) {
  const { user } = detail;
  const name = nameOf(user);
  const disables = user.status === 'active';
  return (
    <ConfirmDialog
      title={disables ? `Disable ${name}?` : `Enable ${name}?`}
      action={disables ? 'Disable' : 'Enable'}
      isGrave={disables}
      mutation={changeUser(user.id, { status: disables ? 'disabled' : 'active' })}
      onClose={onClose}
      onDone={onDone}
    >
      {disables
        ? 'They are signed out everywhere at once and cannot run anything. Running executions finish and are charged. Their wallet and history are kept.'
        : 'They can sign in again and use the wallet they had.'}
    </ConfirmDialog>
  );
}

/** Ends every session of a user. They can sign in again. */
export function SignOutDialog({ detail, onClose }: Pick<UserDialogProps, 'detail' | 'onClose'>) {
  const name = nameOf(detail.user);
  return (
    <ConfirmDialog
      title={`Sign ${name} out everywhere?`}
      action="Sign out everywhere"
      isGrave
      mutation={signOutEverywhere(detail.user.id)}
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
      Every device asks for their password again. Nothing else changes.
    </ConfirmDialog>
  );
}

/** Moves a user to another level, and shows the changes of their policy before. */
export function LevelDialog({ detail, onClose, onDone }: UserDialogProps) {
  const { user, effective_policy } = detail;
  const { data: levels } = useQuery(levelsInUseQuery);
  const [levelId, setLevelId] = useState(user.level.id);
  const level = levels?.find(({ id }) => id === levelId);
  // The level of the user may be archived: it is shown, and cannot be chosen again.
  const isListed = levels === undefined || levels.some(({ id }) => id === user.level.id);
  const choices = [...(levels ?? []), ...(isListed ? [] : [user.level])];
  return (
    <ConfirmDialog
      title={`Change the level of ${nameOf(user)}`}
      action="Change the level"
      isDisabled={levelId === user.level.id}
      mutation={changeUser(user.id, { level_id: levelId })}
      onClose={onClose}
      onDone={onDone}
    >
      <Stack>
        <Select
          label="Level"
          data={choices.map(({ id, name }) => ({ value: id, label: name }))}
          value={levelId}
          onChange={(next) => next !== null && setLevelId(next)}
          allowDeselect={false}
          disabled={levels === undefined}
          data-autofocus
        />
        {level !== undefined && level.id !== user.level.id && (
          <>
            <PolicyChanges
              before={effective_policy}
              after={effectivePolicyOn(level.policy, detail.override)}
            />
            <Alert color="gray">
              A larger allocation counts at once. A smaller one applies from the next allocation.
            </Alert>
          </>
        )}
      </Stack>
    </ConfirmDialog>
  );
}
