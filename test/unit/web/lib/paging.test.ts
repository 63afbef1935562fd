import { expect, it } from 'vitest';
import { withItems } from '../../../../web/src/lib/paging.ts';

it('A change of an item reaches the page it is on, and a list that was never read stays unread', () => {
  const pages = {
    pages: [
      { items: [1, 2], next_cursor: 'a' },
      { items: [3], next_cursor: null },
    ],
    pageParams: [undefined, 'a'],
  };
  const changed = withItems(pages, (item) => (item === 3 ? 30 : item));
  expect(changed).toEqual({ ...pages, pages: [pages.pages[0], { items: [30], next_cursor: null }] });
  expect(withItems<number>(undefined, (item) => item)).toBeUndefined();
});
