import { type SQL, sql } from 'drizzle-orm';
import type { WebhookDelivery, WebhookDeliveryQuery } from '../../../contracts/api/tenant/webhooks.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type Administrator, type EnterRefusal, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { webhookDeliveries, webhookEndpoints, webhookEvents } from '../schema/webhooks.ts';
import { isoTime } from '../users/user-rows.ts';
import { selectMayManageWebhooks, type WebhookRefusal } from './endpoints.ts';

/** The delivery log of an endpoint, and repeating a delivery. */

type DeliveryRow = {
  event_id: string;
  type: WebhookDelivery['type'];
  occurred_at: string;
  data: WebhookDelivery['data'];
  status: WebhookDelivery['status'];
  attempts: number;
  next_at: string;
  last_at: string | null;
  last_status: number | null;
  last_error: WebhookDelivery['last_error'];
  duration_ms: number | null;
};

const selectDeliveries = (database: Database, which: SQL) =>
  database.execute<DeliveryRow>(sql`
    select d.event_id, e.type, e.occurred_at::text, e.data, d.status, d.attempts, d.next_at::text, d.last_at::text, d.last_status,
      d.last_error, d.duration_ms
    from ${webhookDeliveries} d join ${webhookEvents} e on e.tenant_id = d.tenant_id and e.id = d.event_id
    where d.tenant_id = app.tenant_id() and ${which}`);

const selectEndpoint = (database: Database, id: string) =>
  database.execute<{ enabled: boolean }>(
    sql`select enabled from ${webhookEndpoints} where tenant_id = app.tenant_id() and id = ${id}::uuid`,
  );

const present = ({ occurred_at, next_at, last_at, ...row }: DeliveryRow): WebhookDelivery => ({
  ...row,
  timestamp: isoTime(occurred_at),
  next_attempt_at: row.status === 'pending' ? isoTime(next_at) : null,
  last_attempt_at: last_at === null ? null : isoTime(last_at),
});

/** Lists the deliveries to an endpoint of the caller's tenant, those of the newest events first. */
export async function listWebhookDeliveries(
  database: Database,
  caller: Administrator,
  endpointId: string,
  { status, ...page }: WebhookDeliveryQuery,
): Promise<Result<Page<WebhookDelivery>, { code: WebhookRefusal | InvalidCursor }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const isAfter = start.value === null ? sql`true` : sql`d.event_id < ${start.value}::uuid`;
  const hasStatus = status === undefined ? sql`true` : sql`d.status = ${status}::text`;
  const answer = await runAsUser(database, caller, [
    selectDeliveries(
      database,
      sql`d.endpoint_id = ${endpointId}::uuid and ${hasStatus} and ${isAfter} order by d.event_id desc limit ${page.limit + 1}`,
    ),
    selectEndpoint(database, endpointId),
    selectMayManageWebhooks(database),
  ]);
  if (!answer.ok) return answer;
  const [{ rows }, found, callers] = answer.value;
  if (callers.rows[0]?.may_manage !== true) return fail({ code: 'forbidden' });
  if (found.rows.length === 0) return fail({ code: 'not_found' });
  const { items, next_cursor } = pageOfRows(rows, page.limit, ({ event_id }) => event_id);
  return ok({ items: items.map(present), next_cursor });
}

/** Makes the delivery of an event due again, with all its attempts. */
export async function replayWebhookDelivery(
  database: Database,
  caller: Administrator,
  endpointId: string,
  eventId: string,
): Promise<Result<WebhookDelivery, { code: EnterRefusal | 'forbidden' | 'not_found' | 'webhook_disabled' }>> {
  const which = sql`d.endpoint_id = ${endpointId}::uuid and d.event_id = ${eventId}::uuid`;
  const answer = await runAsUser(database, caller, [
    database.execute(sql`update ${webhookDeliveries} d set status = 'pending', attempts = 0, next_at = now()
      where d.tenant_id = app.tenant_id() and ${which} and exists (select from ${webhookEndpoints} e
        where e.tenant_id = d.tenant_id and e.id = d.endpoint_id and e.enabled)`),
    selectDeliveries(database, which),
    selectEndpoint(database, endpointId),
    selectMayManageWebhooks(database),
  ]);
  if (!answer.ok) return answer;
  const [, { rows }, found, callers] = answer.value;
  if (callers.rows[0]?.may_manage !== true) return fail({ code: 'forbidden' });
  const [row] = rows;
  if (row === undefined) return fail({ code: 'not_found' });
  return found.rows[0]?.enabled === true ? ok(present(row)) : fail({ code: 'webhook_disabled' });
}
