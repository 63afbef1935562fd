import {
  type CreateWebhookRequest,
  createWebhookRequest,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookPatch,
} from '../../../../contracts/api/tenant/webhooks.ts';
import type { WebhookEventType } from '../../../../contracts/webhooks/event.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** A webhook endpoint while it is made, and its events in words. Pure. */

export const eventExplanations: Record<WebhookEventType, string> = {
  'execution.completed': 'An execution in the background has an answer.',
  'execution.failed': 'An execution in the background ended without one.',
  'wallet.low_balance': 'A user has passed a warning threshold.',
  'wallet.credited': 'Tokens were added to a wallet.',
  'tenant.budget.threshold': 'The budget has passed a threshold.',
  'provider.failing': 'Many calls of a provider fail.',
  'reconciliation.difference': 'A wallet and its ledger differ.',
  'usage.unusual': 'The day costs far more than usual.',
};

export type WebhookDraft = Pick<CreateWebhookRequest, 'url' | 'event_types'> & { description: string };
export const webhookFields = ['url', 'description', 'event_types'] as const;
type Field = (typeof webhookFields)[number];

/** The draft of an endpoint, or of a new one. */
export const draftOf = (endpoint: WebhookEndpoint | null): WebhookDraft => ({
  url: endpoint?.url ?? '',
  description: endpoint?.description ?? '',
  event_types: endpoint?.event_types ?? [],
});

const rules: Record<Field, string> = {
  url: 'Enter a URL that begins with https://',
  description: 'Enter at most 200 characters',
  event_types: 'Choose at least one event',
};

export const readWebhook = ({ url, ...draft }: WebhookDraft): FormRead<CreateWebhookRequest, Field> =>
  readForm<CreateWebhookRequest, Field>(createWebhookRequest, { ...draft, url: url.trim() }, rules);

/** Reads the draft of a changed endpoint. Whether it is enabled stays. */
export function readWebhookPatch(draft: WebhookDraft): FormRead<WebhookPatch, Field> {
  const read = readWebhook(draft);
  if (!read.ok) return read;
  const { url, description, event_types } = read.value;
  return { ok: true, value: { url, description, event_types } };
}

type Look = { label: string; tone: 'good' | 'warn' | 'bad' | 'plain' | 'info' };

/** Returns the state of an endpoint in words. */
export function endpointLook({ enabled, disabled_reason, failing_since }: WebhookEndpoint): Look {
  if (disabled_reason === 'gone') return { label: 'Disabled: it answered 410', tone: 'bad' };
  if (disabled_reason === 'failing') return { label: 'Disabled: it failed for five days', tone: 'bad' };
  if (!enabled) return { label: 'Disabled', tone: 'plain' };
  return failing_since === null ? { label: 'Enabled', tone: 'good' } : { label: 'Failing', tone: 'warn' };
}

const errors: Record<NonNullable<WebhookDelivery['last_error']>, string> = {
  status: 'Answered with an error',
  redirect: 'Redirected, which is not followed',
  timeout: 'No answer within 10 seconds',
  unreachable: 'Not reachable',
  refused_url: 'The URL is not allowed',
  secret_unreadable: 'The secret cannot be read',
  disabled: 'The endpoint was disabled',
};

/** Returns how the last attempt at a delivery went, in words. */
export function outcomeOf({ last_status, last_error, attempts }: WebhookDelivery): string {
  if (attempts === 0) return 'Not tried yet';
  const said = last_error === null ? 'Delivered' : errors[last_error];
  return last_status === null ? said : `${said} (${last_status})`;
}

export const deliveryLooks: Record<WebhookDelivery['status'], Look> = {
  pending: { label: 'Pending', tone: 'info' },
  delivered: { label: 'Delivered', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
};
