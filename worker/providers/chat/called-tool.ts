import { z } from 'zod';
import { toolCallId } from '../../../contracts/chat.ts';

/** How a model's call of a tool is named. Pure. */

/** A call's id, where a server gives one. */
export const givenCallId = z.union([z.literal(''), toolCallId]).nullish();

/** The id of a call, or one of ours where a server gives none. */
export const callIdOf = (id: z.infer<typeof givenCallId>): string =>
  id || `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;
