import { sql } from 'drizzle-orm';
import { type AlertRules, alertRules, DEFAULT_ALERT_RULES } from '../../../contracts/api/tenant/alerts.ts';
import { pickFields } from '../../../contracts/fields.ts';
import type { AlertKind } from '../../../contracts/webhooks/event.ts';
import type { Database } from '../client.ts';
import { runAsService } from '../context.ts';
import { alerts, alertRules as rules } from '../schema/alerts.ts';
import { aiProviders } from '../schema/catalog.ts';
import { dailyUsage, providerCalls } from '../schema/usage.ts';
import { webhookDeliveries, webhookEndpoints, webhookEvents } from '../schema/webhooks.ts';

/** The figures by which the hourly check decides about the alerts of a tenant. */
export type AlertFigures = {
  rules: AlertRules;
  day: string;
  today_micro_usd: number;
  before_micro_usd: number[];
  providers: {
    provider_id: string;
    provider_name: string;
    calls: number;
    failures: number;
    last_failure: string | null;
  }[];
  /** Open alerts that this check opens and ends. */
  open: { kind: AlertKind; subject: string }[];
  /** Endpoints with deliveries that are overdue: a wake-up was lost. */
  overdue: string[];
};

const thisHour = sql`floor(extract(epoch from now()) / 3600)`;
const today = sql`(now() at time zone 'UTC')::date`;

/** The cost of a row of usage to its tenant: what it is charged, and what its own provider keys cost. */
const spent = sql`(u.wholesale_micro_usd
  + case when u.key_owner = 'tenant' or u.tenant_id = app.platform_tenant_id() then u.cost_micro_usd else 0 end)`;

/** Reads the figures, and deletes events after 30 days and ended alerts after 90, in one round trip. */
export async function readAlertFigures(database: Database, tenantId: string): Promise<AlertFigures> {
  const answer = await runAsService(database, tenantId, [
    database.execute(
      sql`delete from ${webhookEvents} where tenant_id = ${tenantId}::uuid and created_at < now() - interval '30 days'`,
    ),
    database.execute(
      sql`delete from ${alerts} where tenant_id = ${tenantId}::uuid and ended_at < now() - interval '90 days'`,
    ),
    database
      .select(pickFields(alertRules, rules))
      .from(rules)
      .where(sql`${rules.tenant_id} = ${tenantId}::uuid`),
    database.execute<{ figures: Omit<AlertFigures, 'rules'> }>(sql`select jsonb_build_object(
      'day', ${today},
      'today_micro_usd', (select coalesce(sum(${spent}), 0) from ${dailyUsage} u
        where u.tenant_id = ${tenantId}::uuid and u.day = ${today}),
      'before_micro_usd', (select coalesce(jsonb_agg(s.spent), '[]') from (
        select sum(${spent}) as spent from ${dailyUsage} u
        where u.tenant_id = ${tenantId}::uuid and u.day between ${today} - 28 and ${today} - 1 group by u.day) s),
      'providers', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
        select c.provider_id, p.name as provider_name, sum(c.calls)::float8 as calls, sum(c.failures)::float8 as failures,
          (array_agg(c.last_failure order by c.last_failed_at_ms desc) filter (where c.failures > 0))[1] as last_failure
        from ${providerCalls} c join ${aiProviders} p on p.id = c.provider_id and p.tenant_id in (${tenantId}::uuid, app.platform_tenant_id())
        where c.tenant_id = ${tenantId}::uuid and c.hour between ${thisHour} - 1 and ${thisHour}
        group by c.provider_id, p.name) p),
      'open', (select coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'subject', a.subject)), '[]') from ${alerts} a
        where a.tenant_id = ${tenantId}::uuid and a.ended_at is null and a.kind in ('provider_failing', 'unusual_spend')),
      'overdue', array(select distinct d.endpoint_id from ${webhookDeliveries} d
        join ${webhookEndpoints} w on w.tenant_id = d.tenant_id and w.id = d.endpoint_id and w.enabled
        where d.tenant_id = ${tenantId}::uuid and d.status = 'pending' and d.next_at < now() - interval '5 minutes')
    ) as figures`),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  const [, , [own], { rows }] = answer.value;
  const [row] = rows;
  if (row === undefined) throw new Error('No figures');
  return { rules: own ?? DEFAULT_ALERT_RULES, ...row.figures };
}
