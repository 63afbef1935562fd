/** Items of one page: about what a person reads before they look for something else. */
const PAGE_ITEMS = 25;

/** The query of a page; without a cursor it is the newest. */
export const pageQuery = (cursor: string | undefined) =>
  cursor === undefined ? { limit: PAGE_ITEMS } : { limit: PAGE_ITEMS, cursor };
