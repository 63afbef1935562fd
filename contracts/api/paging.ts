import { z } from 'zod';

/** Query of every list. `cursor` is opaque: the `next_cursor` of the page before. */
export const pageQuery = z.object({
  cursor: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The `next_cursor` of the page before; the first page without'),
  limit: z.coerce.number().int().min(1).max(100).default(25).describe('The most items of a page'),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** A page of `item`s, newest first. `next_cursor` is null on the last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item).describe('Newest first'),
    next_cursor: z.string().nullable().describe('The `cursor` of the next page; null on the last'),
  });
