import { ActionIcon, Avatar, Group, Menu, Text } from '@mantine/core';
import { IconAdjustments, IconCirclePlus, IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { UserWithWallet } from '../../../../../contracts/api/tenant/users.ts';
import { formatAmount, useCurrency } from '../../../lib/currency.ts';
import { formatTokens } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { nameOf } from '../../../lib/person.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import list from '../../../ui/data-table/list-card.module.css';
import type { Selection } from '../../../ui/data-table/selection.ts';
import type { SpendById } from '../../usage/spend.ts';
import type { CorrectionKind } from '../correction-draft.ts';
import { UserStanding } from './user-standing.tsx';

type OnCorrect = (user: UserWithWallet, kind: CorrectionKind) => void;

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
          Add <CurrencyName />
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

/** The available balance. A wallet that was never used has none yet. */
const Available = ({ wallet }: UserWithWallet) =>
  wallet === null ? (
    <Text size="sm" c="dimmed" component="span">
      Opens on first use
    </Text>
  ) : (
    <Text size="sm" fw={600} component="span">
      {formatTokens(wallet.available)}
    </Text>
  );

const CurrencyName = () => useCurrency().currency_name;

const Amount = ({ tokens }: { tokens: number }) => formatAmount(tokens, useCurrency());

const figureOf = (tokens: number | undefined) => (tokens === undefined ? '–' : formatTokens(tokens));

const roleOrder = { superadmin: 0, admin: 1, user: 2 } as const;

const columns: Column<UserWithWallet>[] = [
  {
    id: 'user',
    header: 'User',
    cell: (user) => <Person user={user} />,
    widthMax: 220,
    sortBy: nameOf,
    card: 'title',
  },
  {
    id: 'role',
    header: 'Role',
    cell: (user) => <UserStanding user={user} />,
    sortBy: ({ role }) => roleOrder[role],
    card: [
      {
        at: 'foot',
        cell: (user) => (
          <Group gap={6}>
            <UserStanding user={user} />
            {user.level.name}
          </Group>
        ),
      },
    ],
  },
  {
    id: 'level',
    header: 'Level',
    cell: ({ level }) => level.name,
    sortBy: ({ level }) => level.name,
    card: [],
  },
  {
    id: 'available',
    header: 'Available',
    cell: Available,
    isNumeric: true,
    sortBy: ({ wallet }) => wallet?.available ?? null,
    card: [
      {
        at: 'foot',
        cell: ({ wallet }) => (
          <Text size="sm" fw={600} c="var(--mantine-color-text)" className="figure">
            {wallet === null ? 'Not used yet' : <Amount tokens={wallet.available} />}
          </Text>
        ),
      },
    ],
  },
  {
    id: 'held',
    header: 'Held',
    cell: ({ wallet }) => figureOf(wallet?.reserved),
    isNumeric: true,
    sortBy: ({ wallet }) => wallet?.reserved ?? null,
    card: [],
  },
  {
    id: 'overage',
    header: 'Overage',
    cell: ({ wallet }) => figureOf(wallet?.overage),
    isNumeric: true,
    sortBy: ({ wallet }) => wallet?.overage ?? null,
    card: [],
  },
];

/** The spend of users in the last 30 days. A dash while it is not known. */
const spendColumn = (spendBy: SpendById): Column<UserWithWallet> => ({
  id: 'spend',
  header: 'Spent, 30 days',
  cell: ({ id }) => figureOf(spendBy(id)?.wallet_tokens),
  isNumeric: true,
  sortBy: ({ id }) => spendBy(id)?.wallet_tokens ?? null,
  card: [
    {
      at: 'foot',
      cell: ({ id }) => {
        const spend = spendBy(id);
        return spend !== null && `${formatTokens(spend.wallet_tokens)} spent in 30 days`;
      },
    },
  ],
});

type UserListProps = {
  query: RowsQuery<UserWithWallet>;
  spendBy: SpendById;
  selection: Selection<UserWithWallet>;
  empty: ReactNode;
  onCorrect: OnCorrect;
};

/** The users of the tenant, with their balances and what they spent. */
export function UserList({ query, spendBy, selection, empty, onCorrect }: UserListProps) {
  return (
    <DataTable
      label="Users"
      query={query}
      columns={[...columns, spendColumn(spendBy)]}
      selection={selection}
      keyOf={({ id }) => id}
      actions={(user) => <Actions user={user} onCorrect={onCorrect} />}
      empty={empty}
    />
  );
}
