import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { eventData, webhookEventType } from '../../webhooks/event.ts';
import { pageParams } from '../paging.ts';

/** The most webhook endpoints of a tenant. */
export const WEBHOOKS_MAX = 10;

const EVENT_TYPES_TEXT =
  'The types of events that are sent: `execution.completed`, `execution.failed`: an execution in the background has ended; `wallet.low_balance`: a user has passed a warning threshold; `wallet.credited`: tokens were added to a wallet; `tenant.budget.threshold`: the budget of the tenant has passed a threshold; `provider.failing`: many calls of a provider fail; `reconciliation.difference`: a wallet and its ledger differ; `usage.unusual`: the tenant spends far more than usual.';

/** An address of a tenant that gets events. Its secret is returned once. */
export const webhookEndpoint = z
  .object({
    id: resourceId.describe('The id of the endpoint.'),
    url: z.string().describe('The URL that events are posted to.'),
    description: z.string().describe('A note for people. Empty if there is none.'),
    event_types: z.array(webhookEventType).describe(EVENT_TYPES_TEXT),
    enabled: z.boolean().describe('True if events are sent.'),
    disabled_reason: z
      .enum(['failing', 'gone'])
      .nullable()
      .describe(
        'The reason the platform disabled it: `failing`: no delivery succeeded for five days; `gone`: it answered 410. Null if the platform did not.',
      ),
    failing_since: z.iso
      .datetime()
      .nullable()
      .describe(
        'The time of the first failure since the last delivery that succeeded. Null if there is none.',
      ),
    previous_secret_valid_until: z.iso
      .datetime()
      .nullable()
      .describe(
        'The time until which events are signed with the secret before the last rotation as well. Null if there is none.',
      ),
    created_at: z.iso.datetime().describe('The time the endpoint was created.'),
    updated_at: z.iso.datetime().describe('The time of the last change.'),
  })
  .meta({ id: 'WebhookEndpoint' });
export type WebhookEndpoint = z.infer<typeof webhookEndpoint>;

/** An endpoint with its secret, which is returned once. */
export const webhookEndpointWithSecret = webhookEndpoint
  .extend({
    secret: z
      .string()
      .describe('The secret that signs events: `whsec_` and base64. It is returned only once.'),
  })
  .meta({ id: 'WebhookEndpointWithSecret' });
export type WebhookEndpointWithSecret = z.infer<typeof webhookEndpointWithSecret>;

const areDistinct = (texts: string[]) => new Set(texts).size === texts.length;

const fields = {
  url: z
    .url()
    .max(1_000)
    .refine(isStorable, STORABLE_RULE)
    .describe('The URL that events are posted to: https and a public host name.'),
  description: z.string().trim().max(200).refine(isStorable, STORABLE_RULE).describe('A note for people.'),
  event_types: z
    .array(webhookEventType)
    .min(1)
    .refine(areDistinct, 'must name each type once')
    .describe(EVENT_TYPES_TEXT),
  enabled: z.boolean().describe('True to send events.'),
};

/** A new endpoint. */
export const createWebhookRequest = z
  .strictObject({
    ...fields,
    description: fields.description.default(''),
    enabled: fields.enabled.default(true),
  })
  .meta({ id: 'CreateWebhookRequest' });
export type CreateWebhookRequest = z.infer<typeof createWebhookRequest>;

/** Changes an endpoint. */
export const webhookPatch = z.strictObject(fields).partial().meta({ id: 'WebhookPatch' });
export type WebhookPatch = z.infer<typeof webhookPatch>;

/** The state of the delivery of an event to an endpoint. */
export const deliveryStatus = z
  .enum(['pending', 'delivered', 'failed'])
  .meta({ id: 'WebhookDeliveryStatus' });

/** An event and its delivery to an endpoint. */
export const webhookDelivery = z
  .object({
    event_id: resourceId.describe('The id of the event, sent as `webhook-id`. The same for every attempt.'),
    type: webhookEventType.describe('The type of the event.'),
    timestamp: z.iso.datetime().describe('The time of the event.'),
    data: eventData.describe('The values of the event: ids, names and figures. No prompts and no answers.'),
    status: deliveryStatus.describe(
      'The state: `pending`: not delivered yet; `delivered`: the endpoint answered 2xx; `failed`: given up.',
    ),
    attempts: z.int().describe('The number of attempts so far.'),
    next_attempt_at: z.iso
      .datetime()
      .nullable()
      .describe('The time of the next attempt. Null if there is none.'),
    last_attempt_at: z.iso
      .datetime()
      .nullable()
      .describe('The time of the last attempt. Null if there was none.'),
    last_status: z.int().nullable().describe('The HTTP status of the last answer. Null without an answer.'),
    last_error: z
      .enum(['status', 'redirect', 'timeout', 'unreachable', 'refused_url', 'secret_unreadable', 'disabled'])
      .nullable()
      .describe(
        'The reason the last attempt failed: `status`: the answer was not 2xx; `redirect`: it was a redirect, which is not followed; `timeout`: no answer within 10 seconds; `unreachable`: no connection; `refused_url`: the URL is not allowed; `secret_unreadable`: the secret cannot be decrypted; `disabled`: the platform disabled the endpoint. Null if it succeeded.',
      ),
    duration_ms: z.int().nullable().describe('The duration of the last attempt, in milliseconds.'),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

/** The query of the delivery log. */
export const webhookDeliveryParams = pageParams.extend({
  status: deliveryStatus.optional().describe('Lists only deliveries in this state.'),
});
export type WebhookDeliveryQuery = z.infer<typeof webhookDeliveryParams>;
