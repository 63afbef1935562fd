import { MutationCache, QueryClient, type QueryKey } from '@tanstack/react-query';
import { ApiError } from '../lib/api-client.ts';
import { isRetried, retryDelayMs } from '../lib/retry.ts';

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiError;
    /** `invalidates`: keys of what a successful mutation makes stale. */
    mutationMeta: { invalidates?: readonly QueryKey[] };
  }
}

/** Refusals of the API are shown; anything else is a bug, and goes to the page's error boundary. */
const isBug = (error: Error): boolean => !(error instanceof ApiError);

/** The cache of one session. Mutations say in `meta.invalidates` what they make stale. */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    defaultOptions: {
      // 'always': a call that cannot leave fails at once and says so, instead of waiting for the network in silence.
      queries: {
        retry: isRetried,
        retryDelay: retryDelayMs,
        networkMode: 'always',
        refetchOnReconnect: true,
        throwOnError: isBug,
      },
      mutations: { networkMode: 'always', throwOnError: isBug },
    },
    mutationCache: new MutationCache({
      onSuccess(_data, _variables, _onMutateResult, mutation) {
        for (const queryKey of mutation.meta?.invalidates ?? []) client.invalidateQueries({ queryKey });
      },
    }),
  });
  return client;
}
