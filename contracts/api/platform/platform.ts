import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { failureKind } from '../../usage.ts';
import { differenceKind } from '../../wallet/reconciliation.ts';
import { pageOf, pageParams } from '../paging.ts';
import { day, isPeriod, period } from '../period.ts';
import { tenantStatus } from './tenants.ts';

/** The platform's business across tenants, for superadmins on the platform's hostname. */

const count = z.int().min(0);

/** The figures of executions that ended in a period. */
const figures = {
  executions: count.describe('The executions that ended.'),
  failed_executions: count.describe('The executions of these that failed or expired.'),
  own_key_executions: count.describe("The executions of these on tenants' own provider keys."),
  input_tokens: count.describe('The provider tokens of prompts, those of caches, images and audio included.'),
  output_tokens: count.describe('The provider tokens of answers.'),
  tokens_charged: count.describe('The wallet tokens charged to users.'),
  cost_micro_usd: count.describe("The providers' price of executions on the platform's keys, in micro-USD."),
  revenue_micro_usd: count.describe(
    'The wholesale price charged to tenants, fees for their own keys included, in micro-USD.',
  ),
  margin_micro_usd: z.int().describe('The revenue without the cost, in micro-USD. Negative for a loss.'),
};
export const platformFigures = z.object(figures).meta({ id: 'PlatformFigures' });
export type PlatformFigures = z.infer<typeof platformFigures>;

export const overviewParams = isPeriod(z.object(period));
export type OverviewQuery = z.infer<typeof overviewParams>;

const platformDay = platformFigures
  .extend({ day: day.describe('The day (UTC).') })
  .meta({ id: 'PlatformDay' });
export type PlatformDay = z.infer<typeof platformDay>;

/** The figures of a period, in all and by day. */
export const platformOverview = z
  .object({
    ...period,
    totals: platformFigures.describe('The figures of the whole period.'),
    days: z
      .array(platformDay)
      .describe('The figures of each day, oldest first. Days without executions are zero.'),
  })
  .meta({ id: 'PlatformOverview' });
export type PlatformOverview = z.infer<typeof platformOverview>;

/** A tenant as reports name it. */
export const reportedTenant = z
  .object({
    id: resourceId.describe('The id of the tenant.'),
    slug: z.string().describe('The short name.'),
    name: z.string().describe('The display name.'),
    status: tenantStatus,
  })
  .meta({ id: 'ReportedTenant' });
export type ReportedTenant = z.infer<typeof reportedTenant>;

const usageFigures = Object.keys(figures) as [keyof PlatformFigures, ...(keyof PlatformFigures)[]];

const usageFilter = {
  ...period,
  group_by: z
    .enum(['tenant', 'model', 'day'])
    .describe('The group of an item: `tenant`: a tenant; `model`: a public model name; `day`: a day (UTC).'),
  tenant_id: resourceId.optional().describe('Counts only executions of this tenant.'),
  sort: z
    .enum(['day', ...usageFigures])
    .optional()
    .describe(
      'The figure by which items are ordered. `day` only orders days. Left out: `day` for days, else `revenue_micro_usd`.',
    ),
  order: z
    .enum(['desc', 'asc'])
    .default('desc')
    .describe('The direction: `desc`: the largest first; `asc`: the smallest first.'),
};

const isSortable = <Schema extends z.ZodObject<typeof usageFilter>>(schema: Schema) =>
  isPeriod(schema).refine(({ sort, group_by }) => sort !== 'day' || group_by === 'day', {
    path: ['sort'],
    message: 'is `day`, which needs `group_by=day`',
    params: { rule: 'needs_days' },
  });

export const usageParams = isSortable(z.object({ ...usageFilter, ...pageParams.shape }));
export type UsageQuery = z.infer<typeof usageParams>;
export const usageExportParams = isSortable(z.object(usageFilter));
export type UsageFilter = z.infer<typeof usageExportParams>;

/** The figures of one tenant, model or day. */
export const platformUsage = platformFigures
  .extend({
    tenant: reportedTenant.nullable().describe('The tenant. Null in other groups.'),
    model: z
      .string()
      .nullable()
      .describe(
        'The public model name. Null in other groups, and while the start of the executions is on its way.',
      ),
    day: day.nullable().describe('The day (UTC). Null in other groups.'),
  })
  .meta({ id: 'PlatformUsage' });
export type PlatformUsage = z.infer<typeof platformUsage>;
export const platformUsagePage = pageOf(platformUsage).extend({
  items: z.array(platformUsage).describe('The items of this page, in the order asked for.'),
});

/** A provider that failed for a tenant within the last 24 hours. */
const failingProvider = z
  .object({
    tenant: reportedTenant.describe('The tenant whose executions failed.'),
    provider_id: resourceId.describe('The id of the provider.'),
    provider_name: z.string().describe('The name of the provider.'),
    key_owner: z
      .enum(['platform', 'tenant'])
      .describe('The owner of the provider and of its key: `platform` or `tenant`.'),
    calls: count.describe('The calls of the last 24 hours.'),
    failures: count.describe('The calls of these that failed, without those that the request caused.'),
    recent_calls: count.describe('The calls of this hour and the hour before.'),
    recent_failures: count.describe('The calls of these that failed.'),
    last_failure: failureKind,
    last_failed_at: z.iso.datetime().describe('The time of the last failed call.'),
  })
  .meta({ id: 'FailingProvider' });
export type FailingProvider = z.infer<typeof failingProvider>;

/** A wallet whose last check found a difference that needs a person. */
const openDrift = z
  .object({
    tenant: reportedTenant.describe('The tenant of the wallet.'),
    user_id: resourceId.nullable().describe("The user whose wallet it is. Null for the tenant's own wallet."),
    differences: z.array(differenceKind).describe('The kinds of differences.'),
    checked_at: z.iso.datetime().describe('The time of the check.'),
  })
  .meta({ id: 'OpenDrift' });
export type OpenDrift = z.infer<typeof openDrift>;

/** A suspended tenant. */
const suspendedTenant = z
  .object({
    tenant: reportedTenant.describe('The tenant.'),
    reason: z.string().nullable().describe('The reason that was given. Null if none was given.'),
    suspended_at: z.iso.datetime().describe('The time of the suspension.'),
  })
  .meta({ id: 'SuspendedTenant' });
export type SuspendedTenant = z.infer<typeof suspendedTenant>;

/** Items of a list of the health report, at most. */
export const HEALTH_ITEMS_MAX = 100;

const shortList = <Item extends z.ZodType>(item: Item, what: string) =>
  z.array(item).describe(`${what}, ${HEALTH_ITEMS_MAX} at most.`);

/** Items that need a superadmin's attention. */
export const platformHealth = z
  .object({
    failing_providers: shortList(
      failingProvider,
      'The providers that failed, those with most recent failures first',
    ),
    open_drifts: shortList(openDrift, 'The wallets with a difference, the last checked first'),
    suspended_tenants: shortList(suspendedTenant, 'The suspended tenants, the last suspended first'),
    totals: z
      .object({
        failing_providers: count.describe('The number of all failing providers, counted for each tenant.'),
        open_drifts: count.describe('The number of all wallets with a difference.'),
        suspended_tenants: count.describe('The number of all suspended tenants.'),
      })
      .describe('The numbers of all items, also of those that are not listed.'),
  })
  .meta({ id: 'PlatformHealth' });
export type PlatformHealth = z.infer<typeof platformHealth>;
