import { z } from 'zod';

/** Events that webhooks tell, and the alerts that some of them come with. */

export const webhookEventType = z
  .enum([
    'execution.completed',
    'execution.failed',
    'wallet.low_balance',
    'wallet.credited',
    'tenant.budget.threshold',
    'provider.failing',
    'reconciliation.difference',
    'usage.unusual',
  ])
  .meta({ id: 'WebhookEventType' });
export type WebhookEventType = z.infer<typeof webhookEventType>;
export const webhookEventTypes = webhookEventType.options;

export const alertKind = z
  .enum(['low_balance', 'budget', 'provider_failing', 'difference', 'unusual_spend'])
  .meta({ id: 'AlertKind' });
export type AlertKind = z.infer<typeof alertKind>;
export const alertKinds = alertKind.options;

/** The event that each alert is told by. */
export const eventOfAlert = {
  low_balance: 'wallet.low_balance',
  budget: 'tenant.budget.threshold',
  provider_failing: 'provider.failing',
  difference: 'reconciliation.difference',
  unusual_spend: 'usage.unusual',
} as const satisfies Record<AlertKind, WebhookEventType>;

/** Values of an event or an alert: ids, names and figures. No prompts, no answers. */
export const eventData = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);
export type EventData = z.infer<typeof eventData>;
