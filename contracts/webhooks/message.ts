import { z } from 'zod';

/** A message of the `webhooks` queue: an endpoint has deliveries that are due. Repeated and late messages do no harm. */
export const webhookMessage = z.object({
  version: z.literal(1),
  tenant_id: z.uuid(),
  endpoint_id: z.uuid(),
});
export type WebhookMessage = z.infer<typeof webhookMessage>;
