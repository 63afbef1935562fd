import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';

/** A session of the caller: one sign-in, in one browser or program. */
export const session = z
  .object({
    id: resourceId.describe('The id of the session.'),
    created_at: z.iso.datetime().describe('The time of the sign-in.'),
    last_used_at: z.iso.datetime().describe('The time of the last use, to within ten minutes.'),
    expires_at: z.iso.datetime().describe('The time at which the session ends by itself.'),
    address: z
      .string()
      .describe('The IP address that the sign-in came from.')
      .meta({ examples: ['203.0.113.7'] }),
    agent: z.string().nullable().describe('The browser or program, as it named itself. Null if it did not.'),
    is_current: z.boolean().describe('True for the session of this request.'),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof session>;
