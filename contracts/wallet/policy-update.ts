import { z } from 'zod';
import { tokenPolicy } from '../api/tenant/policies.ts';
import { endedSession } from './ended-session.ts';

/** A field of a token policy. */
export const policyField = tokenPolicy.keyof();
export type PolicyField = z.infer<typeof policyField>;

/**
 * Messages of the `policy-updates` queue: wallets that must receive a change the database already has. The consumer
 * reads the current values by the IDs, so messages may be late, repeated or out of order.
 */
export const policyUpdate = z.discriminatedUnion('kind', [
  /** Send one user's wallet its policy, user status and sign-out. */
  z.object({ version: z.literal(1), kind: z.literal('user'), tenant_id: z.uuid(), user_id: z.uuid() }),
  /**
   * Send the wallets of a level's users who inherit one of `fields` their policy: the page of users after `after_user_id`.
   * Users who override all of them are not affected.
   */
  z.object({
    version: z.literal(1),
    kind: z.literal('level'),
    tenant_id: z.uuid(),
    level_id: z.uuid(),
    fields: z.array(policyField).min(1),
    after_user_id: z.uuid().nullable(),
  }),
  /** Send the wallet of a key's user the key's limits or revocation. */
  z.object({ version: z.literal(1), kind: z.literal('api_key'), tenant_id: z.uuid(), api_key_id: z.uuid() }),
  /** Send a user's wallet the end of one session. Its times are in seconds since 1970, and never change. */
  z.object({
    ...{ version: z.literal(1), kind: z.literal('session') },
    ...{ tenant_id: z.uuid(), user_id: z.uuid(), session: endedSession },
  }),
  /** Send the wallets of a tenant's users their sign-out, for those who were signed out: the page after `after_user_id`. */
  z.object({
    ...{ version: z.literal(1), kind: z.literal('signed_out') },
    ...{ tenant_id: z.uuid(), after_user_id: z.uuid().nullable() },
  }),
  /** Send the wallet of a tenant the tenant's status. */
  z.object({ version: z.literal(1), kind: z.literal('tenant'), tenant_id: z.uuid() }),
]);
export type PolicyUpdate = z.infer<typeof policyUpdate>;
