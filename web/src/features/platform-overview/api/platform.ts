import { keepPreviousData, mutationOptions, queryOptions } from '@tanstack/react-query';
import type { UsageFilter } from '../../../../../contracts/api/platform/platform.ts';
import type { Period } from '../../../../../contracts/days.ts';
import { api, ask, askFile } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

/** The group and the order of a list of usage. */
export type UsageView = Period & Required<Pick<UsageFilter, 'group_by' | 'sort'>>;

/** The figures of a period. A change of the period shows the previous one until the new one is loaded. */
export const overviewQuery = (period: Period) =>
  queryOptions({
    queryKey: ['platform', 'overview', period],
    queryFn: () => ask(api.platform.overview.$get({ query: period })),
    placeholderData: keepPreviousData,
  });

export const usageQuery = (view: UsageView) =>
  pagedOptions(['platform', 'usage', view], (cursor) =>
    ask(api.platform.usage.$get({ query: { ...view, ...pageQuery(cursor) } })),
  );

export const healthQuery = queryOptions({
  queryKey: ['platform', 'health'],
  queryFn: () => ask(api.platform.health.$get()),
  refetchInterval: 60_000,
});

/** Downloads all items of a list as CSV. */
export const downloadUsage = (view: UsageView) =>
  mutationOptions({ mutationFn: () => askFile(api.platform.usage.export.$get({ query: view })) });
