import { sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import {
  type FailingProvider,
  HEALTH_ITEMS_MAX,
  type OpenDrift,
  type PlatformHealth,
  type SuspendedTenant,
} from '../../../contracts/api/platform/platform.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { runAsUser } from '../context.ts';
import { tenantWalletReconciliations } from '../schema/budgets.ts';
import { aiProviders } from '../schema/catalog.ts';
import { tenants } from '../schema/tenancy.ts';
import { providerCalls } from '../schema/usage.ts';
import { walletReconciliations } from '../schema/wallets.ts';
import { isSuperadminCaller } from '../tenants/tenants.ts';
import { isoTime } from '../users/user-rows.ts';
import type { PlatformRefusal } from './platform-usage.ts';

/** Items that need the attention of superadmins, across tenants. */

/** The tenant `t` as reports name it. */
const reported = sql`jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'status', t.status) as tenant`;

/** The number of all rows, also of those beyond the limit. */
const total = sql`(count(*) over ())::float8 as total`;

type Counted<Item> = Item & { total: number } & Record<string, unknown>;

const thisHour = sql`floor(extract(epoch from now()) / 3600)`;

/** Selects the providers with failures in the last 24 hours, by tenant. A provider that was removed is left out. */
const selectFailingProviders = (database: Database) =>
  database.execute<Counted<Omit<FailingProvider, 'last_failed_at'> & { last_failed_at_ms: number }>>(sql`
    with failing as (
      select c.tenant_id, c.provider_id, sum(c.calls)::float8 as calls, sum(c.failures)::float8 as failures,
        coalesce(sum(c.calls) filter (where c.hour >= ${thisHour} - 1), 0)::float8 as recent_calls,
        coalesce(sum(c.failures) filter (where c.hour >= ${thisHour} - 1), 0)::float8 as recent_failures,
        (array_agg(c.last_failure order by c.last_failed_at_ms desc) filter (where c.failures > 0))[1] as last_failure,
        (max(c.last_failed_at_ms) filter (where c.failures > 0))::float8 as last_failed_at_ms
      from ${providerCalls} c where c.hour > ${thisHour} - 24
      group by c.tenant_id, c.provider_id having sum(c.failures) > 0
    )
    select ${reported}, f.provider_id, p.name as provider_name,
      case when p.tenant_id = app.platform_tenant_id() then 'platform' else 'tenant' end as key_owner,
      f.calls, f.failures, f.recent_calls, f.recent_failures, f.last_failure, f.last_failed_at_ms, ${total}
    from failing f join ${tenants} t on t.id = f.tenant_id
      join ${aiProviders} p on p.id = f.provider_id and p.tenant_id in (f.tenant_id, app.platform_tenant_id())
    order by f.recent_failures desc, f.failures desc, f.tenant_id, f.provider_id limit ${HEALTH_ITEMS_MAX}`);

/** Selects the wallets with a difference: those of users, and those of tenants. */
const selectDrifts = (database: Database) =>
  database.execute<Counted<OpenDrift>>(sql`
    select ${reported}, d.user_id, d.checked_at::text, ${total}, array(
      select distinct difference ->> 'kind' from jsonb_array_elements(d.differences) difference order by 1) as differences
    from (
      select tenant_id, user_id, differences, checked_at from ${walletReconciliations} where status = 'different'
      union all
      select tenant_id, null, differences, checked_at from ${tenantWalletReconciliations} where status = 'different'
    ) d join ${tenants} t on t.id = d.tenant_id
    order by d.checked_at desc, d.tenant_id, d.user_id limit ${HEALTH_ITEMS_MAX}`);

const selectSuspended = (database: Database) =>
  database.execute<Counted<SuspendedTenant>>(sql`
    select ${reported}, t.status_reason as reason, t.status_changed_at::text as suspended_at, ${total}
    from ${tenants} t where t.status = 'suspended'
    order by t.status_changed_at desc, t.id limit ${HEALTH_ITEMS_MAX}`);

const totalOf = ([first]: { total: number }[]) => first?.total ?? 0;

/** Returns failing providers, open differences and suspended tenants. Superadmins only. */
export async function readPlatformHealth(
  database: Database,
  claims: SessionClaims,
): Promise<Result<PlatformHealth, { code: PlatformRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectFailingProviders(database),
    selectDrifts(database),
    selectSuspended(database),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [{ rows: providers }, { rows: drifts }, { rows: suspended }, callers] = answer.value;
  if (!isSuperadminCaller(callers)) return fail({ code: 'forbidden' });
  return ok({
    failing_providers: providers.map(({ total: _, last_failed_at_ms, ...provider }) => ({
      ...provider,
      last_failed_at: new Date(last_failed_at_ms).toISOString(),
    })),
    open_drifts: drifts.map(({ total: _, ...drift }) => ({
      ...drift,
      checked_at: isoTime(drift.checked_at),
    })),
    suspended_tenants: suspended.map(({ total: _, ...tenant }) => ({
      ...tenant,
      suspended_at: isoTime(tenant.suspended_at),
    })),
    totals: {
      failing_providers: totalOf(providers),
      open_drifts: totalOf(drifts),
      suspended_tenants: totalOf(suspended),
    },
  });
}
