import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryKey,
} from '@tanstack/react-query';

/** Items of one page: about what a person reads before they look for something else. */
const PAGE_ITEMS = 25;

/** The query of a page; without a cursor it is the newest. */
export const pageQuery = (cursor: string | undefined) =>
  cursor === undefined ? { limit: PAGE_ITEMS } : { limit: PAGE_ITEMS, cursor };

type Page<Item> = { items: Item[]; next_cursor: string | null };

/** The pages of a list as the cache holds them. */
export type CachedPages<Item> = InfiniteData<Page<Item>, string | undefined>;

/** `pages` with each item changed by `change`. Pure: for answers that are newer than the list. */
export const withItems = <Item>(
  pages: CachedPages<Item> | undefined,
  change: (item: Item) => Item,
): CachedPages<Item> | undefined =>
  pages && { ...pages, pages: pages.pages.map((page) => ({ ...page, items: page.items.map(change) })) };

/** Options of a list that is read page by page: its data are the items of every page read. Another filter keeps the last list until its own is there. */
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
