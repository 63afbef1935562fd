import { Badge, Group } from '@mantine/core';
import type { User } from '../../../../../contracts/api/account/auth.ts';
import tones from '../../../ui/tones.module.css';
import { roleNames } from '../role-words.ts';

const roleTones = { user: 'plain', admin: 'info', superadmin: 'warn' } as const;

/** Role of a user, and a badge when the account is disabled, or closed by its user. */
export function UserStanding({ user }: { user: Pick<User, 'role' | 'status' | 'closed_at'> }) {
  return (
    <Group gap={6} wrap="nowrap">
      <Badge className={tones[roleTones[user.role]]}>{roleNames[user.role]}</Badge>
      {user.status === 'disabled' && (
        <Badge className={tones.bad}>{user.closed_at === null ? 'Disabled' : 'Closed'}</Badge>
      )}
    </Group>
  );
}
