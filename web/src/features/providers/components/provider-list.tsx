import { ActionIcon, Anchor, Group, Menu, Paper, Table, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconDots,
  IconPencil,
  IconPlugConnected,
  IconPlugConnectedX,
  IconTrash,
} from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Provider } from '../../../../../contracts/api/catalog.ts';
import { formatTokens, providerNameOf } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import list from '../../../ui/data-table/list-card.module.css';
import { useIsPhone } from '../../../ui/use-is-phone.ts';
import { EnabledBadge } from './enabled-badge.tsx';

export type ProviderAction = 'edit' | 'enable' | 'disable' | 'delete';
type ProviderListProps = {
  items: Provider[];
  /** An order is on its way. */
  isMoving: boolean;
  onMove: (index: number, by: 1 | -1) => void;
  onAct: (provider: Provider, action: ProviderAction) => void;
};

const addressOf = ({ base_url }: Provider) => base_url ?? 'Official address';
const keyOf = ({ key }: Provider) => (key === 'own' ? 'Its own' : 'The platform’s');

function Move({ index, items, isMoving, onMove }: ProviderListProps & { index: number }) {
  const name = items[index]?.name ?? '';
  return (
    <Group gap={2} wrap="nowrap">
      <Tooltip label="Try earlier">
        <ActionIcon
          bg="transparent"
          aria-label={`Try ${name} earlier`}
          disabled={index === 0 || isMoving}
          onClick={() => onMove(index, -1)}
        >
          <IconArrowUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Try later">
        <ActionIcon
          bg="transparent"
          aria-label={`Try ${name} later`}
          disabled={index === items.length - 1 || isMoving}
          onClick={() => onMove(index, 1)}
        >
          <IconArrowDown size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function Actions({ provider, onAct }: { provider: Provider; onAct: ProviderListProps['onAct'] }) {
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

function Models({ provider: { name, model_count } }: { provider: Provider }) {
  if (model_count === 0) return 'None yet';
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

function ProviderCards(props: ProviderListProps) {
  return (
    <Paper withBorder component="ol" className={list.list}>
      {props.items.map((provider, index) => (
        <li key={provider.id} className={list.item}>
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm" fw={550} lineClamp={2}>
              {provider.name}
            </Text>
            <Group gap={4} wrap="nowrap">
              <EnabledBadge enabled={provider.enabled} />
              <Actions provider={provider} onAct={props.onAct} />
            </Group>
          </Group>
          <Text size="xs" c="dimmed" truncate>
            {providerNameOf(provider.kind)} · {addressOf(provider)}
          </Text>
          <Group justify="space-between" wrap="nowrap" mt={4}>
            <Text size="xs" c="dimmed">
              Key: {keyOf(provider).toLowerCase()} · models: {formatTokens(provider.model_count)}
            </Text>
            <Move {...props} index={index} />
          </Group>
        </li>
      ))}
    </Paper>
  );
}

function ProviderTable(props: ProviderListProps) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={760} type="native">
        <Table className={list.table} verticalSpacing="sm" horizontalSpacing="md" aria-label="Providers">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Tried</Table.Th>
              <Table.Th>Provider</Table.Th>
              <Table.Th>Kind</Table.Th>
              <Table.Th>Key</Table.Th>
              <Table.Th className={list.number}>Models</Table.Th>
              <Table.Th>Status</Table.Th>
              <Table.Th>
                <VisuallyHidden>Order and actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {props.items.map((provider, index) => (
              <Table.Tr key={provider.id}>
                <Table.Td className="figure" title={`Priority ${provider.priority}`}>
                  {index + 1}.
                </Table.Td>
                <Table.Td maw={280}>
                  <Text size="sm" fw={550} lineClamp={2}>
                    {provider.name}
                  </Text>
                  <Text size="xs" c="dimmed" truncate title={addressOf(provider)}>
                    {addressOf(provider)}
                  </Text>
                </Table.Td>
                <Table.Td>{providerNameOf(provider.kind)}</Table.Td>
                <Table.Td>{keyOf(provider)}</Table.Td>
                <Table.Td className={list.number}>
                  <Models provider={provider} />
                </Table.Td>
                <Table.Td>
                  <EnabledBadge enabled={provider.enabled} />
                </Table.Td>
                <Table.Td>
                  <Group gap={4} wrap="nowrap" justify="end">
                    <Move {...props} index={index} />
                    <Actions provider={provider} onAct={props.onAct} />
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

/** Providers in the order in which they are tried. */
export function ProviderList(props: ProviderListProps) {
  return useIsPhone() ? <ProviderCards {...props} /> : <ProviderTable {...props} />;
}
