import { type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { AlertKind, EventData } from '../../../contracts/webhooks/event.ts';
import type { Database } from '../client.ts';
import { runAsService } from '../context.ts';
import { alertRules, alertSettings, alerts } from '../schema/alerts.ts';
import { tenantBudgets, tenantLedger } from '../schema/budgets.ts';
import { aiExecutionContents, aiExecutions } from '../schema/executions.ts';
import { users } from '../schema/users.ts';
import { userTokenLedger } from '../schema/wallets.ts';
import { webhookDeliveries, webhookEndpoints } from '../schema/webhooks.ts';
import type { Candidate, EndedCause, News } from './news.ts';

/**
 * Writes alerts, events and their deliveries, in the transaction of what they tell. Statements of a batch that has entered its tenant as the
 * service.
 */

/** Work for after the transaction is committed: endpoints to wake, and users to mail. */
export type Told = {
  tenant_id: string;
  endpoint_ids: string[];
  mails: { user_id: string; kind: AlertKind; data: EventData }[];
};

const grants = sql`('allocation', 'credit', 'adjustment')`;

/** A later entry has given the wallet something: the cause has gone already. */
const hasGone = (tenantId: string): SQL => sql`(c.seq is not null and case c.kind
  when 'low_balance' then exists (select from ${userTokenLedger} l where l.tenant_id = ${tenantId}::uuid and l.user_id = c.subject
    and l.seq > c.seq and l.kind in ${grants} and l.monthly_delta + l.lifetime_delta > 0)
  else exists (select from ${tenantLedger} l where l.tenant_id = ${tenantId}::uuid
    and l.seq > c.seq and l.kind in ${grants} and l.monthly_delta + l.lifetime_delta > 0) end)`;

/** The tenant has turned the kind off, or only monitors its budget. */
const isOff = (
  tenantId: string,
): SQL => sql`(exists (select from ${alertRules} r where r.tenant_id = ${tenantId}::uuid and not case c.kind
    when 'low_balance' then r.low_balance when 'budget' then r.budget when 'provider_failing' then r.provider_failing
    when 'difference' then r.difference else r.unusual_spend end)
  or (c.kind = 'budget' and exists (
    select from ${tenantBudgets} b where b.tenant_id = ${tenantId}::uuid and b.enforcement = 'monitor')))`;

/** The values of the event of an execution: no prompt and no answer. */
const executionData = sql`jsonb_build_object('execution_id', x.id, 'user_id', x.user_id, 'model', x.model, 'status', x.status,
  'error_code', x.error_code, 'tokens_charged', x.tokens_charged, 'started_at_ms', x.started_at_ms, 'finished_at_ms', x.finished_at_ms)`;

const rowOf = ({ cause, ...candidate }: Candidate) => ({ ...candidate, ...cause });

const insertNews = (database: Database, tenantId: string, candidates: Candidate[]) =>
  database.execute(sql`with candidates as materialized (
      select c.* from jsonb_to_recordset(${JSON.stringify(candidates.map(rowOf))}::jsonb) as c (id uuid, type text, at_ms float8, data jsonb,
        kind text, subject uuid, threshold integer, seq bigint, execution_id uuid)
    ), wanted as materialized (
      select e.id as endpoint_id, unnest(e.event_types) as type from ${webhookEndpoints} e
      where e.tenant_id = ${tenantId}::uuid and e.enabled
    ), opened as (
      insert into alerts (tenant_id, id, kind, subject, threshold, seq, data)
      select ${tenantId}::uuid, c.id, c.kind, c.subject, c.threshold, c.seq, c.data from candidates c
      where c.kind is not null and not ${isOff(tenantId)} and not ${hasGone(tenantId)}
      order by c.kind, c.subject, c.threshold on conflict do nothing returning id
    ), told as (
      insert into webhook_events (tenant_id, id, type, occurred_at, data)
      select ${tenantId}::uuid, c.id, c.type, to_timestamp(c.at_ms / 1000),
        case when c.execution_id is null then c.data else (
          select ${executionData} from ${aiExecutions} x where x.tenant_id = ${tenantId}::uuid and x.id = c.execution_id) end
      from candidates c
      where c.type in (select w.type from wanted w) and (c.kind is null or c.id in (select o.id from opened o))
        and (c.execution_id is null or exists (select from ${aiExecutionContents} k
          where k.tenant_id = ${tenantId}::uuid and k.execution_id = c.execution_id and k.in_background))
      order by c.id on conflict do nothing returning id, type
    )
    insert into webhook_deliveries (tenant_id, event_id, endpoint_id)
    select ${tenantId}::uuid, t.id, w.endpoint_id from told t join wanted w on w.type = t.type
    order by t.id, w.endpoint_id on conflict do nothing`);

/**
 * Selects what the batch has told. Deliveries that nobody has begun count, also those of an earlier batch with the same entries: its
 * wake-up may be lost. Alerts count in the batch that opened them.
 */
export const selectTold = (database: Database, tenantId: string, ids: string[]) =>
  database.execute<{ told: Omit<Told, 'tenant_id'> }>(sql`select jsonb_build_object(
    'endpoint_ids', array(select distinct d.endpoint_id from ${webhookDeliveries} d
      where d.tenant_id = ${tenantId}::uuid and d.event_id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
        and d.status = 'pending' and d.attempts = 0),
    'mails', coalesce((select jsonb_agg(jsonb_build_object('user_id', u.id, 'kind', a.kind, 'data', a.data)) from ${alerts} a
      join ${users} u on u.tenant_id = a.tenant_id and u.status = 'active' and case a.kind
        when 'low_balance' then u.id = a.subject else u.role in ('admin', 'superadmin') end
      left join ${alertSettings} s on s.tenant_id = u.tenant_id and s.user_id = u.id
      where a.tenant_id = ${tenantId}::uuid and a.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
        and a.opened_at = now() and not a.kind = any (coalesce(s.mail_off, '{}'))), '[]'::jsonb)) as told`);

const endAlerts = (database: Database, tenantId: string, ended: EndedCause[]) =>
  database.execute(sql`update ${alerts} set ended_at = now()
    from jsonb_to_recordset(${JSON.stringify(ended)}::jsonb) as e (kind text, subject uuid, seq bigint)
    where ${alerts.tenant_id} = ${tenantId}::uuid and ${alerts.kind} = e.kind and ${alerts.subject} = e.subject
      and ${alerts.ended_at} is null and (e.seq is null or ${alerts.seq} < e.seq)`);

/** The statements that write news. The last one is {@link selectTold} if there is anything to tell. */
export function tellStatements(
  database: Database,
  tenantId: string,
  { candidates, ended }: News,
): { statements: BatchItem<'pg'>[]; tells: boolean } {
  const tells = candidates.length > 0;
  const ids = candidates.map(({ id }) => id);
  return {
    tells,
    statements: [
      ...(ended.length > 0 ? [endAlerts(database, tenantId, ended)] : []),
      ...(tells ? [insertNews(database, tenantId, candidates), selectTold(database, tenantId, ids)] : []),
    ],
  };
}

/** Writes news of a tenant that come with no other change, in one round trip. */
export async function saveNews(database: Database, tenantId: string, news: News): Promise<Told | null> {
  const { statements, tells } = tellStatements(database, tenantId, news);
  const answer = await runAsService(database, tenantId, statements);
  if (!answer.ok) throw new Error('The service was refused');
  return tells ? toldOf(tenantId, answer.value.at(-1)) : null;
}

/** Reads the result of {@link selectTold}. Null if nothing is to be done. */
export function toldOf(tenantId: string, result: unknown): Told | null {
  const { rows } = result as { rows: { told: Omit<Told, 'tenant_id'> }[] };
  const [row] = rows;
  if (row === undefined) return null;
  const { endpoint_ids, mails } = row.told;
  return endpoint_ids.length + mails.length === 0 ? null : { tenant_id: tenantId, endpoint_ids, mails };
}
