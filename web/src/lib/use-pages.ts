import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from './api-client.ts';

type Page<Item> = { items: Item[]; next_cursor: string | null };

export type Pages<Item> = {
  /** null until the first page is there. */
  items: Item[] | null;
  hasMore: boolean;
  loading: boolean;
  error: ApiError | null;
  loadMore(): void;
  /** Starts again from the newest; what is shown stays until the answer is there. */
  reload(): void;
  /** Changes what is shown without asking again. */
  change(item: (known: Item) => Item): void;
};

/** A list that is read page by page. `load` must be stable. */
export function usePages<Item>(load: (cursor: string | undefined) => Promise<Page<Item>>): Pages<Item> {
  const [items, setItems] = useState<Item[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<ApiError | null>(null);
  const latest = useRef(0);

  const read = useCallback(
    async (from: string | undefined) => {
      latest.current += 1;
      const turn = latest.current;
      setLoading(true);
      try {
        const page = await load(from);
        if (turn !== latest.current) return;
        setItems((known) => (from === undefined ? page.items : [...(known ?? []), ...page.items]));
        setCursor(page.next_cursor);
        setError(null);
      } catch (caught) {
        if (!(caught instanceof ApiError)) throw caught;
        if (turn === latest.current) setError(caught);
      } finally {
        if (turn === latest.current) setLoading(false);
      }
    },
    [load],
  );

  useEffect(() => {
    read(undefined);
  }, [read]);

  const reload = useCallback(() => {
    read(undefined);
  }, [read]);

  const change = useCallback(
    (item: (known: Item) => Item) => setItems((known) => known?.map(item) ?? null),
    [],
  );

  return {
    items,
    hasMore: cursor !== null,
    loading,
    error,
    loadMore: () => cursor !== null && read(cursor),
    reload,
    change,
  };
}
