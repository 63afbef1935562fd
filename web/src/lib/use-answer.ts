import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from './api-client.ts';

type Answer<Value> = {
  /** null until it is there. */
  value: Value | null;
  error: ApiError | null;
  reload(): void;
  /** Shows what a later call answered instead. */
  replace(value: Value): void;
};

/** What one call answers, and a way to ask again. `load` must be stable. */
export function useAnswer<Value>(load: () => Promise<Value>): Answer<Value> {
  const [value, setValue] = useState<Value | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const latest = useRef(0);

  const reload = useCallback(async () => {
    latest.current += 1;
    const turn = latest.current;
    try {
      const next = await load();
      if (turn !== latest.current) return;
      setValue(next);
      setError(null);
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      if (turn === latest.current) setError(caught);
    }
  }, [load]);

  useEffect(() => {
    setValue(null);
    reload();
  }, [reload]);

  const replace = useCallback((next: Value) => {
    latest.current += 1;
    setValue(next);
    setError(null);
  }, []);

  return { value, error, reload, replace };
}
