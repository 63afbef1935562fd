import { sql } from 'drizzle-orm';
import type { WebhookDelivery } from '../../../contracts/api/tenant/webhooks.ts';
import type { EventData, WebhookEventType } from '../../../contracts/webhooks/event.ts';
import type { Database } from '../client.ts';
import { runAsService } from '../context.ts';
import { users } from '../schema/users.ts';
import { webhookDeliveries, webhookEndpoints, webhookEvents } from '../schema/webhooks.ts';

/** Claiming deliveries that are due, and recording their results. */

/** Time for which a delivery is claimed: nobody else attempts it before. Longer than a page of deliveries takes at most. */
export const CLAIM_S = 120;

/** An endpoint with the secrets that sign, encrypted: the newest first. */
export type ClaimedEndpoint = { url: string; secret_ciphertexts: string[] };

/** A delivery that was claimed. `attempts` counts the one that is about to be made. */
export type ClaimedDelivery = {
  event_id: string;
  attempts: number;
  type: WebhookEventType;
  occurred_at: string;
  data: EventData;
};

export type WebhookAddress = { tenant_id: string; endpoint_id: string };

const momentOf = (at_ms: number) => sql`to_timestamp(${at_ms}::float8 / 1000)`;

/** Claims up to `limit` deliveries that are due, the oldest first. None if the endpoint is disabled or gone. */
export async function claimDeliveries(
  database: Database,
  { tenant_id, endpoint_id }: WebhookAddress,
  at_ms: number,
  limit: number,
): Promise<{ endpoint: ClaimedEndpoint | null; deliveries: ClaimedDelivery[] }> {
  const at = momentOf(at_ms);
  const answer = await runAsService(database, tenant_id, [
    database.execute<ClaimedEndpoint>(sql`select url, array_remove(array[secret_ciphertext,
        case when previous_secret_valid_until > ${at} then previous_secret_ciphertext end], null) as secret_ciphertexts
      from ${webhookEndpoints} where tenant_id = ${tenant_id}::uuid and id = ${endpoint_id}::uuid and enabled`),
    database.execute<ClaimedDelivery>(sql`update ${webhookDeliveries} d
      set attempts = d.attempts + 1, next_at = ${at} + make_interval(secs => ${CLAIM_S})
      from ${webhookEvents} e
      where e.tenant_id = d.tenant_id and e.id = d.event_id and d.ctid = any (array(
        select c.ctid from ${webhookDeliveries} c
        where c.tenant_id = ${tenant_id}::uuid and c.endpoint_id = ${endpoint_id}::uuid and c.status = 'pending' and c.next_at <= ${at}
          and exists (select from ${webhookEndpoints} w where w.tenant_id = c.tenant_id and w.id = c.endpoint_id and w.enabled)
        order by c.next_at limit ${limit} for no key update skip locked))
      returning d.event_id, d.attempts, e.type, e.occurred_at::text, e.data`),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  const [endpoints, { rows }] = answer.value;
  return { endpoint: endpoints.rows[0] ?? null, deliveries: rows };
}

/** The result of one attempt. `wait_s` is the time to the next one; null with `status` other than `pending`. */
export type DeliveryResult = {
  event_id: string;
  status: WebhookDelivery['status'];
  wait_s: number | null;
  last_status: number | null;
  last_error: WebhookDelivery['last_error'];
  duration_ms: number;
};

/** The state of the endpoint by the results. `gone`: it answered 410; `failing_max_ms`: the longest time that it may fail. */
export type EndpointResult = { succeeded: boolean; gone: boolean; failing_max_ms: number };

/** The users who are told that their endpoint was disabled; none if it was not. */
export type DisabledEndpoint = { reason: 'failing' | 'gone'; url: string; user_ids: string[] } | null;

/** Records results, and disables an endpoint that is gone or fails for too long. */
export async function recordDeliveries(
  database: Database,
  { tenant_id, endpoint_id }: WebhookAddress,
  at_ms: number,
  results: DeliveryResult[],
  { succeeded, gone, failing_max_ms }: EndpointResult,
): Promise<DisabledEndpoint> {
  const at = momentOf(at_ms);
  const isOver = sql`(${gone}::boolean or (not ${succeeded}::boolean
    and coalesce(failing_since, ${at}) <= ${at} - make_interval(secs => ${failing_max_ms / 1_000}::float8)))`;
  const isThis = sql`tenant_id = ${tenant_id}::uuid and id = ${endpoint_id}::uuid`;
  const disabledNow = sql`exists (select from ${webhookEndpoints} where ${isThis} and not enabled and disabled_at = ${at})`;
  const answer = await runAsService(database, tenant_id, [
    database.execute(sql`update ${webhookDeliveries} d set status = r.status, last_at = ${at}, last_status = r.last_status,
        last_error = r.last_error, duration_ms = r.duration_ms, next_at = ${at} + make_interval(secs => coalesce(r.wait_s, 0))
      from jsonb_to_recordset(${JSON.stringify(results)}::jsonb) as r (event_id uuid, status text, wait_s float8, last_status integer,
        last_error text, duration_ms integer)
      where d.tenant_id = ${tenant_id}::uuid and d.endpoint_id = ${endpoint_id}::uuid and d.event_id = r.event_id`),
    // Written only if something changes.
    database.execute(sql`update ${webhookEndpoints} set
        failing_since = case when ${succeeded}::boolean then null else coalesce(failing_since, ${at}) end,
        disabled_reason = case when ${isOver} then ${gone ? 'gone' : 'failing'}::text end,
        disabled_at = case when ${isOver} then ${at} end, enabled = not ${isOver}
      where ${isThis} and enabled and (${isOver} or (failing_since is null) <> ${succeeded}::boolean)`),
    database.execute(sql`update ${webhookDeliveries} set status = 'failed', last_error = 'disabled'
      where tenant_id = ${tenant_id}::uuid and endpoint_id = ${endpoint_id}::uuid and status = 'pending' and ${disabledNow}`),
    database.execute<{ reason: 'failing' | 'gone'; url: string; user_ids: string[] }>(sql`
      select disabled_reason as reason, url, array(select u.id from ${users} u
        where u.tenant_id = ${tenant_id}::uuid and u.role in ('admin', 'superadmin') and u.status = 'active') as user_ids
      from ${webhookEndpoints} where ${isThis} and not enabled and disabled_at = ${at}`),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  return answer.value[3].rows[0] ?? null;
}
