import type { MailMessage } from '../../contracts/mail-message.ts';
import {
  getMailingTenant,
  getRecipient,
  issueAccountToken,
  type MailingTenant,
  type NewAccountToken,
} from '../db/users/account-tokens.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { ACCOUNT_TOKEN_LIFETIME_MINUTES, accountLink, newAccountToken } from '../tenants/account-link.ts';
import { INVITATION_LIFETIME_DAYS } from '../tenants/invitation-link.ts';
import type { Mail } from './mail.ts';
import { type MailContent, type MailProps, mailTemplates } from './templates/content.ts';
import { htmlOf } from './templates/html.tsx';
import { textOf } from './templates/text.ts';

type ComposeDependencies = Pick<Dependencies, 'database'>;

/** A header's value is one line. */
const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, ' ').trim();

const mailOf = (tenant: MailingTenant, from: string, to: string, content: MailContent): Mail => ({
  ...{ to, reply_to: tenant.support_email },
  from: { email: from, name: oneLine(tenant.name) },
  subject: oneLine(content.subject),
  text: textOf(content, tenant.name),
  html: htmlOf(content, tenant),
});

type Written = { tenant: MailingTenant; to: string; content: MailContent };

/** Mails that bring a link of another mail's purpose, in words of their own. */
type ResetMail = 'account_exists' | 'account_created';
/** A first password can wait as long as an invitation. */
const FIRST_PASSWORD_MINUTES = INVITATION_LIFETIME_DAYS * 24 * 60;

type AskedLink = Pick<NewAccountToken, 'user' | 'purpose' | 'new_email' | 'mail_id'> & {
  template?: ResetMail;
};

/** Makes a token and writes the mail that brings it; by default the mail of its purpose. */
async function writeLink(
  { database }: ComposeDependencies,
  { tenant_id, origin }: MailMessage,
  { template, ...asked }: AskedLink,
): Promise<Written | null> {
  const { token, hash: token_hash } = newAccountToken();
  const { purpose } = asked;
  const lifetime_minutes =
    template === 'account_created' ? FIRST_PASSWORD_MINUTES : ACCOUNT_TOKEN_LIFETIME_MINUTES[purpose];
  const issued = await issueAccountToken(database, { ...asked, tenant_id, token_hash, lifetime_minutes });
  if (issued === null) return null;
  const { tenant, recipient, name } = issued;
  const props = { name, link: accountLink(origin, purpose, token) };
  return { tenant, to: recipient, content: mailTemplates[template ?? purpose](tenant.name, props) };
}

async function writeNotice<Template extends Exclude<keyof MailProps, NewAccountToken['purpose'] | ResetMail>>(
  { database }: ComposeDependencies,
  { tenant_id }: MailMessage,
  to: string,
  template: Template,
  props: (tenant: MailingTenant) => MailProps[Template],
): Promise<Written | null> {
  const tenant = await getMailingTenant(database, tenant_id);
  return tenant && { tenant, to, content: mailTemplates[template](tenant.name, props(tenant)) };
}

type NoticeToUser = 'second_factor_changed' | 'alert' | 'webhook_disabled';

/** Writes a notice to a user, by id. */
async function writeToUser<Template extends NoticeToUser>(
  deps: ComposeDependencies,
  message: MailMessage,
  user_id: string,
  template: Template,
  props: (tenant: MailingTenant) => MailProps[Template],
): Promise<Written | null> {
  const to = await getRecipient(deps.database, message.tenant_id, user_id);
  return to === null ? null : writeNotice(deps, message, to, template, props);
}

function write(deps: ComposeDependencies, message: MailMessage, mail_id: string): Promise<Written | null> {
  const { mail } = message;
  const common = { mail_id, new_email: null };
  switch (mail.template) {
    case 'verify_email':
    case 'reset_password':
      return writeLink(deps, message, { ...common, purpose: mail.template, user: { email: mail.email } });
    case 'account_exists':
    case 'account_created': {
      const { template, email } = mail;
      return writeLink(deps, message, { ...common, template, purpose: 'reset_password', user: { email } });
    }
    case 'change_email': {
      const { template: purpose, new_email, user_id } = mail;
      return writeLink(deps, message, { mail_id, new_email, purpose, user: { id: user_id } });
    }
    case 'invitation':
      return writeNotice(deps, message, mail.email, mail.template, () => mail);
    case 'password_changed':
    case 'account_closed':
      return writeNotice(deps, message, mail.email, mail.template, (tenant) => tenant);
    case 'identity_linked': {
      const { provider } = mail;
      return writeNotice(deps, message, mail.email, mail.template, (tenant) => ({ ...tenant, provider }));
    }
    case 'second_factor_changed':
      return writeToUser(deps, message, mail.user_id, mail.template, (tenant) => ({
        ...tenant,
        change: mail.change,
      }));
    case 'alert':
    case 'webhook_disabled':
      return writeToUser(deps, message, mail.user_id, mail.template, () => mail);
    case 'email_change_requested':
    case 'email_changed': {
      const { new_email } = mail;
      return writeNotice(deps, message, mail.email, mail.template, (tenant) => ({ ...tenant, new_email }));
    }
  }
}

/**
 * Composes a queued mail in the tenant's brand, in one round trip. Returns null if there is nothing to send: an unknown or disabled
 * user, or a tenant that is not active. `mail_id` is the same for every attempt at a mail.
 */
export async function composeMail(
  deps: ComposeDependencies,
  message: MailMessage,
  from: string,
  mail_id: string,
): Promise<Mail | null> {
  const written = await write(deps, message, mail_id);
  return written && mailOf(written.tenant, from, written.to, written.content);
}
