import { type MailMessage, mailMessage } from '../../contracts/mail-message.ts';
import type { Database } from '../db/client.ts';
import { composeMail } from '../mail/compose.ts';
import { sendByBinding } from '../mail/email-service.ts';
import type { SendMail } from '../mail/mail.ts';
import type { Log } from '../runtime/log.ts';
import { settingsOf } from '../runtime/settings.ts';
import { connectAsQueue, retryDelayS } from './queue.ts';

type Sending = { database: Database; from: string; send: SendMail; log: Log };

/** Parses a message. A malformed one is dropped: repeating it cannot fix it. */
function parse(message: Message, log: Log): MailMessage | null {
  const parsed = mailMessage.safeParse(message.body);
  if (parsed.success) return parsed.data;
  log.error('mail_message_malformed', { message_id: message.id });
  return null;
}

/** The fields of a message that may be logged: no address, link or name. */
const logged = (message: Message, { tenant_id, mail }: MailMessage) => ({
  ...{ message_id: message.id, attempts: message.attempts, tenant_id, template: mail.template },
});

async function sendOne({ database, from, send, log }: Sending, message: Message): Promise<void> {
  const queued = parse(message, log);
  if (queued === null) return message.ack();
  const retry = () => message.retry({ delaySeconds: retryDelayS(message.attempts) });
  try {
    const mail = await composeMail({ database }, queued, from, message.id);
    if (mail === null) return message.ack();
    const sent = await send(mail);
    if (sent.ok) return message.ack();
    const { code, reason } = sent.failure;
    log.warn('mail_not_sent', { ...logged(message, queued), code, reason });
    return code === 'refused' ? message.ack() : retry();
  } catch (error) {
    log.warn('mail_not_composed', { ...logged(message, queued), error });
    return retry();
  }
}

/**
 * Consumes the `mail` queue: composes each mail and sends it. A mail that was taken just before a crash is sent again, with a new link
 * that replaces the one before.
 */
export async function consumeMail(batch: MessageBatch, env: Env, log: Log): Promise<void> {
  const { MAIL_FROM: from } = settingsOf(env);
  if (from === null) {
    log.error('mail_is_off', { messages: batch.messages.length });
    return batch.ackAll();
  }
  const sending = { database: connectAsQueue(env), from, send: sendByBinding(env.EMAIL), log };
  await Promise.all(batch.messages.map((message) => sendOne(sending, message)));
}

/** Consumes mails that failed for an hour. They are an alert only: their people can ask for another one. */
export function consumeDeadMail(batch: MessageBatch, log: Log): void {
  for (const message of batch.messages) {
    const queued = parse(message, log);
    if (queued !== null) log.error('mail_dead', logged(message, queued));
  }
  batch.ackAll();
}
