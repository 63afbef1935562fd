import { z } from 'zod';

/** CSV files as answers. */

/** The most items of a file that is built in memory. */
export const CSV_ITEMS_MAX = 10_000;

/** Describes a file for the API document. The answer is not JSON; a record of any media types keeps it out of the handler's types. */
export const csvContent = (description: string): Record<string, { schema: z.ZodType }> => ({
  'text/csv': { schema: z.string().describe(description) },
});

/** Answers a CSV file of a name, from a text or a stream. */
export const csvFile = (content: string | ReadableStream<Uint8Array>, name: string): Response =>
  new Response(content, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  });
