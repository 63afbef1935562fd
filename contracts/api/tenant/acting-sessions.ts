import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';

/** Sessions of superadmins inside a tenant. */

/** A superadmin's reason to act inside a tenant. */
export const actingSessionRequest = z
  .strictObject({
    reason: z
      .string()
      .trim()
      .min(3)
      .max(500)
      .refine(isStorable, STORABLE_RULE)
      .describe("The reason. The tenant's admins can read it."),
  })
  .meta({ id: 'CreateActingSessionRequest' });

/** A superadmin's session inside a tenant. */
export const actingSession = z
  .object({
    id: resourceId.describe('The id of the session.'),
    superadmin_id: resourceId.describe('The id of the superadmin.'),
    reason: z.string().describe('The reason the superadmin gave.'),
    started_at: z.iso.datetime().describe('The time the session was opened.'),
    expires_at: z.iso.datetime().describe('The time it ends at the latest, 15 minutes later.'),
    ended_at: z.iso.datetime().nullable().describe('The time it was left. Null if it was not.'),
  })
  .meta({ id: 'ActingSession' });
export type ActingSession = z.infer<typeof actingSession>;

/** An opened session inside a tenant. */
export const startedActingSession = z
  .object({
    token: z.string().describe("The session token, valid at the tenant's hostnames only."),
    url: z.url().describe("The address that opens the tenant's web app with this session."),
    session: actingSession.describe('The session.'),
  })
  .meta({ id: 'StartedActingSession' });
export type StartedActingSession = z.infer<typeof startedActingSession>;
