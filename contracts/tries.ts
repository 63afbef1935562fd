import { z } from 'zod';

/**
 * A limit of tries: `burst` tries at once, and one more each time `refill_ms` have passed, up to `burst` again. So the
 * tries of an hour are at most `burst` and those that an hour gives back.
 */
export const tryLimit = z.object({ burst: z.int().min(1), refill_ms: z.int().min(1) });
export type TryLimit = z.infer<typeof tryLimit>;

/** The answer to a try: allowed, or refused until some time has passed. */
export type TryAnswer = { allowed: true } | { allowed: false; retry_after_ms: number };

/** Counts the tries of one subject: an account, a network or a device. The caller says how often; the guard remembers. */
export type TryGuard = {
  take(limit: TryLimit): Promise<TryAnswer>;
  giveBack(limit: TryLimit): Promise<void>;
};
