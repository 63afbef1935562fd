/** CSV files as answers. */

/** The most items of a file. Its answer is built in memory. */
export const CSV_ITEMS_MAX = 10_000;

/** Answers a CSV file of a name. */
export const csvFile = (content: string, name: string): Response =>
  new Response(content, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  });
