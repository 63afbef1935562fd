import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type {
  CreateWebhookRequest,
  WebhookDelivery,
  WebhookPatch,
} from '../../../../../contracts/api/tenant/webhooks.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

const key = ['webhooks'];
const meta = { invalidates: [key] };
const client = api.tenant.webhooks;

/** Time between two looks at a log with deliveries that are under way. */
const PENDING_REFRESH_MS = 5_000;

/** The webhook endpoints of the tenant. */
export const webhooksQuery = queryOptions({ queryKey: key, queryFn: () => ask(client.$get()) });

/** Events and their deliveries to an endpoint, newest first. `status` narrows the list. */
export const deliveriesQuery = (id: string, status: WebhookDelivery['status'] | null) => ({
  ...pagedOptions([...key, id, 'deliveries', status], (cursor) =>
    ask(
      client[':id'].deliveries.$get({
        param: { id },
        query: { ...pageQuery(cursor), ...(status === null ? {} : { status }) },
      }),
    ),
  ),
  refetchInterval: PENDING_REFRESH_MS,
});

/** Returns the endpoint with its secret. The secret cannot be read again. */
export const createWebhook = mutationOptions({
  mutationFn: (request: CreateWebhookRequest) => ask(client.$post({ json: request })),
  meta,
});

export const changeWebhook = (id: string) =>
  mutationOptions({
    mutationFn: (patch: WebhookPatch) => ask(client[':id'].$patch({ param: { id }, json: patch })),
    meta,
  });

/** Enables or disables an endpoint. */
export const switchWebhook = (id: string, enabled: boolean) =>
  mutationOptions({
    mutationFn: () => ask(client[':id'].$patch({ param: { id }, json: { enabled } })),
    meta,
  });

/** Gives an endpoint a new secret. */
export const rotateWebhook = (id: string) =>
  mutationOptions({ mutationFn: () => ask(client[':id'].rotate.$post({ param: { id } })), meta });

export const deleteWebhook = (id: string) =>
  mutationOptions({ mutationFn: () => ask(client[':id'].$delete({ param: { id } })), meta });

/** Delivers an event again. */
export const replayDelivery = (id: string, event_id: string) =>
  mutationOptions({
    mutationFn: () => ask(client[':id'].deliveries[':event_id'].replay.$post({ param: { id, event_id } })),
    meta,
  });
