import { ActionIcon, Avatar, Badge, Group, Menu, Paper, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconAdjustments, IconCirclePlus, IconDots } from '@tabler/icons-react';
import type { UserWithWallet } from '../../../../contracts/api/users.ts';
import { useIsPhone } from '../../hooks/use-is-phone.ts';
import { formatTokens } from '../../lib/format.ts';
import type { WalletCorrection } from '../../services/users.ts';
import list from '../list-card.module.css';
import tones from '../tones.module.css';

type OnCorrect = (user: UserWithWallet, kind: WalletCorrection['kind']) => void;
type UserListProps = { items: UserWithWallet[]; onCorrect: OnCorrect };

const roleTones = { user: 'plain', admin: 'info', superadmin: 'warn' } as const;
const roleNames = { user: 'User', admin: 'Admin', superadmin: 'Superadmin' } as const;

export const nameOf = ({ name, email }: Pick<UserWithWallet, 'name' | 'email'>): string => name ?? email;

function Actions({ user, onCorrect }: { user: UserWithWallet; onCorrect: OnCorrect }) {
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${nameOf(user)}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCirclePlus size={16} />} onClick={() => onCorrect(user, 'credit')}>
          Add tokens
        </Menu.Item>
        <Menu.Item leftSection={<IconAdjustments size={16} />} onClick={() => onCorrect(user, 'adjustment')}>
          Adjust the balance
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Person({ user }: { user: UserWithWallet }) {
  return (
    <Group gap="sm" wrap="nowrap" miw={0}>
      <Avatar name={nameOf(user)} color="brand" size={34} radius="xl" alt="" aria-hidden />
      <div>
        <Text size="sm" fw={600} lineClamp={1}>
          {nameOf(user)}
        </Text>
        <Text size="xs" c="dimmed" lineClamp={1}>
          {user.email}
        </Text>
      </div>
    </Group>
  );
}

function Standing({ user }: { user: UserWithWallet }) {
  return (
    <Group gap={6} wrap="nowrap">
      <Badge className={tones[roleTones[user.role]]}>{roleNames[user.role]}</Badge>
      {user.status === 'disabled' && <Badge className={tones.bad}>Disabled</Badge>}
    </Group>
  );
}

function UserCards({ items, onCorrect }: UserListProps) {
  return (
    <Paper withBorder component="ul" className={list.list}>
      {items.map((user) => (
        <li key={user.id} className={list.item}>
          <Group justify="space-between" wrap="nowrap">
            <Person user={user} />
            <Actions user={user} onCorrect={onCorrect} />
          </Group>
          <Group justify="space-between" mt="xs">
            <Group gap={6}>
              <Standing user={user} />
              <Text size="xs" c="dimmed">
                {user.level.name}
              </Text>
            </Group>
            <Text size="sm" fw={600} className="figure">
              {user.wallet === null ? 'Not used yet' : `${formatTokens(user.wallet.available)} tokens`}
            </Text>
          </Group>
        </li>
      ))}
    </Paper>
  );
}

function UserTable({ items, onCorrect }: UserListProps) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={720} type="native">
        <Table className={list.table} verticalSpacing="sm" horizontalSpacing="md" aria-label="Users">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Person</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th>Level</Table.Th>
              <Table.Th className={list.number}>Available</Table.Th>
              <Table.Th className={list.number}>Held</Table.Th>
              <Table.Th className={list.number}>Overage</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((user) => (
              <Table.Tr key={user.id}>
                <Table.Td maw={280}>
                  <Person user={user} />
                </Table.Td>
                <Table.Td>
                  <Standing user={user} />
                </Table.Td>
                <Table.Td>{user.level.name}</Table.Td>
                {user.wallet === null ? (
                  <Table.Td colSpan={3} className={list.number}>
                    <Text size="sm" c="dimmed" component="span">
                      Opens on first use
                    </Text>
                  </Table.Td>
                ) : (
                  <>
                    <Table.Td className={list.number}>
                      <Text size="sm" fw={600} component="span">
                        {formatTokens(user.wallet.available)}
                      </Text>
                    </Table.Td>
                    <Table.Td className={list.number}>{formatTokens(user.wallet.reserved)}</Table.Td>
                    <Table.Td className={list.number}>{formatTokens(user.wallet.overage)}</Table.Td>
                  </>
                )}
                <Table.Td className={list.number}>
                  <Actions user={user} onCorrect={onCorrect} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

/** The people of the tenant, with what they can spend. */
export function UserList(props: UserListProps) {
  return useIsPhone() ? <UserCards {...props} /> : <UserTable {...props} />;
}
