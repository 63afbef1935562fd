import { z } from 'zod';
import { tokenPolicy } from './api/policies.ts';

/** A field of a token policy. */
export const policyField = tokenPolicy.keyof();
export type PolicyField = z.infer<typeof policyField>;

/**
 * Messages of the `policy-updates` queue: what wallets have yet to be told after the database has it. They name whom to
 * tell and not what: the consumer reads that fresh, so a message may come late, twice or out of order.
 */
export const policyUpdate = z.discriminatedUnion('kind', [
  /** Tell one user's wallet its policy, standing and sign-out. */
  z.object({ version: z.literal(1), kind: z.literal('user'), tenant_id: z.uuid(), user_id: z.uuid() }),
  /**
   * Tell their policy to the wallets of a level's users who inherit one of `fields`, the page of users after
   * `after_user_id`: who has an override in all of them lives by the same policy as before.
   */
  z.object({
    version: z.literal(1),
    kind: z.literal('level'),
    tenant_id: z.uuid(),
    level_id: z.uuid(),
    fields: z.array(policyField).min(1),
    after_user_id: z.uuid().nullable(),
  }),
  /** Tell the wallet of a key's user what the key may spend, or that it is revoked. */
  z.object({ version: z.literal(1), kind: z.literal('api_key'), tenant_id: z.uuid(), api_key_id: z.uuid() }),
]);
export type PolicyUpdate = z.infer<typeof policyUpdate>;
