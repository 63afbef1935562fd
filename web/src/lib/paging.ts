import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryKey,
} from '@tanstack/react-query';

/** Items per page. */
const PAGE_ITEMS = 25;

/** The query parameters of a page. Without a cursor, the first page. */
export const pageQuery = (cursor: string | undefined) =>
  cursor === undefined ? { limit: PAGE_ITEMS } : { limit: PAGE_ITEMS, cursor };

type Page<Item> = { items: Item[]; next_cursor: string | null };

/** The pages of a list in the query cache. */
export type CachedPages<Item> = InfiniteData<Page<Item>, string | undefined>;

/** Applies `change` to every item of cached pages, for data that is newer than the list. Pure. */
export const withItems = <Item>(
  pages: CachedPages<Item> | undefined,
  change: (item: Item) => Item,
): CachedPages<Item> | undefined =>
  pages && { ...pages, pages: pages.pages.map((page) => ({ ...page, items: page.items.map(change) })) };

/** Options of a paged list. Its data are the items of every page read. A change of filter shows the previous list until the new one is loaded. */
export const pagedOptions = <Item>(
  queryKey: QueryKey,
  load: (cursor: string | undefined) => Promise<Page<Item>>,
) =>
  infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    select: ({ pages }: CachedPages<Item>) => pages.flatMap(({ items }) => items),
    placeholderData: keepPreviousData,
  });
