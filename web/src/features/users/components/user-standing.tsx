import { Badge, Group } from '@mantine/core';
import type { User } from '../../../../../contracts/api/auth.ts';
import tones from '../../../ui/tones.module.css';
import { roleNames } from '../role-words.ts';

const roleTones = { user: 'plain', admin: 'info', superadmin: 'warn' } as const;

/** Role of a user, and a badge when the account is disabled. */
export function UserStanding({ user }: { user: Pick<User, 'role' | 'status'> }) {
  return (
    <Group gap={6} wrap="nowrap">
      <Badge className={tones[roleTones[user.role]]}>{roleNames[user.role]}</Badge>
      {user.status === 'disabled' && <Badge className={tones.bad}>Disabled</Badge>}
    </Group>
  );
}
