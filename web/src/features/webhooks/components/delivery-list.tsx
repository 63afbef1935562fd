import { ActionIcon, Badge, Group, Modal, Stack, Text, Tooltip } from '@mantine/core';
import { IconEye, IconRepeat } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { WebhookDelivery } from '../../../../../contracts/api/tenant/webhooks.ts';
import { formatDuration, formatTime, formatTimeShort } from '../../../lib/format.ts';
import { notify } from '../../../lib/notify.ts';
import { CodeBlock } from '../../../ui/code-block.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import type { Column } from '../../../ui/data-table/columns.ts';
import { DataTable, type RowsQuery } from '../../../ui/data-table/data-table.tsx';
import classes from '../../../ui/tones.module.css';
import { replayDelivery } from '../api/webhooks.ts';
import { deliveryLooks, outcomeOf } from '../webhook-draft.ts';

const columns: Column<WebhookDelivery>[] = [
  {
    id: 'event',
    header: 'Event',
    cell: ({ type }) => (
      <Text size="sm" fw={550}>
        {type}
      </Text>
    ),
    card: 'title',
  },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status }) => (
      <Badge className={classes[deliveryLooks[status].tone]}>{deliveryLooks[status].label}</Badge>
    ),
    card: 'corner',
  },
  {
    id: 'outcome',
    header: 'Last attempt',
    cell: (delivery) => (
      <Text size="sm">
        {outcomeOf(delivery)}
        {delivery.duration_ms !== null && `, ${formatDuration(delivery.duration_ms)}`}
      </Text>
    ),
    card: 'body',
  },
  { id: 'attempts', header: 'Attempts', cell: ({ attempts }) => attempts, isNumeric: true, card: 'figure' },
  {
    id: 'next',
    header: 'Next attempt',
    cell: ({ next_attempt_at }) => (next_attempt_at === null ? '–' : formatTimeShort(next_attempt_at)),
    isOneLine: true,
    card: 'figure',
  },
  {
    id: 'time',
    header: 'Time',
    cell: ({ timestamp }) => formatTimeShort(timestamp),
    isOneLine: true,
    card: 'foot',
  },
];

function Payload({ delivery, onClose }: { delivery: WebhookDelivery; onClose: () => void }) {
  const { event_id, type, timestamp, data } = delivery;
  return (
    <Modal opened onClose={onClose} size="lg" title={type}>
      <Stack>
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {formatTime(timestamp)}
          </Text>
          <Copyable value={event_id} label="Copy the id of the event" />
        </Group>
        <CodeBlock value={JSON.stringify({ type, timestamp, data }, null, 2)} label="Body" wraps />
      </Stack>
    </Modal>
  );
}

function Actions({
  endpointId,
  delivery,
  onShow,
}: {
  endpointId: string;
  delivery: WebhookDelivery;
  onShow: () => void;
}) {
  const { mutate, isPending } = useMutation(replayDelivery(endpointId, delivery.event_id));
  const replay = () =>
    mutate(undefined, {
      onSuccess: () =>
        notify({ color: 'brand', title: 'On its way', message: 'The event is delivered again.' }),
      onError: ({ message }) => notify({ color: 'yellow', title: 'Not delivered again', message }),
    });
  const named = `${delivery.type} of ${formatTime(delivery.timestamp)}`;
  return (
    <Group gap={4} wrap="nowrap" justify="end">
      <Tooltip label="Show the body">
        <ActionIcon aria-label={`Show the body of ${named}`} onClick={onShow}>
          <IconEye size={18} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Deliver again">
        <ActionIcon aria-label={`Deliver again ${named}`} onClick={replay} loading={isPending}>
          <IconRepeat size={18} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

type ListProps = { endpointId: string; query: RowsQuery<WebhookDelivery>; empty: ReactNode };

/** Events and their deliveries to an endpoint. */
export function DeliveryList({ endpointId, query, empty }: ListProps) {
  const [shown, setShown] = useState<WebhookDelivery | null>(null);
  return (
    <>
      <DataTable
        label="Deliveries"
        query={query}
        columns={columns}
        keyOf={({ event_id }) => event_id}
        actions={(delivery) => (
          <Actions endpointId={endpointId} delivery={delivery} onShow={() => setShown(delivery)} />
        )}
        empty={empty}
      />
      {shown !== null && <Payload delivery={shown} onClose={() => setShown(null)} />}
    </>
  );
}
