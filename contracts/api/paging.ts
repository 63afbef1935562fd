import { z } from 'zod';

/** The query of every list. `cursor` is opaque. */
export const pageParams = z.object({
  cursor: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The `next_cursor` of the previous page. Leave it out for the first page.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(25)
    .describe('The number of items per page, at most.'),
});
export type PageQuery = z.infer<typeof pageParams>;

/** A page of named items, newest first. `next_cursor` is null on the last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z
    .object({
      items: z.array(item).describe('The items of this page, newest first.'),
      next_cursor: z
        .string()
        .nullable()
        .describe('The `cursor` that returns the next page. Null on the last page.'),
    })
    .meta({ id: `${item.meta()?.id}Page` });

/** All named items, for lists that are short. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item).describe('All items.') }).meta({ id: `${item.meta()?.id}List` });
