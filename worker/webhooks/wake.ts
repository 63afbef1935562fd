import type { WebhookMessage } from '../../contracts/webhooks/message.ts';

/** Tells the queue that endpoints of a tenant have deliveries which are due, now or after `delay_s` (at most a day). */
export async function wakeEndpoints(
  queue: Queue<WebhookMessage>,
  tenant_id: string,
  endpoint_ids: readonly string[],
  delay_s = 0,
): Promise<void> {
  const messages = endpoint_ids.map((endpoint_id) => ({
    body: { version: 1, tenant_id, endpoint_id } as const,
    delaySeconds: delay_s,
  }));
  if (messages.length > 0) await queue.sendBatch(messages);
}
