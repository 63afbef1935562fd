import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { userSummary } from '../tenant/users.ts';
import { emailAddress, newPassword, role, user, userName } from './auth.ts';

/** The token in an invitation's link. */
const invitationToken = z
  .string()
  .regex(/^vsi_[0-9A-Za-z_-]{43}$/, 'must be the part of the link after #')
  .describe('The token of the invitation: the part of its link after `#`.');

/** An invitation that can be accepted, as admins see it. */
export const invitation = z
  .object({
    id: resourceId.describe('The id of the invitation.'),
    tenant_id: resourceId.describe('The id of the tenant that the account will belong to.'),
    email: z
      .string()
      .describe('The email address of the account, in lower case.')
      .meta({ examples: ['grace@example.com'] }),
    role,
    level: user.shape.level
      .omit({ features: true })
      .nullable()
      .describe('The level of the account. Null for the default level at the time of acceptance.'),
    invited_by: userSummary
      .nullable()
      .describe('The admin who sent the invitation. Null if somebody outside the tenant did.'),
    expires_at: z.iso.datetime().describe('The time at which the link stops working.'),
    created_at: z.iso.datetime().describe('The time the invitation was created.'),
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.infer<typeof invitation>;

/** An invitation with its link, returned once. */
export const invitationWithLink = invitation
  .extend({
    link: z
      .url()
      .describe('The link to send to the invited person. It is shown only here and works once, for 7 days.'),
    is_mailed: z.boolean().describe('True if the link is mailed to the email.'),
  })
  .meta({ id: 'InvitationWithLink' });
export type InvitationWithLink = z.infer<typeof invitationWithLink>;

/** Invites somebody to the caller's tenant. */
export const createInvitationRequest = z
  .strictObject({
    email: emailAddress,
    role: role.describe('The role of the account, at most your own.'),
    level_id: resourceId
      .optional()
      .describe('The id of the level of the account. The default level if left out.'),
    mail: z
      .boolean()
      .optional()
      .describe(
        'If true, mails the link to the email. If false, you send it yourself. Left out, it is mailed where the platform sends mail.',
      ),
  })
  .meta({ id: 'CreateInvitationRequest' });
export type CreateInvitationRequest = z.infer<typeof createInvitationRequest>;

/** Asks what a link invites to. */
export const lookUpInvitationRequest = z
  .strictObject({ token: invitationToken })
  .meta({ id: 'LookUpInvitationRequest' });

/** The account that a link makes. */
export const openInvitation = z
  .object({
    tenant_name: z.string().describe('The display name of the tenant.'),
    email: invitation.shape.email,
    role,
    expires_at: invitation.shape.expires_at,
  })
  .meta({ id: 'OpenInvitation' });
export type OpenInvitation = z.infer<typeof openInvitation>;

/** Accepts an invitation: makes the account and signs it in. */
export const acceptInvitationRequest = z
  .strictObject({ token: invitationToken, name: userName.optional(), password: newPassword })
  .meta({ id: 'AcceptInvitationRequest' });
export type AcceptInvitationRequest = z.infer<typeof acceptInvitationRequest>;
