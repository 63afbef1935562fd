import { fail, ok } from '../../contracts/result.ts';
import type { MailFailure, SendMail } from './mail.ts';

/**
 * Cloudflare's Email Service, by its binding (docs/decisions/0024). It throws an error with a code:
 * developers.cloudflare.com/email-service/api/send-emails/workers-api.
 */

/** Codes about this mail or this recipient. Everything else, such as a limit or a sender that is not verified yet, can pass. */
const lasting = new Set([
  'E_VALIDATION_ERROR',
  'E_FIELD_MISSING',
  'E_RECIPIENT_NOT_ALLOWED',
  'E_RECIPIENT_SUPPRESSED',
  'E_CONTENT_TOO_LARGE',
]);

/** Reads the code of an error. An error that crossed an RPC has it in its message only. Pure. */
export function failureOf(error: unknown): MailFailure {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const reason = typeof code === 'string' ? code : /\bE_[A-Z_]+\b/.exec(String(message))?.[0];
  return { code: lasting.has(reason ?? '') ? 'refused' : 'not_now', reason: reason ?? 'unknown' };
}

/** Sends by a binding. The reason of a failure is its code: a message could quote the recipient. */
export const sendByBinding =
  (binding: SendEmail): SendMail =>
  async ({ reply_to, ...mail }) => {
    try {
      await binding.send({ ...mail, ...(reply_to === null ? {} : { replyTo: reply_to }) });
      return ok(null);
    } catch (error) {
      return fail(failureOf(error));
    }
  };
