import { z } from 'zod';
import { role } from './api/account/auth.ts';
import { alertKind, eventData } from './webhooks/event.ts';

const userId = z.uuid();
const address = z.email().max(254);

/** Changes of second factors that their user is told. */
export const secondFactorChanges = [
  'app_added',
  'app_removed',
  'passkey_added',
  'passkey_removed',
  'recovery_codes_made',
  'recovery_code_used',
  'removed_by_admin',
] as const;
export type SecondFactorChange = (typeof secondFactorChanges)[number];

/**
 * The mails that are sent, by template. Those with a link of an account name the account only: the token is made when the mail is sent,
 * so that it is never in a queue, and a request takes the same time whether the account exists or not.
 */
export const queuedMail = z.discriminatedUnion('template', [
  z.object({ template: z.literal('verify_email'), email: address }),
  z.object({ template: z.literal('reset_password'), email: address }),
  z.object({ template: z.literal('account_exists'), email: address }),
  z.object({ template: z.literal('account_created'), email: address }),
  z.object({ template: z.literal('change_email'), user_id: userId, new_email: address }),
  z.object({
    template: z.literal('invitation'),
    email: address,
    role,
    link: z.url(),
    invited_by: z.string().nullable(),
    expires_at: z.iso.datetime(),
  }),
  z.object({ template: z.literal('password_changed'), email: address }),
  z.object({
    template: z.literal('second_factor_changed'),
    user_id: userId,
    change: z.enum(secondFactorChanges),
  }),
  z.object({ template: z.literal('email_change_requested'), email: address, new_email: address }),
  z.object({ template: z.literal('email_changed'), email: address, new_email: address }),
  z.object({ template: z.literal('identity_linked'), email: address, provider: z.string() }),
  z.object({ template: z.literal('account_closed'), email: address }),
  z.object({ template: z.literal('alert'), user_id: userId, kind: alertKind, data: eventData }),
  z.object({
    template: z.literal('webhook_disabled'),
    user_id: userId,
    host: z.string(),
    reason: z.enum(['failing', 'gone']),
  }),
]);
export type QueuedMail = z.infer<typeof queuedMail>;

/** A message of the `mail` queue. `origin` is where the tenant's web app answers; links lead there. */
export const mailMessage = z.object({
  version: z.literal(1),
  tenant_id: z.uuid(),
  origin: z.url(),
  mail: queuedMail,
});
export type MailMessage = z.infer<typeof mailMessage>;
