import type { Role } from '../../../contracts/api/account/auth.ts';
import type { SecondFactorChange } from '../../../contracts/mail-message.ts';
import { alertText } from '../../../contracts/webhooks/alert-text.ts';
import type { AlertKind, EventData } from '../../../contracts/webhooks/event.ts';

/** The content of a mail. Text and HTML are made from it, so that they say the same. */
export type MailContent = {
  subject: string;
  paragraphs: string[];
  /** The one thing to do; null if there is nothing to click. */
  action: { label: string; link: string } | null;
  /** The line at the end, in smaller type. */
  hint: string;
};

/** The values that each template shows. Links work once. */
export type MailProps = {
  verify_email: { name: string | null; link: string };
  reset_password: { name: string | null; link: string };
  account_exists: { name: string | null; link: string };
  account_created: { name: string | null; link: string };
  change_email: { name: string | null; link: string };
  invitation: { role: Role; link: string; invited_by: string | null; expires_at: string };
  password_changed: { support_email: string | null };
  second_factor_changed: { change: SecondFactorChange; support_email: string | null };
  email_change_requested: { new_email: string; support_email: string | null };
  email_changed: { new_email: string; support_email: string | null };
  identity_linked: { provider: string; support_email: string | null };
  account_closed: { support_email: string | null };
  alert: { kind: AlertKind; data: EventData };
  webhook_disabled: { host: string; reason: 'failing' | 'gone' };
};
export type MailTemplate = keyof MailProps;

const greeting = (name: string | null) => (name === null ? 'Hello,' : `Hello ${name},`);
const NOT_YOU = 'If this was not you, ignore this mail: nothing changes without the link.';

const help = (support_email: string | null) =>
  support_email === null ? 'contact your administrator' : `write to ${support_email}`;

const works = {
  user: 'use it',
  admin: 'manage it: its users, models and settings',
  superadmin: 'manage the platform and its tenants',
} as const satisfies Record<Role, string>;

const secondFactorChanges = {
  app_added: 'An authenticator app was added. Sign-ins with the password ask for its code from now on.',
  app_removed: 'The authenticator app was removed.',
  passkey_added: 'A passkey was added. It signs in without the password.',
  passkey_removed: 'A passkey was removed.',
  recovery_codes_made: 'New recovery codes were made. The codes from before no longer work.',
  recovery_code_used: 'Somebody signed in with your password and a recovery code.',
  removed_by_admin: 'An administrator removed your authenticator app and passkeys, and signed you out.',
} as const satisfies Record<SecondFactorChange, string>;

/** Returns the first and the last letter of the name in an address, and its domain: `a•••e@example.com`. Pure. */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const name = email.slice(0, at);
  return `${name.slice(0, 1)}•••${name.length > 2 ? name.slice(-1) : ''}${email.slice(at)}`;
}

/** The templates: what each mail of `tenant` says. Pure. */
export const mailTemplates: {
  [Template in MailTemplate]: (tenant: string, props: MailProps[Template]) => MailContent;
} = {
  verify_email: (tenant, { name, link }) => ({
    subject: `Verify your email address for ${tenant}`,
    paragraphs: [greeting(name), `Verify this address to start using your ${tenant} account.`],
    action: { label: 'Verify email address', link },
    hint: `The link works once, for 24 hours. ${NOT_YOU}`,
  }),
  reset_password: (tenant, { name, link }) => ({
    subject: `Reset your ${tenant} password`,
    paragraphs: [greeting(name), `Somebody asked for a new password for your ${tenant} account.`],
    action: { label: 'Choose a new password', link },
    hint: `The link works once, for 30 minutes, and signs you out everywhere. ${NOT_YOU}`,
  }),
  account_exists: (tenant, { name, link }) => ({
    subject: `You already have a ${tenant} account`,
    paragraphs: [
      greeting(name),
      `Somebody tried to create a ${tenant} account with this address, which has one already. Sign in with your password. If you forgot it, choose a new one.`,
    ],
    action: { label: 'Choose a new password', link },
    hint: `The link works once, for 30 minutes, and signs you out everywhere. ${NOT_YOU}`,
  }),
  account_created: (tenant, { name, link }) => ({
    subject: `Your ${tenant} account`,
    paragraphs: [
      greeting(name),
      `You have a ${tenant} account with this address. Choose a password to sign in.`,
    ],
    action: { label: 'Choose a password', link },
    hint: 'The link works once, for 7 days. If you do not know why you got it, ignore this mail.',
  }),
  change_email: (tenant, { name, link }) => ({
    subject: `Confirm your new email address for ${tenant}`,
    paragraphs: [greeting(name), `Confirm this address to sign in to ${tenant} with it from now on.`],
    action: { label: 'Confirm email address', link },
    hint: `The link works once, for 24 hours. ${NOT_YOU}`,
  }),
  invitation: (tenant, { role, link, invited_by, expires_at }) => ({
    subject: `You are invited to ${tenant}`,
    paragraphs: [
      'Hello,',
      `${invited_by ?? 'Somebody'} invited you to ${tenant}. With your account you can ${works[role]}.`,
    ],
    action: { label: 'Accept invitation', link },
    hint: `The link works once, until ${expires_at.slice(0, 10)}. If you do not know why you got it, ignore this mail.`,
  }),
  password_changed: (tenant, { support_email }) => ({
    subject: `Your ${tenant} password was changed`,
    paragraphs: [
      'Hello,',
      `The password of your ${tenant} account was changed, and every other session was signed out.`,
    ],
    action: null,
    hint: `If this was not you, reset your password on the sign-in page at once, and ${help(support_email)}.`,
  }),
  second_factor_changed: (tenant, { change, support_email }) => ({
    subject: `Two-step sign-in of your ${tenant} account`,
    paragraphs: ['Hello,', secondFactorChanges[change]],
    action: null,
    hint: `If this was not you, change your password at once, and ${help(support_email)}.`,
  }),
  email_change_requested: (tenant, { new_email, support_email }) => ({
    subject: `A new email address for your ${tenant} account`,
    paragraphs: [
      'Hello,',
      `Somebody who knows your password asked to change the email address of your ${tenant} account to ${maskedEmail(new_email)}. It changes when that address is confirmed.`,
    ],
    action: null,
    hint: `If this was not you, change your password at once, which stops the change, and ${help(support_email)}.`,
  }),
  email_changed: (tenant, { new_email, support_email }) => ({
    subject: `The email address of your ${tenant} account was changed`,
    paragraphs: [
      'Hello,',
      `Your ${tenant} account now has the address ${maskedEmail(new_email)}. This address no longer signs in.`,
    ],
    action: null,
    hint: `If this was not you, ${help(support_email)} at once.`,
  }),
  identity_linked: (tenant, { provider, support_email }) => ({
    subject: `You can sign in to ${tenant} with ${provider}`,
    paragraphs: [
      'Hello,',
      `Somebody signed in to your ${tenant} account with ${provider}, which vouches for this email address. From now on the account opens with it.`,
      'You see the linked accounts on the page of your account, and can unlink them there.',
    ],
    action: null,
    hint: `If this was not you, ${help(support_email)} at once.`,
  }),
  account_closed: (tenant, { support_email }) => ({
    subject: `Your ${tenant} account is closed`,
    paragraphs: [
      'Hello,',
      `Your ${tenant} account was closed. Its sessions and API keys have ended, and your name, address, prompts and answers were removed.`,
    ],
    action: null,
    hint: `If this was not you, ${help(support_email)} at once.`,
  }),
  alert: (tenant, { kind, data }) => {
    const { title, text } = alertText(kind, data);
    return {
      subject: `${title} at ${tenant}`,
      paragraphs: ['Hello,', text],
      action: null,
      hint: 'You get this mail once for each cause. Open Alerts in the app to choose which alerts are mailed to you.',
    };
  },
  webhook_disabled: (tenant, { host, reason }) => ({
    subject: `A webhook of ${tenant} was disabled`,
    paragraphs: [
      'Hello,',
      reason === 'gone'
        ? `The webhook endpoint at ${host} answered 410 Gone, so no more events are sent to it.`
        : `No delivery to the webhook endpoint at ${host} succeeded for five days, so no more events are sent to it.`,
      'Open Webhooks in the app to see the failed deliveries, and enable the endpoint again once it works.',
    ],
    action: null,
    hint: 'Events while an endpoint is disabled are not kept for it.',
  }),
};
