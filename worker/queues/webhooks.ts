import { type WebhookMessage, webhookMessage } from '../../contracts/webhooks/message.ts';
import { CLAIM_S, type DisabledEndpoint } from '../db/webhooks/due-deliveries.ts';
import type { Log } from '../runtime/log.ts';
import { settingsOf } from '../runtime/settings.ts';
import { type DeliverDependencies, deliverDue } from '../webhooks/deliver.ts';
import { mailDisabledEndpoint } from '../webhooks/mail-disabled.ts';
import { wakeEndpoints } from '../webhooks/wake.ts';
import { connectAsQueue, retryDelayS } from './queue.ts';

/** Parses a message. A malformed one is dropped: repeating it cannot fix it. */
function parse(message: Message, log: Log): WebhookMessage | null {
  const parsed = webhookMessage.safeParse(message.body);
  if (parsed.success) return parsed.data;
  log.error('webhook_message_malformed', { message_id: message.id });
  return null;
}

async function deliverOne(deps: DeliverDependencies, env: Env, message: Message): Promise<void> {
  const address = parse(message, deps.log);
  if (address === null) return message.ack();
  const { tenant_id, endpoint_id } = address;
  try {
    const { claimed, waits_s, more, disabled } = await deliverDue(deps, address);
    // The delivery before may have been cut off: what it had claimed is due again later.
    if (claimed === 0 && message.attempts === 2) return message.retry({ delaySeconds: CLAIM_S });
    for (const wait_s of waits_s) await wakeEndpoints(env.WEBHOOKS_QUEUE, tenant_id, [endpoint_id], wait_s);
    if (more) await wakeEndpoints(env.WEBHOOKS_QUEUE, tenant_id, [endpoint_id]);
    if (disabled !== null) await tellAdmins(deps, env, tenant_id, endpoint_id, disabled);
    message.ack();
  } catch (error) {
    deps.log.warn('webhooks_not_delivered', { tenant_id, endpoint_id, error });
    message.retry({ delaySeconds: retryDelayS(message.attempts) });
  }
}

async function tellAdmins(
  { log, settings }: DeliverDependencies,
  env: Env,
  tenant_id: string,
  endpoint_id: string,
  disabled: NonNullable<DisabledEndpoint>,
): Promise<void> {
  log.warn('webhook_disabled', { tenant_id, endpoint_id, reason: disabled.reason });
  await mailDisabledEndpoint({ settings, mailQueue: env.MAIL_QUEUE }, tenant_id, disabled);
}

/**
 * Consumes the `webhooks` queue. A message is about one endpoint, and a batch is one message: an endpoint that is slow keeps its own
 * invocation waiting and no other's.
 */
export async function consumeWebhooks(
  batch: MessageBatch,
  env: Env,
  log: Log,
  changes: Pick<DeliverDependencies, 'fetch' | 'now'> = {},
): Promise<void> {
  const deps = { database: connectAsQueue(env), settings: settingsOf(env), log, ...changes };
  await Promise.all(batch.messages.map((message) => deliverOne(deps, env, message)));
}

/** Consumes messages that failed for hours. They are an alert only: the hourly check wakes endpoints with deliveries that are due. */
export function consumeDeadWebhooks(batch: MessageBatch, log: Log): void {
  for (const message of batch.messages) {
    const address = parse(message, log);
    if (address !== null)
      log.error('webhook_message_dead', {
        ...{ tenant_id: address.tenant_id, endpoint_id: address.endpoint_id, attempts: message.attempts },
      });
  }
  batch.ackAll();
}
