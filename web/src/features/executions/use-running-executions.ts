import { useCallback } from 'react';
import type { Execution } from '../../../../contracts/api/executions.ts';
import { ApiError } from '../../lib/api-client.ts';
import type { Pages } from '../../lib/use-pages.ts';
import { fetchExecution } from './api/executions.ts';
import { useWatching } from './use-watching.ts';

/** As many as are read anew in one round. */
const WATCHED_MAX = 5;

/** Keeps what still runs in a list of executions up to date, and leaves the rest of the list alone. */
export function useRunningExecutions({ items, change }: Pick<Pages<Execution>, 'items' | 'change'>): void {
  const running = (items ?? []).filter(({ status }) => status === 'running').slice(0, WATCHED_MAX);
  const ids = running.map(({ id }) => id).join(' ');
  const refresh = useCallback(async () => {
    const fresh = await Promise.all(
      ids.split(' ').map((id) =>
        fetchExecution(id).catch((error: unknown) => {
          // The next round asks again.
          if (error instanceof ApiError) return null;
          throw error;
        }),
      ),
    );
    const byId = new Map(
      fresh.flatMap((execution) => (execution === null ? [] : [[execution.id, execution]])),
    );
    change((known) => byId.get(known.id) ?? known);
  }, [ids, change]);
  useWatching(ids !== '', refresh);
}
