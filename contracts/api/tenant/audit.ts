import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { role } from '../account/auth.ts';
import { pageParams } from '../paging.ts';
import { levelName } from './levels.ts';
import { managementKeySummary } from './management-keys.ts';
import { userSummary } from './users.ts';

const filter = {
  user_id: resourceId.optional().describe('Returns only changes of this user.'),
  actor_id: resourceId.optional().describe('Returns only what this user did.'),
  action: z
    .string()
    .regex(/^[a-z_]{1,30}(\.[a-z_]{1,40})?$/)
    .optional()
    .describe('Returns only this action, such as `user.logged_in`, or all of a kind, such as `user`.'),
  from: z.iso.date().optional().describe('The first day (UTC).'),
  to: z.iso.date().optional().describe('The last day (UTC).'),
  self_made: z
    .enum(['true'])
    .optional()
    .describe(
      'Send `true` to return only changes that administrators made to their own wallet, policy or level.',
    ),
};

/** The filters of an export of the audit log. */
export const auditExportParams = z.object(filter);
export type AuditFilter = z.infer<typeof auditExportParams>;

/** The filters of a page of the audit log. */
export const auditParams = pageParams.extend(filter);
export type AuditQuery = z.infer<typeof auditParams>;

/** An entry of the audit log. */
export const auditEntry = z
  .object({
    id: resourceId.describe('The id of the entry.'),
    at: z.iso.datetime().describe('The time of the action.'),
    action: z
      .string()
      .describe('The action: the kind of its target, and the change.')
      .meta({ examples: ['user.changed'] }),
    actor: userSummary
      .nullable()
      .describe(
        'The user who acted. Null if it is a superadmin, who belongs to the platform, or a management key.',
      ),
    actor_key: managementKeySummary
      .nullable()
      .describe('The management key that acted. Null if it was a person.'),
    actor_role: role
      .or(z.enum(['service', 'management_key']))
      .describe('The role they had; `service` if the platform acted for them, as at a sign-in.'),
    target_type: z
      .string()
      .describe('The kind of the target.')
      .meta({ examples: ['user'] }),
    target_id: z.string().describe('The id of the target.'),
    target_user: userSummary.nullable().describe('The changed user. Null if the target is not a user.'),
    target_level: levelName.nullable().describe('The changed level. Null if the target is not a level.'),
    self_made: z.boolean().describe('True if the actor changed their own wallet, policy or level.'),
    client: z
      .object({
        address: z.string().describe('The address.'),
        agent: z
          .string()
          .nullable()
          .describe('The browser or program, as it describes itself. Null if it does not.'),
      })
      .nullable()
      .describe(
        'Where a registration or an attempt to sign in came from. Null for other actions, and after 90 days.',
      ),
    details: z
      .record(z.string(), z.unknown())
      .describe('The values: usually `before` and `after` the change; `amount` and `reason` of a credit.'),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntry>;

/** The filters of a page of the audit log of all tenants. */
export const platformAuditParams = auditParams.extend({
  tenant_id: resourceId.optional().describe('Returns only entries of this tenant.'),
});
export type PlatformAuditQuery = z.infer<typeof platformAuditParams>;

/** An entry of the audit log of all tenants. */
export const platformAuditEntry = auditEntry
  .extend({
    tenant: z
      .object({
        id: resourceId.describe('The id of the tenant.'),
        slug: z.string().describe('The short name.'),
        name: z.string().describe('The display name.'),
      })
      .describe('The tenant in whose log the entry stands: that of whoever acted.'),
  })
  .meta({ id: 'PlatformAuditEntry' });
export type PlatformAuditEntry = z.infer<typeof platformAuditEntry>;
