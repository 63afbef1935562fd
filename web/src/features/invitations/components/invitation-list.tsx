import { ActionIcon, Menu, Text } from '@mantine/core';
import { IconDots, IconLink, IconMailOff } from '@tabler/icons-react';
import type { Invitation } from '../../../../../contracts/api/account/invitations.ts';
import { formatTimeShort } from '../../../lib/format.ts';
import { nameOf } from '../../../lib/person.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import { UserStanding } from '../../users/components/user-standing.tsx';

export type InvitationAction = 'renew' | 'revoke';
type OnAct = (invitation: Invitation, action: InvitationAction) => void;

function Actions({ invitation, onAct }: { invitation: Invitation; onAct: OnAct }) {
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${invitation.email}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconLink size={16} />} onClick={() => onAct(invitation, 'renew')}>
          New link
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          c="var(--mantine-color-error)"
          leftSection={<IconMailOff size={16} />}
          onClick={() => onAct(invitation, 'revoke')}
        >
          Revoke
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const Role = ({ role }: Pick<Invitation, 'role'>) => (
  <UserStanding user={{ role, status: 'active', closed_at: null }} />
);

const inviterOf = ({ invited_by }: Invitation) => (invited_by === null ? 'The platform' : nameOf(invited_by));

const columns: Column<Invitation>[] = [
  {
    id: 'email',
    header: 'Email',
    cell: ({ email }) => (
      <Text size="sm" fw={550} truncate title={email}>
        {email}
      </Text>
    ),
    widthMax: 280,
    sortBy: ({ email }) => email,
    card: 'title',
  },
  {
    id: 'role',
    header: 'Role',
    cell: Role,
    sortBy: ({ role }) => role,
    card: [{ at: 'corner', cell: Role }],
  },
  {
    id: 'level',
    header: 'Level',
    cell: ({ level }) => level?.name ?? 'Default',
    sortBy: ({ level }) => level?.name ?? null,
    card: [],
  },
  { id: 'inviter', header: 'Invited by', cell: inviterOf, widthMax: 200, sortBy: inviterOf, card: [] },
  {
    id: 'expires',
    header: 'Expires',
    cell: ({ expires_at }) => formatTimeShort(expires_at),
    isOneLine: true,
    sortBy: ({ expires_at }) => expires_at,
    card: [{ at: 'foot', cell: ({ expires_at }) => `Expires ${formatTimeShort(expires_at)}` }],
  },
];

/** Invitations that can be accepted, newest first. */
export function InvitationList({ query, onAct }: { query: RowsQuery<Invitation>; onAct: OnAct }) {
  return (
    <DataTable
      label="Open invitations"
      query={query}
      columns={columns}
      keyOf={({ id }) => id}
      actions={(invitation) => <Actions invitation={invitation} onAct={onAct} />}
      empty={null}
    />
  );
}
