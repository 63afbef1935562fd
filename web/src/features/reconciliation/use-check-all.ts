import { useRef, useState } from 'react';
import type { Reconciliation } from '../../../../contracts/api/reconciliation.ts';
import { ApiError } from '../../lib/api-client.ts';
import { postReconciliation } from './api/reconciliation.ts';

type Progress = { done: number; total: number };

/** Checks wallets one after the other, telling each outcome as it comes. Stops at the first failure. */
export function useCheckAll(onChecked: (reconciliation: Reconciliation) => void) {
  /** null when nothing is being checked. */
  const [progress, setProgress] = useState<Progress | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const isStopped = useRef(false);

  async function start(userIds: string[]): Promise<void> {
    isStopped.current = false;
    setError(null);
    try {
      for (const [done, userId] of userIds.entries()) {
        if (isStopped.current) break;
        setProgress({ done, total: userIds.length });
        onChecked((await postReconciliation(userId, false)).reconciliation);
      }
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      setError(caught);
    } finally {
      setProgress(null);
    }
  }

  return {
    progress,
    error,
    start,
    stop: () => {
      isStopped.current = true;
    },
  };
}
