import { z } from 'zod';

/** The response cache: answers that are kept for equal requests. */

/** The shortest and the longest time for which an answer is kept, in seconds: a minute and a week. */
export const TTL_S = { min: 60, max: 604_800 };

const price_percent = z.int().min(0).max(100);

export const cacheScope = z.enum(['user', 'tenant']).meta({ id: 'ResponseCacheScope' });
export type CacheScope = z.infer<typeof cacheScope>;

/** A tenant's setting: the time, the users and the price of kept answers. */
const responseCache = z
  .strictObject({
    ttl_s: z
      .int()
      .min(TTL_S.min)
      .max(TTL_S.max)
      .describe(
        'The seconds for which an answer is kept. A shorter time applies at once to answers that are kept already.',
      ),
    scope: cacheScope.describe(
      'Who gets a kept answer: `user`: the user whose request it answered; `tenant`: every user of the tenant who sends an equal request.',
    ),
    price_percent: price_percent.describe(
      'The price of a kept answer, in percent of what its usage costs by the price list at that moment.',
    ),
  })
  .meta({ id: 'ResponseCache' });
export type ResponseCache = z.infer<typeof responseCache>;

/** The setting of a tenant. */
export const responseCacheSetting = responseCache
  .nullable()
  .describe(
    'Answers are kept, and an equal request gets the kept answer at a price of its own. Requests choose for themselves with `X-Response-Cache`. Null keeps none.',
  );

/** The record of an execution that was answered from the response cache. */
export const cacheHit = z
  .object({
    result: z.literal('hit').describe('Always `hit`: the answer was kept from an earlier, equal request.'),
    price_percent: price_percent.describe(
      'The part of the price that was charged, in percent: the sum of tokens times rate over all usage classes, times this percentage, rounded up once.',
    ),
  })
  .meta({ id: 'ResponseCacheHit' });
export type CacheHit = z.infer<typeof cacheHit>;
