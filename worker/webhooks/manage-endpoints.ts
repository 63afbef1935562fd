import { v7 as uuidv7 } from 'uuid';
import type {
  CreateWebhookRequest,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
  WebhookPatch,
} from '../../contracts/api/tenant/webhooks.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { refuseBaseUrl } from '../catalog/base-url.ts';
import type { Administrator, EnterRefusal } from '../db/context.ts';
import { replayWebhookDelivery } from '../db/webhooks/deliveries.ts';
import {
  insertWebhookEndpoint,
  rotateWebhookSecret,
  updateWebhookEndpoint,
  type WebhookRefusal,
} from '../db/webhooks/endpoints.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Settings } from '../runtime/settings.ts';
import { newWebhookSecret, sealWebhookSecret } from './secret.ts';
import { wakeEndpoints } from './wake.ts';

/** Changes that admins and management keys make of the webhook endpoints of their tenant. */

type ManageDependencies = Pick<
  Dependencies,
  'database' | 'settings' | 'requestId' | 'webhooksQueue' | 'log' | 'waitUntil'
>;

/** Returns the rule that a URL breaks: those of the base URLs of AI providers, but that it can have a query. Pure. */
export function refuseWebhookUrl(
  text: string,
  settings: Pick<Settings, 'PLATFORM_DOMAIN' | 'PLATFORM_HOSTNAMES' | 'ALLOW_LOCAL_BASE_URLS'>,
): string | null {
  const url = URL.parse(text);
  if (url === null) return 'must be a URL';
  if (url.hash !== '') return 'must not have a fragment';
  url.search = '';
  return refuseBaseUrl(url.href, settings, settings.ALLOW_LOCAL_BASE_URLS);
}

type UrlRefusal = { code: 'url_refused'; rule: string };
const OWN_HOST: UrlRefusal = { code: 'url_refused', rule: 'must not be this platform itself' };

/** Creates an endpoint of the caller's tenant and returns it with its secret, once. */
export async function addWebhook(
  deps: ManageDependencies,
  caller: Administrator,
  request: CreateWebhookRequest,
): Promise<
  Result<WebhookEndpointWithSecret, { code: EnterRefusal | 'forbidden' | 'too_many_webhooks' } | UrlRefusal>
> {
  const rule = refuseWebhookUrl(request.url, deps.settings);
  if (rule !== null) return fail({ code: 'url_refused', rule });
  const id = uuidv7();
  const secret = newWebhookSecret();
  const place = { tenant_id: caller.tenantId, id };
  const secret_ciphertext = await sealWebhookSecret(deps.settings.KEY_RING, place, secret);
  const row = { ...request, id, secret_ciphertext };
  const created = await insertWebhookEndpoint(deps.database, caller, row, deps.requestId);
  if (created.ok) return ok({ ...created.value, secret });
  const { code } = created.failure;
  return fail(code === 'own_host' ? OWN_HOST : { code });
}

/** Changes an endpoint. One that is enabled again gets what waits for it. */
export async function changeWebhook(
  deps: ManageDependencies,
  caller: Administrator,
  id: string,
  patch: WebhookPatch,
): Promise<Result<WebhookEndpoint, { code: WebhookRefusal } | UrlRefusal>> {
  const rule = patch.url === undefined ? null : refuseWebhookUrl(patch.url, deps.settings);
  if (rule !== null) return fail({ code: 'url_refused', rule });
  const changed = await updateWebhookEndpoint(deps.database, caller, id, patch, deps.requestId);
  if (!changed.ok) {
    const { code } = changed.failure;
    return fail(code === 'own_host' ? OWN_HOST : { code });
  }
  if (patch.enabled === true) wakeAfterwards(deps, caller, id);
  return changed;
}

/** Gives an endpoint a new secret and returns it once. */
export async function rotateWebhook(
  deps: ManageDependencies,
  caller: Administrator,
  id: string,
): Promise<Result<WebhookEndpointWithSecret, { code: WebhookRefusal }>> {
  const secret = newWebhookSecret();
  const place = { tenant_id: caller.tenantId, id };
  const secret_ciphertext = await sealWebhookSecret(deps.settings.KEY_RING, place, secret);
  const rotated = await rotateWebhookSecret(deps.database, caller, id, secret_ciphertext, deps.requestId);
  return rotated.ok ? ok({ ...rotated.value, secret }) : rotated;
}

/** Delivers an event to an endpoint again. */
export async function replayEvent(
  deps: ManageDependencies,
  caller: Administrator,
  id: string,
  eventId: string,
): ReturnType<typeof replayWebhookDelivery> {
  const replayed = await replayWebhookDelivery(deps.database, caller, id, eventId);
  if (replayed.ok) wakeAfterwards(deps, caller, id);
  return replayed;
}

/** Wakes an endpoint after the response. If that fails, the hourly check finds what is due. */
function wakeAfterwards(
  { webhooksQueue, log, waitUntil }: ManageDependencies,
  caller: Administrator,
  id: string,
) {
  const waking = wakeEndpoints(webhooksQueue, caller.tenantId, [id]);
  waitUntil(waking.catch((error) => log.warn('webhook_not_woken', { endpoint_id: id, error })));
}
