import { ActionIcon, Box, Menu, Text } from '@mantine/core';
import { IconDots, IconKeyOff, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ManagementKey } from '../../../../../contracts/api/tenant/management-keys.ts';
import { formatDate, formatTimeShort } from '../../../lib/format.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import { isLive } from '../api-key-words.ts';
import { managementRightsOf } from '../management-key-draft.ts';
import { KeyStatus } from './key-status.tsx';

export type ManagementKeyAction = 'rotate' | 'revoke';
type OnAct = (key: ManagementKey, action: ManagementKeyAction) => void;

function Actions({ managementKey, onAct }: { managementKey: ManagementKey; onAct: OnAct }) {
  if (!isLive(managementKey, Date.now())) return null;
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${managementKey.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => onAct(managementKey, 'rotate')}>
          Rotate the secret
        </Menu.Item>
        <Menu.Item
          c="var(--mantine-color-error)"
          leftSection={<IconKeyOff size={16} />}
          onClick={() => onAct(managementKey, 'revoke')}
        >
          Revoke
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const lastUse = ({ last_used_at }: ManagementKey) =>
  last_used_at === null ? 'Never used' : formatTimeShort(last_used_at);

const columns: Column<ManagementKey>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ name, prefix }) => (
      <Box miw={0}>
        <Text size="sm" fw={550} lineClamp={2}>
          {name}
        </Text>
        <Text size="xs" c="dimmed" ff="monospace">
          {prefix}…
        </Text>
      </Box>
    ),
    widthMax: 260,
    card: 'title',
  },
  {
    id: 'scopes',
    header: 'Permissions',
    cell: ({ scopes }) => <Text size="sm">{managementRightsOf(scopes)}</Text>,
    widthMax: 320,
    card: 'body',
  },
  {
    id: 'status',
    header: 'Status',
    cell: (key) => <KeyStatus apiKey={key} />,
    card: 'body',
  },
  { id: 'used', header: 'Last use', cell: lastUse, isOneLine: true, card: 'foot' },
  {
    id: 'expires',
    header: 'Expires',
    cell: ({ expires_at }) => (expires_at === null ? 'Never' : formatDate(expires_at)),
    isOneLine: true,
    card: [
      {
        at: 'foot',
        cell: ({ expires_at }) =>
          expires_at === null ? 'Never expires' : `Expires ${formatDate(expires_at)}`,
      },
    ],
  },
];

type ListProps = { query: RowsQuery<ManagementKey>; onAct: OnAct; empty: ReactNode };

/** Management keys of the tenant. */
export const ManagementKeyList = ({ query, onAct, empty }: ListProps) => (
  <DataTable
    label="Management keys"
    query={query}
    columns={columns}
    keyOf={({ id }) => id}
    actions={(key) => <Actions managementKey={key} onAct={onAct} />}
    empty={empty}
  />
);
