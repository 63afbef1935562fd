import { ActionIcon, Avatar, Group, Menu, Paper, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconAdjustments, IconCirclePlus, IconDots } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { UserWithWallet } from '../../../../../contracts/api/users.ts';
import { formatTokens } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { nameOf } from '../../../lib/person.ts';
import list from '../../../ui/list-card.module.css';
import { useIsPhone } from '../../../ui/use-is-phone.ts';
import type { WalletCorrection } from '../api/users.ts';
import { UserStanding } from './user-standing.tsx';

type OnCorrect = (user: UserWithWallet, kind: WalletCorrection['kind']) => void;
type UserListProps = { items: UserWithWallet[]; onCorrect: OnCorrect };

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
        <Link to={paths.user(user.id)} className={`${list.link} ${list.clamped}`}>
          {nameOf(user)}
        </Link>
        <Text size="xs" c="dimmed" lineClamp={1}>
          {user.email}
        </Text>
      </div>
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
              <UserStanding user={user} />
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
                  <UserStanding user={user} />
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
