import { keepPreviousData, mutationOptions, queryOptions } from '@tanstack/react-query';
import type { UsageGroup, UsageReportFilter, UsageSum } from '../../../../../contracts/api/usage.ts';
import type { Period } from '../../../../../contracts/days.ts';
import { api, ask, askFile } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';
import { spendOf } from '../spend.ts';

/** The executions that are counted: those of a period, or of one model, user or key in it. */
export type UsageScope = Period & Partial<Pick<UsageReportFilter, UsageFilterName>>;
export type UsageFilterName = 'model' | 'user_id' | 'api_key_id' | 'provider_id' | 'level_id' | 'tenant_id';

/** A list of groups, and the figure by which it is ordered. */
export type UsageView = UsageScope & { group_by: UsageGroup; sort: UsageSum | 'time' };

const KEY = ['usage'] as const;

/** The most items that the API returns at once: a chart of 90 days of eleven groups. */
const ITEMS_MAX = 1_000;

/** The figures of a period and of the one before it. A change shows the previous figures until the new ones are loaded. */
export const usageSummaryQuery = (scope: UsageScope) =>
  queryOptions({
    queryKey: [...KEY, 'summary', scope],
    queryFn: () => ask(api.usage.summary.$get({ query: scope })),
    placeholderData: keepPreviousData,
  });

/** The figures of each day, divided by another group. `group_by` is `day` for whole days. */
export const usageByDayQuery = (scope: UsageScope, group_by: 'day' | `day,${UsageGroup}`) =>
  queryOptions({
    queryKey: [...KEY, 'days', scope, group_by],
    queryFn: async () =>
      (await ask(api.usage.$get({ query: { ...scope, group_by, limit: ITEMS_MAX } }))).items,
    placeholderData: keepPreviousData,
  });

/** The largest groups of a period, at most `limit`. */
export const topUsageQuery = (scope: UsageScope, group_by: UsageGroup, sort: UsageSum, limit: number) =>
  queryOptions({
    queryKey: [...KEY, 'top', scope, group_by, sort, limit],
    queryFn: async () => (await ask(api.usage.$get({ query: { ...scope, group_by, sort, limit } }))).items,
    placeholderData: keepPreviousData,
  });

/** The spend of users or API keys in a period: the 1,000 who spent the most. */
export const spendQuery = (scope: UsageScope, group_by: 'user' | 'key') =>
  queryOptions({
    queryKey: [...KEY, 'spend', scope, group_by],
    queryFn: () => ask(api.usage.$get({ query: { ...scope, group_by, limit: ITEMS_MAX } })),
    select: ({ items, next_cursor }) => spendOf(items, group_by, next_cursor === null),
    placeholderData: keepPreviousData,
  });

export const usageQuery = (view: UsageView) =>
  pagedOptions([...KEY, 'list', view], (cursor) =>
    ask(api.usage.$get({ query: { ...view, ...pageQuery(cursor) } })),
  );

/** Downloads all items of a list as CSV. */
export const downloadUsage = (view: UsageView) =>
  mutationOptions({ mutationFn: () => askFile(api.usage.export.$get({ query: view })) });
