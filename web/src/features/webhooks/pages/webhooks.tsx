import { Button } from '@mantine/core';
import { IconPlus, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type {
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from '../../../../../contracts/api/tenant/webhooks.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageHeader } from '../../../ui/page-header.tsx';
import { webhooksQuery } from '../api/webhooks.ts';
import {
  DeleteWebhookDialog,
  EditWebhookDrawer,
  NewWebhookDrawer,
  RotateWebhookDialog,
  SwitchWebhookDialog,
  WebhookSecretDialog,
} from '../components/webhook-dialogs.tsx';
import { type WebhookAction, WebhookList } from '../components/webhook-list.tsx';

type Opened = { webhook: WebhookEndpoint; action: WebhookAction } | 'new' | null;

/** Webhook endpoints of the tenant. For its admins. */
export function WebhooksPage() {
  const query = useQuery({ ...webhooksQuery, select: ({ items }) => items });
  const [opened, setOpened] = useState<Opened>(null);
  const [shown, setShown] = useState<WebhookEndpointWithSecret | null>(null);
  const close = () => setOpened(null);

  function show(webhook: WebhookEndpointWithSecret) {
    setOpened(null);
    setShown(webhook);
  }

  const create = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpened('new')}>
      New webhook
    </Button>
  );
  const acted = opened === null || opened === 'new' ? null : opened;
  const dialog = { onClose: close, onDone: close };

  return (
    <>
      <PageHeader title="Webhooks" actions={query.data !== undefined && query.data.length > 0 && create}>
        Signed messages to your own servers when something happens.
      </PageHeader>
      <WebhookList
        query={query}
        onAct={(webhook, action) => setOpened({ webhook, action })}
        empty={
          <EmptyState icon={<IconSend />} title="No webhooks yet" action={create}>
            Learn of finished executions, low balances and failing providers without asking again and again.
          </EmptyState>
        }
      />
      {opened === 'new' && <NewWebhookDrawer onClose={close} onDone={show} />}
      {acted?.action === 'edit' && <EditWebhookDrawer webhook={acted.webhook} {...dialog} />}
      {acted?.action === 'rotate' && (
        <RotateWebhookDialog webhook={acted.webhook} onClose={close} onDone={show} />
      )}
      {acted?.action === 'switch' && <SwitchWebhookDialog webhook={acted.webhook} {...dialog} />}
      {acted?.action === 'delete' && <DeleteWebhookDialog webhook={acted.webhook} {...dialog} />}
      {shown !== null && <WebhookSecretDialog webhook={shown} onClose={() => setShown(null)} />}
    </>
  );
}
