import {
  type ClaimedDelivery,
  type ClaimedEndpoint,
  claimDeliveries,
  type DeliveryResult,
  type DisabledEndpoint,
  recordDeliveries,
  type WebhookAddress,
} from '../db/webhooks/due-deliveries.ts';
import { type Fetch, unfollowed } from '../providers/transport/guarded-fetch.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { refuseWebhookUrl } from './manage-endpoints.ts';
import { type Posted, postEvent } from './post.ts';
import { FAILING_MAX_MS, waitAfter } from './schedule.ts';
import { openWebhookSecret } from './secret.ts';
import { signedHeaders } from './sign.ts';

/** Deliveries of a page. At most {@link LANES} are under way: an invocation has six connections, and one is the database's. */
export const PAGE = 20;
const LANES = 5;
/** Pages of one message. Then another message goes on, so that no invocation lasts for minutes. */
const PAGES = 5;

export type DeliverDependencies = Pick<Dependencies, 'database' | 'settings' | 'log'> & {
  fetch?: Fetch;
  /** The time, in milliseconds since 1970. */
  now?: () => number;
};

/** Decrypts the secrets that sign, the newest first. Null if one cannot be. */
async function openSecrets(
  { settings, log }: DeliverDependencies,
  { tenant_id, endpoint_id }: WebhookAddress,
  { secret_ciphertexts }: ClaimedEndpoint,
): Promise<string[] | null> {
  const secrets: string[] = [];
  for (const ciphertext of secret_ciphertexts) {
    const opened = await openWebhookSecret(settings.KEY_RING, { tenant_id, id: endpoint_id }, ciphertext);
    if (!opened.ok) {
      log.error('webhook_secret_not_decrypted', { tenant_id, endpoint_id, reason: opened.failure.code });
      return null;
    }
    secrets.push(opened.value);
  }
  return secrets;
}

/** Returns the body that an event is posted with: the same for every attempt. Pure. */
export const bodyOf = ({
  type,
  occurred_at,
  data,
}: Pick<ClaimedDelivery, 'type' | 'occurred_at' | 'data'>): string =>
  JSON.stringify({ type, timestamp: new Date(occurred_at).toISOString(), data });

/** Returns how an endpoint is asked: a function that posts one event, or the reason that none can be. */
async function senderTo(
  deps: DeliverDependencies,
  address: WebhookAddress,
  endpoint: ClaimedEndpoint,
): Promise<(delivery: ClaimedDelivery) => Promise<Posted>> {
  const { fetch = unfollowed, now = Date.now, settings } = deps;
  const unasked = (error: Posted['error']) => async () => ({ status: null, error, duration_ms: 0 });
  // The rules may have changed since the URL was saved.
  if (refuseWebhookUrl(endpoint.url, settings) !== null) return unasked('refused_url');
  const secrets = await openSecrets(deps, address, endpoint);
  if (secrets === null) return unasked('secret_unreadable');
  return async (delivery) => {
    const body = bodyOf(delivery);
    const sent_at_s = Math.floor(now() / 1_000);
    const headers = signedHeaders(secrets, { id: delivery.event_id, sent_at_s, body });
    return postEvent(fetch, endpoint.url, headers, body);
  };
}

/** Runs `work` on each item, {@link LANES} at a time. */
async function inLanes<Item, Value>(items: Item[], work: (item: Item) => Promise<Value>): Promise<Value[]> {
  const values: Value[] = [];
  const rest = [...items.entries()];
  const lane = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift())
      values[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return values;
}

/** Judges an attempt. Pure. */
function resultOf({ event_id, attempts }: ClaimedDelivery, posted: Posted, chance: number): DeliveryResult {
  const { status: last_status, error: last_error, duration_ms } = posted;
  const seen = { event_id, last_status, last_error, duration_ms };
  if (last_error === null) return { ...seen, status: 'delivered', wait_s: null };
  const wait_s = waitAfter(attempts, chance);
  return { ...seen, status: wait_s === null ? 'failed' : 'pending', wait_s };
}

/** The rest after some pages: the times in seconds after which the endpoint is to be woken, and whether more is due now. */
export type Delivered = { claimed: number; waits_s: number[]; more: boolean; disabled: DisabledEndpoint };

/** Delivers a page of what is due. `chance` shortens the waits of this page. */
async function deliverPage(deps: DeliverDependencies, address: WebhookAddress): Promise<Delivered> {
  const { database, now = Date.now } = deps;
  const { endpoint, deliveries } = await claimDeliveries(database, address, now(), PAGE);
  if (endpoint === null || deliveries.length === 0)
    return { claimed: 0, waits_s: [], more: false, disabled: null };
  const send = await senderTo(deps, address, endpoint);
  const posted = await inLanes(deliveries, async (delivery) => ({ delivery, answer: await send(delivery) }));
  const chance = Math.random();
  const results = posted.map(({ delivery, answer }) => resultOf(delivery, answer, chance));
  const disabled = await recordDeliveries(database, address, now(), results, {
    succeeded: results.some(({ status }) => status === 'delivered'),
    gone: results.some(({ last_status }) => last_status === 410),
    failing_max_ms: FAILING_MAX_MS,
  });
  deps.log.info('webhooks_delivered', {
    ...{ tenant_id: address.tenant_id, endpoint_id: address.endpoint_id, deliveries: results.length },
    failed: results.filter(({ last_error }) => last_error !== null).length,
  });
  return {
    claimed: deliveries.length,
    waits_s: disabled === null ? [...new Set(results.flatMap(({ wait_s }) => wait_s ?? []))] : [],
    more: disabled === null && deliveries.length === PAGE,
    disabled,
  };
}

/** Delivers to one endpoint what is due, up to a hundred events. */
export async function deliverDue(deps: DeliverDependencies, address: WebhookAddress): Promise<Delivered> {
  const all: Delivered = { claimed: 0, waits_s: [], more: true, disabled: null };
  for (let page = 0; page < PAGES && all.more; page++) {
    const { claimed, waits_s, more, disabled } = await deliverPage(deps, address);
    all.claimed += claimed;
    all.waits_s.push(...waits_s);
    Object.assign(all, { more, disabled });
  }
  return all;
}
