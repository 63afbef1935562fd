import { MutationCache, QueryClient, type QueryKey } from '@tanstack/react-query';
import { ApiError } from '../lib/api-client.ts';
import { isRetried, retryDelayMs } from '../lib/retry.ts';

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiError;
    /** `invalidates`: keys of the queries to read again after the mutation succeeds. */
    mutationMeta: { invalidates?: readonly QueryKey[] };
  }
}

/** Pages show errors of the API. Anything else is a bug, and goes to the error boundary. */
const isBug = (error: Error): boolean => !(error instanceof ApiError);

/** Creates the query cache of one session. A mutation names in `meta.invalidates` the queries to read again. */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    defaultOptions: {
      // 'always': without a network, a request fails at once with an error instead of waiting.
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
