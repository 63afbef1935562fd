import { asc, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import {
  type CreateWebhookRequest,
  WEBHOOKS_MAX,
  type WebhookEndpoint,
  type WebhookPatch,
} from '../../../contracts/api/tenant/webhooks.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { WebhookEventType } from '../../../contracts/webhooks/event.ts';
import { auditChange } from '../audit.ts';
import type { Database } from '../client.ts';
import { type Administrator, type EnterRefusal, runAsUser } from '../context.ts';
import { webhookEndpoints } from '../schema/webhooks.ts';
import { isoTime } from '../users/user-rows.ts';

/** The webhook endpoints of a tenant, for its admins and its management keys. */

/** Time for which a replaced secret still signs. */
const OVERLAP = sql`interval '24 hours'`;

const selectEndpoints = (database: Database, which: SQL) =>
  database
    .select({
      id: webhookEndpoints.id,
      url: webhookEndpoints.url,
      description: webhookEndpoints.description,
      event_types: sql<WebhookEventType[]>`${webhookEndpoints.event_types}`,
      enabled: webhookEndpoints.enabled,
      disabled_reason: webhookEndpoints.disabled_reason,
      failing_since: webhookEndpoints.failing_since,
      previous_secret_valid_until: sql<
        string | null
      >`case when ${webhookEndpoints.previous_secret_valid_until} > now() then ${webhookEndpoints.previous_secret_valid_until} end`,
      created_at: webhookEndpoints.created_at,
      updated_at: webhookEndpoints.updated_at,
    })
    .from(webhookEndpoints)
    .where(which);

const isoOrNull = (timestamp: string | null) => (timestamp === null ? null : isoTime(timestamp));

const present = (row: Awaited<ReturnType<typeof selectEndpoints>>[number]): WebhookEndpoint => ({
  ...row,
  failing_since: isoOrNull(row.failing_since),
  previous_secret_valid_until: isoOrNull(row.previous_secret_valid_until),
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});

/** The caller manages webhooks: an admin or superadmin in their tenant, or a management key with the scope. */
const mayManage = sql`((select app.role()) in ('admin', 'superadmin') or (select app.has_scope('webhooks:manage')))`;
const ofTenant = sql`${webhookEndpoints.tenant_id} = app.tenant_id() and ${mayManage}`;
const isEndpoint = (id: string) => sql`${ofTenant} and ${webhookEndpoints.id} = ${id}`;

/** Selects whether the caller manages webhooks. For a batch. */
export const selectMayManageWebhooks = (database: Database) =>
  database.execute<{ may_manage: boolean }>(sql`select ${mayManage} as may_manage`);

/** Selects whether a hostname is one of this platform's tenants, which is not called. */
const selectIsOwnHost = (database: Database, hostname: string | null) =>
  database.execute<{ is_own: boolean }>(
    sql`select app.tenant_of_hostname(${hostname}) is not null as is_own`,
  );

const auditedFields = sql`jsonb_build_object('url', ${webhookEndpoints.url}, 'description', ${webhookEndpoints.description},
  'event_types', ${webhookEndpoints.event_types}, 'enabled', ${webhookEndpoints.enabled}, 'secret', ${webhookEndpoints.secret_version})`;
const noValue = sql`null::jsonb`;

const audited = (
  database: Database,
  action: string,
  id: string,
  { before, after }: { before: SQL; after: SQL },
  request_id: string,
) =>
  auditChange(database, {
    ...{ id: uuidv7(), action, before, after, request_id, target_type: 'webhook' },
    target: webhookEndpoints,
    rows: sql`from ${webhookEndpoints} where ${isEndpoint(id)}`,
  });

export type WebhookRefusal = EnterRefusal | 'forbidden' | 'not_found';

type Callers = Awaited<ReturnType<typeof selectMayManageWebhooks>>;

/** Converts the endpoint read at the end of a batch. */
function read(
  rows: Parameters<typeof present>[0][],
  callers: Callers,
): Result<WebhookEndpoint, { code: 'forbidden' | 'not_found' }> {
  if (callers.rows[0]?.may_manage !== true) return fail({ code: 'forbidden' });
  const [row] = rows;
  return row === undefined ? fail({ code: 'not_found' }) : ok(present(row));
}

/** Lists the endpoints of the caller's tenant, in the order in which they were created. */
export async function listWebhookEndpoints(
  database: Database,
  caller: Administrator,
): Promise<Result<WebhookEndpoint[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, caller, [
    selectEndpoints(database, ofTenant).orderBy(asc(webhookEndpoints.id)),
    selectMayManageWebhooks(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  return callers.rows[0]?.may_manage === true ? ok(rows.map(present)) : fail({ code: 'forbidden' });
}

export type NewWebhookEndpoint = CreateWebhookRequest & { id: string; secret_ciphertext: string };

/** Adds an endpoint, unless its host is a tenant of this platform. A tenant has at most {@link WEBHOOKS_MAX}. */
export async function insertWebhookEndpoint(
  database: Database,
  caller: Administrator,
  row: NewWebhookEndpoint,
  requestId: string,
): Promise<Result<WebhookEndpoint, { code: EnterRefusal | 'forbidden' | 'own_host' | 'too_many_webhooks' }>> {
  const { hostname } = new URL(row.url);
  const answer = await runAsUser(database, caller, [
    // Serializes the creation of a tenant's endpoints, so that counting them is safe.
    database.execute(
      sql`select pg_advisory_xact_lock(hashtextextended('webhook_endpoints/' || app.tenant_id()::text, 0))`,
    ),
    selectIsOwnHost(database, hostname),
    database.execute(sql`insert into webhook_endpoints (tenant_id, id, url, description, event_types, enabled, secret_ciphertext)
      select app.tenant_id(), r.id, r.url, r.description, r.event_types, r.enabled, r.secret_ciphertext
      from jsonb_populate_record(null::webhook_endpoints, ${JSON.stringify(row)}::jsonb) r
      where ${mayManage} and app.tenant_of_hostname(${hostname}) is null
        and (select count(*) from ${webhookEndpoints} where ${webhookEndpoints.tenant_id} = app.tenant_id()) < ${WEBHOOKS_MAX}`),
    audited(database, 'webhook.created', row.id, { before: noValue, after: auditedFields }, requestId),
    selectEndpoints(database, isEndpoint(row.id)),
    selectMayManageWebhooks(database),
  ]);
  if (!answer.ok) return answer;
  const [, hosts, , , rows, callers] = answer.value;
  const created = read(rows, callers);
  if (created.ok) return created;
  if (created.failure.code === 'forbidden') return fail({ code: 'forbidden' });
  return fail({ code: hosts.rows[0]?.is_own === true ? 'own_host' : 'too_many_webhooks' });
}

/** Changes an endpoint. Fields that are left out keep their value. One that is enabled again is not failing any more. */
export async function updateWebhookEndpoint(
  database: Database,
  caller: Administrator,
  id: string,
  patch: WebhookPatch,
  requestId: string,
): Promise<Result<WebhookEndpoint, { code: WebhookRefusal | 'own_host' }>> {
  const hostname = patch.url === undefined ? null : new URL(patch.url).hostname;
  const isAllowed = sql`${isEndpoint(id)} and app.tenant_of_hostname(${hostname}) is null`;
  const types = sql`array(select jsonb_array_elements_text(${JSON.stringify(patch.event_types ?? [])}::jsonb))`;
  const reset =
    patch.enabled === true ? { disabled_reason: null, disabled_at: null, failing_since: null } : {};
  const answer = await runAsUser(database, caller, [
    selectIsOwnHost(database, hostname),
    auditChange(database, {
      ...{ id: uuidv7(), action: 'webhook.changed', request_id: requestId, target_type: 'webhook' },
      target: webhookEndpoints,
      before: auditedFields,
      after: sql`${auditedFields} || ${JSON.stringify(patch)}::jsonb`,
      rows: sql`from ${webhookEndpoints} where ${isAllowed}`,
    }),
    database
      .update(webhookEndpoints)
      .set({
        ...patch,
        ...reset,
        ...(patch.event_types === undefined ? {} : { event_types: types }),
        updated_at: sql`now()`,
      } as Record<string, unknown>)
      .where(isAllowed),
    selectEndpoints(database, isEndpoint(id)),
    selectMayManageWebhooks(database),
  ]);
  if (!answer.ok) return answer;
  const [hosts, , , rows, callers] = answer.value;
  const found = read(rows, callers);
  return found.ok && hosts.rows[0]?.is_own === true ? fail({ code: 'own_host' }) : found;
}

/** Gives an endpoint a new secret. The one before signs as well for a day. */
export async function rotateWebhookSecret(
  database: Database,
  caller: Administrator,
  id: string,
  secret_ciphertext: string,
  requestId: string,
): Promise<Result<WebhookEndpoint, { code: WebhookRefusal }>> {
  const nextVersion = sql`${webhookEndpoints.secret_version} + 1`;
  const after = sql`jsonb_build_object('secret', ${nextVersion})`;
  const answer = await runAsUser(database, caller, [
    audited(
      database,
      'webhook.rotated',
      id,
      { before: sql`jsonb_build_object('secret', ${webhookEndpoints.secret_version})`, after },
      requestId,
    ),
    database
      .update(webhookEndpoints)
      .set({
        ...{ secret_ciphertext, secret_version: nextVersion },
        previous_secret_ciphertext: sql`${webhookEndpoints.secret_ciphertext}`,
        previous_secret_valid_until: sql`now() + ${OVERLAP}`,
      })
      .where(isEndpoint(id)),
    selectEndpoints(database, isEndpoint(id)),
    selectMayManageWebhooks(database),
  ]);
  if (!answer.ok) return answer;
  const [, , rows, callers] = answer.value;
  return read(rows, callers);
}

/** Deletes an endpoint with its deliveries. */
export async function deleteWebhookEndpoint(
  database: Database,
  caller: Administrator,
  id: string,
  requestId: string,
): Promise<Result<null, { code: WebhookRefusal }>> {
  const answer = await runAsUser(database, caller, [
    selectEndpoints(database, isEndpoint(id)),
    selectMayManageWebhooks(database),
    audited(database, 'webhook.deleted', id, { before: auditedFields, after: noValue }, requestId),
    database.delete(webhookEndpoints).where(isEndpoint(id)),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  const found = read(rows, callers);
  return found.ok ? ok(null) : found;
}
