import type { MailMessage, QueuedMail } from '../../contracts/mail-message.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { isMailOn } from './mail.ts';

export type MailDependencies = Pick<Dependencies, 'settings' | 'mailQueue' | 'waitUntil' | 'log'>;

/** The tenant that sends, and where its web app answers. */
export type MailPlace = { tenant_id: string; origin: string };

/** Queues a mail after the response, so that a request neither waits for it nor fails with it. Does nothing if mail is off. */
export function queueMail(deps: MailDependencies, place: MailPlace, mail: QueuedMail): void {
  if (!isMailOn(deps.settings)) return;
  const message: MailMessage = { version: 1, ...place, mail };
  deps.waitUntil(
    deps.mailQueue.send(message).catch((error) => {
      deps.log.error('mail_not_queued', { tenant_id: place.tenant_id, template: mail.template, error });
    }),
  );
}

/** Mails of one `sendBatch` (platform limit). */
const BATCH_MAX = 100;

/** Queues mails without a link, from a queue's consumer. Does nothing if mail is off. */
export async function queueMails(
  { settings, mailQueue }: Pick<MailDependencies, 'settings' | 'mailQueue'>,
  tenant_id: string,
  mails: QueuedMail[],
): Promise<void> {
  if (!isMailOn(settings)) return;
  const origin = `https://${settings.PLATFORM_DOMAIN}`;
  const messages = mails.map((mail) => ({ body: { version: 1, tenant_id, origin, mail } as const }));
  for (let from = 0; from < messages.length; from += BATCH_MAX)
    await mailQueue.sendBatch(messages.slice(from, from + BATCH_MAX));
}
