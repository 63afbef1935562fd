import { ActionIcon, Anchor, Group, Menu, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconDots,
  IconPencil,
  IconPlugConnected,
  IconPlugConnectedX,
  IconTrash,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import { formatTokens, providerNameOf } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import { EnabledBadge } from './enabled-badge.tsx';

export type ProviderAction = 'edit' | 'enable' | 'disable' | 'delete';

type Ordering = {
  /** True while an order is being saved. */
  isMoving: boolean;
  onMove: (provider: Provider, by: 1 | -1) => void;
};

type OnAct = (provider: Provider, action: ProviderAction) => void;

const addressOf = ({ base_url }: Provider) => base_url ?? 'Official address';
const keyOf = ({ key }: Provider) => (key === 'own' ? 'Own key' : 'The platform’s key');

type MoveProps = Ordering & { provider: Provider; isFirst: boolean; isLast: boolean };

function Move({ provider, isFirst, isLast, isMoving, onMove }: MoveProps) {
  return (
    <Group gap={2} wrap="nowrap">
      <Tooltip label="Try earlier">
        <ActionIcon
          bg="transparent"
          aria-label={`Try ${provider.name} earlier`}
          disabled={isFirst || isMoving}
          onClick={() => onMove(provider, -1)}
        >
          <IconArrowUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Try later">
        <ActionIcon
          bg="transparent"
          aria-label={`Try ${provider.name} later`}
          disabled={isLast || isMoving}
          onClick={() => onMove(provider, 1)}
        >
          <IconArrowDown size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function Actions({ provider, onAct }: { provider: Provider; onAct: OnAct }) {
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${provider.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onAct(provider, 'edit')}>
          Edit
        </Menu.Item>
        {provider.enabled ? (
          <Menu.Item
            leftSection={<IconPlugConnectedX size={16} />}
            onClick={() => onAct(provider, 'disable')}
          >
            Disable
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconPlugConnected size={16} />} onClick={() => onAct(provider, 'enable')}>
            Enable
          </Menu.Item>
        )}
        {provider.model_count === 0 && (
          <>
            <Menu.Divider />
            <Menu.Item
              c="var(--mantine-color-error)"
              leftSection={<IconTrash size={16} />}
              onClick={() => onAct(provider, 'delete')}
            >
              Delete
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Models({ provider: { id, name, model_count } }: { provider: Provider }) {
  if (model_count === 0)
    return (
      <Anchor
        component={Link}
        to={`${paths.models}?add=${id}`}
        size="sm"
        underline="always"
        aria-label={`Add models of ${name}`}
      >
        Add models
      </Anchor>
    );
  return (
    <Anchor
      component={Link}
      to={`${paths.models}?q=${encodeURIComponent(name)}`}
      size="sm"
      underline="always"
    >
      {formatTokens(model_count)} <VisuallyHidden>models at {name}</VisuallyHidden>
    </Anchor>
  );
}

const Name = ({ provider }: { provider: Provider }) => (
  <>
    <Text size="sm" fw={550} lineClamp={2}>
      {provider.name}
    </Text>
    <Text size="xs" c="dimmed" truncate title={addressOf(provider)}>
      {addressOf(provider)}
    </Text>
  </>
);

/** The columns of providers `items`. None sorts: the order of the list is the order in which they are tried. */
function columnsOf(items: Provider[], ordering: Ordering): Column<Provider>[] {
  const isFirst = ({ id }: Provider) => id === items[0]?.id;
  const isLast = ({ id }: Provider) => id === items.at(-1)?.id;
  return [
    {
      id: 'place',
      header: 'Tried',
      cell: ({ id, priority }) => (
        <Text size="sm" className="figure" title={`Priority ${priority}`}>
          {items.findIndex((item) => item.id === id) + 1}.
        </Text>
      ),
      card: [],
    },
    {
      id: 'provider',
      header: 'Provider',
      cell: (provider) => <Name provider={provider} />,
      widthMax: 280,
      card: 'title',
    },
    {
      id: 'kind',
      header: 'Kind',
      cell: ({ kind }) => providerNameOf(kind),
      card: [{ at: 'foot', cell: (provider) => `${providerNameOf(provider.kind)} · ${keyOf(provider)}` }],
    },
    { id: 'key', header: 'Key', cell: keyOf, card: [] },
    {
      id: 'models',
      header: 'Models',
      cell: (provider) => <Models provider={provider} />,
      isNumeric: true,
      card: [{ at: 'foot', cell: ({ model_count }) => `Models: ${formatTokens(model_count)}` }],
    },
    {
      id: 'status',
      header: 'Status',
      cell: ({ enabled }) => <EnabledBadge enabled={enabled} />,
      card: 'corner',
    },
    {
      id: 'order',
      header: 'Order',
      cell: (provider) => (
        <Move provider={provider} isFirst={isFirst(provider)} isLast={isLast(provider)} {...ordering} />
      ),
      card: 'foot',
    },
  ];
}

type ProviderListProps = Ordering & { query: RowsQuery<Provider>; empty: ReactNode; onAct: OnAct };

/** Providers in the order in which they are tried. */
export function ProviderList({ query, empty, onAct, ...ordering }: ProviderListProps) {
  return (
    <DataTable
      label="Providers"
      query={query}
      columns={columnsOf(query.data ?? [], ordering)}
      keyOf={({ id }) => id}
      actions={(provider) => <Actions provider={provider} onAct={onAct} />}
      empty={empty}
      widthMin={760}
    />
  );
}
