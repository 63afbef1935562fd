import { Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import type { Role } from '../../../../../contracts/api/account/auth.ts';
import type { UserDetail } from '../../../../../contracts/api/tenant/policies.ts';
import { nameOf } from '../../../lib/person.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { useUser } from '../../auth/auth-context.tsx';
import { changeUser } from '../api/users.ts';
import { roleMeanings, roleNames, rolesToGive } from '../role-words.ts';

type RoleDialogProps = { detail: UserDetail; onClose: () => void; onDone: (detail: UserDetail) => void };

/** Gives a user another role, up to the caller's own. */
export function RoleDialog({ detail, onClose, onDone }: RoleDialogProps) {
  const { user } = detail;
  const me = useUser();
  const [role, setRole] = useState<Role>(user.role);
  const takes = user.role !== 'user' && role === 'user';
  return (
    <ConfirmDialog
      title={`Change the role of ${nameOf(user)}`}
      action={role === user.role ? 'Change the role' : `Make them ${roleNames[role].toLowerCase()}`}
      isGrave={takes}
      isDisabled={role === user.role}
      mutation={changeUser(user.id, { role })}
      onClose={onClose}
      onDone={onDone}
    >
      <Radio.Group
        label="Role"
        description="Applies to their next request. The audit log shows who changed it."
        value={role}
        onChange={(next) => setRole(next as Role)}
      >
        <Stack gap="sm" mt="sm">
          {rolesToGive(me, user).map((value) => (
            <Radio key={value} value={value} label={roleNames[value]} description={roleMeanings[value]} />
          ))}
        </Stack>
      </Radio.Group>
    </ConfirmDialog>
  );
}
