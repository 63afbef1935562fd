import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../../../lib/api-client.ts';

/** Time between two looks for new alerts. */
const REFRESH_MS = 300_000;

/** The number of unread alerts. In a file of its own: every page loads it. */
export const unreadQuery = queryOptions({
  queryKey: ['alerts', 'unread'],
  queryFn: async () => (await ask(api.alerts.$get({ query: { limit: 1 } }))).unread,
  refetchInterval: REFRESH_MS,
});
