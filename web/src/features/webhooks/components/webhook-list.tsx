import { ActionIcon, Anchor, Badge, Box, Menu, Text } from '@mantine/core';
import {
  IconBan,
  IconCircleCheck,
  IconDots,
  IconListDetails,
  IconPencil,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { WebhookEndpoint } from '../../../../../contracts/api/tenant/webhooks.ts';
import { formatDate } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import classes from '../../../ui/tones.module.css';
import { endpointLook } from '../webhook-draft.ts';

export type WebhookAction = 'edit' | 'rotate' | 'switch' | 'delete';
type OnAct = (webhook: WebhookEndpoint, action: WebhookAction) => void;

function Actions({ webhook, onAct }: { webhook: WebhookEndpoint; onAct: OnAct }) {
  const { id, url, enabled } = webhook;
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${url}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to={paths.webhook(id)} leftSection={<IconListDetails size={16} />}>
          Deliveries
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onAct(webhook, 'edit')}>
          Edit
        </Menu.Item>
        <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => onAct(webhook, 'rotate')}>
          Rotate the secret
        </Menu.Item>
        <Menu.Item
          leftSection={enabled ? <IconBan size={16} /> : <IconCircleCheck size={16} />}
          onClick={() => onAct(webhook, 'switch')}
        >
          {enabled ? 'Disable' : 'Enable'}
        </Menu.Item>
        <Menu.Item
          c="var(--mantine-color-error)"
          leftSection={<IconTrash size={16} />}
          onClick={() => onAct(webhook, 'delete')}
        >
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The state of an endpoint. Never by colour alone. */
export function WebhookStatus({ webhook }: { webhook: WebhookEndpoint }) {
  const { label, tone } = endpointLook(webhook);
  return <Badge className={classes[tone]}>{label}</Badge>;
}

const columns: Column<WebhookEndpoint>[] = [
  {
    id: 'url',
    header: 'URL',
    cell: ({ id, url, description }) => (
      <Box miw={0}>
        <Anchor
          component={Link}
          to={paths.webhook(id)}
          size="sm"
          fw={550}
          style={{ overflowWrap: 'anywhere' }}
        >
          {url}
        </Anchor>
        {description !== '' && (
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        )}
      </Box>
    ),
    widthMax: 340,
    card: 'title',
  },
  {
    id: 'events',
    header: 'Events',
    cell: ({ event_types }) => <Text size="sm">{event_types.join(', ')}</Text>,
    widthMax: 300,
    card: 'body',
  },
  { id: 'status', header: 'Status', cell: (webhook) => <WebhookStatus webhook={webhook} />, card: 'body' },
  {
    id: 'created',
    header: 'Created',
    cell: ({ created_at }) => formatDate(created_at),
    isOneLine: true,
    card: 'foot',
  },
];

type ListProps = { query: RowsQuery<WebhookEndpoint>; onAct: OnAct; empty: ReactNode };

/** Webhook endpoints of the tenant. */
export const WebhookList = ({ query, onAct, empty }: ListProps) => (
  <DataTable
    label="Webhooks"
    query={query}
    columns={columns}
    keyOf={({ id }) => id}
    actions={(webhook) => <Actions webhook={webhook} onAct={onAct} />}
    empty={empty}
  />
);
