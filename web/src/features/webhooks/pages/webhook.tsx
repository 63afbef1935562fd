import { Alert, Group, SegmentedControl, Stack } from '@mantine/core';
import { IconAlertTriangle, IconSend } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import type { WebhookDelivery, WebhookEndpoint } from '../../../../../contracts/api/tenant/webhooks.ts';
import { formatTime } from '../../../lib/format.ts';
import { paths } from '../../../lib/paths.ts';
import { BackLink } from '../../../ui/back-link.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorAlert } from '../../../ui/error-alert.tsx';
import { ListLoading } from '../../../ui/list-loading.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { deliveriesQuery, webhooksQuery } from '../api/webhooks.ts';
import { DeliveryList } from '../components/delivery-list.tsx';
import { WebhookStatus } from '../components/webhook-list.tsx';

const filters = [
  { value: 'all', label: 'All' },
  { value: 'pending', label: 'Pending' },
  { value: 'failed', label: 'Failed' },
  { value: 'delivered', label: 'Delivered' },
];

function Deliveries({ webhook }: { webhook: WebhookEndpoint }) {
  const [filter, setFilter] = useState('all');
  const status = filter === 'all' ? null : (filter as WebhookDelivery['status']);
  const query = useInfiniteQuery(deliveriesQuery(webhook.id, status));
  return (
    <Stack>
      {webhook.enabled && webhook.failing_since !== null && (
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title="Deliveries fail">
          No delivery has succeeded since {formatTime(webhook.failing_since)}. After five days the webhook is
          disabled.
        </Alert>
      )}
      <Group>
        <SegmentedControl aria-label="Status" data={filters} value={filter} onChange={setFilter} />
      </Group>
      <DeliveryList
        endpointId={webhook.id}
        query={query}
        empty={
          <EmptyState icon={<IconSend />} title="No deliveries">
            Events of the last 30 days appear here, with each answer of your server.
          </EmptyState>
        }
      />
    </Stack>
  );
}

/** The delivery log of a webhook. */
export function WebhookPage() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useQuery(webhooksQuery);
  const webhook = data?.items.find((one) => one.id === id);
  return (
    <>
      <BackLink to={paths.webhooks}>Webhooks</BackLink>
      <PageHeader title="Deliveries" actions={webhook && <WebhookStatus webhook={webhook} />}>
        <span style={{ overflowWrap: 'anywhere' }}>{webhook?.url ?? ' '}</span>
      </PageHeader>
      {error !== null && <ErrorAlert error={error} onRetry={refetch} />}
      {data === undefined && error === null && <ListLoading />}
      {data !== undefined && webhook === undefined && (
        <EmptyState icon={<IconSend />} title="This webhook does not exist">
          It was deleted, or belongs to another tenant.
        </EmptyState>
      )}
      {webhook !== undefined && <Deliveries webhook={webhook} />}
    </>
  );
}
