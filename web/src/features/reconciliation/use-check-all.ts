import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { ApiError } from '../../lib/api-client.ts';
import { checkWallet } from './api/reconciliation.ts';

type Progress = { done: number; total: number };

/** Checks wallets one after the other. Stops at the first failure. */
export function useCheckAll() {
  const { mutateAsync, error, reset } = useMutation(checkWallet);
  /** Null while nothing is being checked. */
  const [progress, setProgress] = useState<Progress | null>(null);
  const isStopped = useRef(false);

  async function start(userIds: string[]): Promise<void> {
    isStopped.current = false;
    reset();
    try {
      for (const [done, userId] of userIds.entries()) {
        if (isStopped.current) break;
        setProgress({ done, total: userIds.length });
        await mutateAsync({ userId, full: false });
      }
    } catch (caught) {
      // A refusal is in `error` already.
      if (!(caught instanceof ApiError)) throw caught;
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
