import type { Result } from '../../contracts/result.ts';
import type { Settings } from '../runtime/settings.ts';

/** One mail to one person, in both forms. */
export type Mail = {
  to: string;
  from: { email: string; name: string };
  reply_to: string | null;
  subject: string;
  text: string;
  html: string;
};

/**
 * The reasons for which a mail was not taken. `refused`: it will not be taken later either, because of its recipient or its form;
 * `not_now`: it may be.
 */
export type MailFailure = { code: 'refused' | 'not_now'; reason: string };

/** Hands a mail to the service that delivers it. */
export type SendMail = (mail: Mail) => Promise<Result<null, MailFailure>>;

/** True if the platform sends mail. */
export const isMailOn = ({ MAIL_FROM }: Pick<Settings, 'MAIL_FROM'>): boolean => MAIL_FROM !== null;
