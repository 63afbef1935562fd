import { z } from 'zod';

/** A session that was ended before its time. Times are in seconds since 1970. */
export const endedSession = z.object({
  id: z.uuid(),
  issued_at_s: z.int().min(0),
  expires_at_s: z.int().min(0),
});
export type EndedSession = z.infer<typeof endedSession>;
