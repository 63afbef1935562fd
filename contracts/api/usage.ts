import { z } from 'zod';
import { DAY_MS } from '../days.ts';
import { resourceId } from '../resource-id.ts';
import { pageOf, pageParams } from './paging.ts';
import { day, isPeriod, period } from './period.ts';
import { reportedTenant } from './platform/platform.ts';
import { userSummary } from './tenant/users.ts';

/** Usage: figures of executions by user, key, model, provider, level and time. Equal to the ledger (docs/usage.md). */

/** The longest period of a report by hour, in days. */
const HOURS_DAYS_MAX = 31;

/** The most items of a page. A stacked chart of 90 days has a few hundred. */
const ITEMS_MAX = 1_000;

export const usageGroup = z.enum(['day', 'hour', 'model', 'user', 'key', 'provider', 'level', 'tenant']);
export type UsageGroup = z.infer<typeof usageGroup>;

/** Returns the groups of a valid `group_by`, in its order. Pure. */
export const groupsOf = (group_by: string): UsageGroup[] =>
  group_by.split(',').map((group) => usageGroup.parse(group));

const isTime = (group: string): group is 'day' | 'hour' => group === 'day' || group === 'hour';

/** Returns the unit of time in a `group_by`, or null. Pure. */
export const timeOf = (group_by: string): 'day' | 'hour' | null => group_by.split(',').find(isTime) ?? null;

/** True for one group or two different ones, with at most one of time. */
const isGrouping = (group_by: string): boolean => {
  const groups = group_by.split(',');
  const times = groups.filter(isTime).length;
  const areKnown = groups.every((group) => usageGroup.safeParse(group).success);
  return areKnown && groups.length <= 2 && new Set(groups).size === groups.length && times <= 1;
};

const count = z.int().min(0);

/** Sums, by which items can be ordered. Tokens are those of the provider unless they are called wallet tokens. */
const sums = {
  executions: count.describe('The executions that ended.'),
  failed_executions: count.describe('The executions of these that failed or expired.'),
  own_key_executions: count.describe("The executions of these on the tenant's own provider keys."),
  failovers: count.describe('The provider calls after the first of an execution.'),
  input_tokens: count.describe('The provider tokens of prompts, those of caches, images and audio included.'),
  output_tokens: count.describe(
    'The provider tokens of answers, those of images, audio and reasoning included.',
  ),
  cache_read_tokens: count.describe("The prompt tokens of these that were read from a provider's cache."),
  cache_write_tokens: count.describe("The prompt tokens of these that were written to a provider's cache."),
  image_tokens: count.describe('The tokens of these that are of images, in prompts and answers.'),
  audio_tokens: count.describe('The tokens of these that are of audio, in prompts and answers.'),
  reasoning_tokens: count.describe('The answer tokens of these that are reasoning.'),
  wallet_tokens: count.describe('The wallet tokens charged to users.'),
  revenue_micro_usd: count
    .nullable()
    .describe(
      "What the platform charges the tenant, in micro-USD. Null for users and management keys. 0 for the platform's own tenant.",
    ),
  cost_micro_usd: count
    .nullable()
    .describe(
      "The providers' price of executions on the platform's keys, in micro-USD. Null for everybody but superadmins.",
    ),
  own_key_cost_micro_usd: count
    .nullable()
    .describe(
      "The providers' price of executions on the tenant's own keys, in micro-USD. Null for users and management keys.",
    ),
  margin_micro_usd: z
    .int()
    .nullable()
    .describe(
      'The revenue without the cost, in micro-USD. Negative for a loss. Null for everybody but superadmins.',
    ),
};

const duration = z.int().min(0);

/** Percentiles of durations, from a histogram whose buckets are a tenth apart. */
const percentiles = z
  .object({
    p50: duration.describe('The median, in milliseconds.'),
    p95: duration.describe('The time that 95 of 100 do not exceed, in milliseconds.'),
    p99: duration.describe('The time that 99 of 100 do not exceed, in milliseconds.'),
  })
  .meta({ id: 'Percentiles' });
export type Percentiles = z.infer<typeof percentiles>;

/** The figures of executions. */
export const usageFigures = z
  .object({
    ...sums,
    latency_ms: percentiles
      .nullable()
      .describe(
        'The time from the start to the end of executions that succeeded, within 5 %. Null without any.',
      ),
    first_token_ms: percentiles
      .nullable()
      .describe(
        'The time from the start to the first piece of a streamed answer, within 5 %. Null without any.',
      ),
  })
  .meta({ id: 'UsageFigures' });
export type UsageFigures = z.infer<typeof usageFigures>;
export type UsageSum = keyof typeof sums;
export const usageSums = Object.keys(sums) as [UsageSum, ...UsageSum[]];

const only = (what: string) => `Counts only executions of this ${what}.`;

const filter = {
  ...period,
  user_id: resourceId.optional().describe(only('user')),
  api_key_id: resourceId.optional().describe(only('API key')),
  model: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(`${only('public model name')}`),
  provider_id: resourceId.optional().describe(only('provider')),
  level_id: resourceId.optional().describe(only('level')),
  tenant_id: resourceId.optional().describe(`${only('tenant')} Superadmins only.`),
};

export const usageSummaryParams = isPeriod(z.object(filter));
export type UsageScope = z.infer<typeof usageSummaryParams>;

const grouped = {
  ...filter,
  group_by: z
    .string()
    .max(40)
    .refine(isGrouping, {
      message: `must be one of ${usageGroup.options.join(', ')}, or two of them separated by a comma, with at most one of day and hour`,
      params: { rule: 'grouping' },
    })
    .describe(
      `The group of an item: \`day\` or \`hour\` (UTC), \`model\`, \`user\`, \`key\`, \`provider\`, \`level\`, or \`tenant\` for superadmins. Two groups are separated by a comma. By hour the period has at most ${HOURS_DAYS_MAX} days.`,
    )
    .meta({ examples: ['day,model'] }),
  sort: z
    .enum(['time', ...usageSums])
    .optional()
    .describe(
      'The figure by which items are ordered. `time` needs `day` or `hour` in `group_by`, and is the default there. Otherwise it is `wallet_tokens`.',
    ),
  order: z
    .enum(['desc', 'asc'])
    .default('desc')
    .describe('The direction: `desc`: the largest or newest first; `asc`: the smallest or oldest first.'),
};

type Grouped = { from: string; to: string; group_by: string; sort?: string | undefined };

const isReport = <Schema extends z.ZodObject<typeof grouped>>(schema: Schema) =>
  isPeriod(schema)
    .refine(({ group_by, sort }: Grouped) => sort !== 'time' || timeOf(group_by) !== null, {
      path: ['sort'],
      message: 'is `time`, which needs `day` or `hour` in `group_by`',
      params: { rule: 'needs_time' },
    })
    .refine(
      ({ from, to, group_by }: Grouped) =>
        timeOf(group_by) !== 'hour' || Date.parse(to) - Date.parse(from) < HOURS_DAYS_MAX * DAY_MS,
      {
        path: ['to'],
        message: `is more than ${HOURS_DAYS_MAX} days from \`from\`, which is too long by hour`,
        params: { rule: 'period_too_long' },
      },
    );

export const usageReportParams = isReport(
  z.object({
    ...grouped,
    cursor: pageParams.shape.cursor,
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(ITEMS_MAX)
      .default(100)
      .describe('The number of items per page, at most.'),
  }),
);
export type UsageReportQuery = z.infer<typeof usageReportParams>;
export const usageCsvParams = isReport(z.object(grouped));
export type UsageReportFilter = z.infer<typeof usageCsvParams>;

const named = (what: string) =>
  z.object({
    id: resourceId.describe(`The id of the ${what}.`),
    name: z
      .string()
      .nullable()
      .describe(`The name of the ${what}. Null if it was deleted, or if you cannot read it.`),
  });
const NOT_GROUPED = 'Null in other groups';

/** The figures of one group. */
export const usageItem = usageFigures
  .extend({
    day: day.nullable().describe(`The day (UTC). ${NOT_GROUPED}.`),
    hour: z.iso.datetime().nullable().describe(`The beginning of the hour. ${NOT_GROUPED}.`),
    model: z
      .string()
      .nullable()
      .describe(
        `The public model name. ${NOT_GROUPED}, and while the start of the executions is on its way.`,
      ),
    user: userSummary.nullable().describe(`The user. ${NOT_GROUPED}.`),
    api_key: named('API key')
      .meta({ id: 'UsageApiKey' })
      .nullable()
      .describe(`The API key. ${NOT_GROUPED}, and for executions without a key.`),
    provider: named('provider')
      .meta({ id: 'UsageProvider' })
      .nullable()
      .describe(
        `The provider that was called last. ${NOT_GROUPED}, and for executions that called none or did not record it.`,
      ),
    level: named('level')
      .meta({ id: 'UsageLevel' })
      .nullable()
      .describe(
        `The user's level at the start. ${NOT_GROUPED}, and for executions from before it was recorded.`,
      ),
    tenant: reportedTenant.nullable().describe(`The tenant. ${NOT_GROUPED}.`),
  })
  .meta({ id: 'UsageItem' });
export type UsageItem = z.infer<typeof usageItem>;
export const usagePage = pageOf(usageItem).extend({
  items: z.array(usageItem).describe('The items of this page, in the order asked for.'),
});

/** The figures of a period and of the one before it. */
export const usageSummary = z
  .object({
    ...period,
    totals: usageFigures.describe('The figures of the period.'),
    previous: z
      .object({ ...period, totals: usageFigures.describe('The figures of that period.') })
      .describe('The period of the same length before it.'),
  })
  .meta({ id: 'UsageSummary' });
export type UsageSummary = z.infer<typeof usageSummary>;
