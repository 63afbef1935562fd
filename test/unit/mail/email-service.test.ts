import { expect, it } from 'vitest';
import { failureOf, sendByBinding } from '../../../worker/mail/email-service.ts';
import type { Mail } from '../../../worker/mail/mail.ts';

const withCode = (code: string) => Object.assign(new Error('refused for ada@example.com'), { code });

it.each([
  ['E_RECIPIENT_SUPPRESSED', 'refused'],
  ['E_VALIDATION_ERROR', 'refused'],
  ['E_RATE_LIMIT_EXCEEDED', 'not_now'],
  ['E_DAILY_LIMIT_EXCEEDED', 'not_now'],
  ['E_SENDER_NOT_VERIFIED', 'not_now'],
  ['E_INTERNAL_SERVER_ERROR', 'not_now'],
  ['E_OF_TOMORROW', 'not_now'],
])('the error %s is %s, by its property or its message', (reason, code) => {
  expect(failureOf(withCode(reason))).toEqual({ code, reason });
  expect(failureOf(new Error(`${reason}: simulated`))).toEqual({ code, reason });
});

it('an error without a code may pass, and says nothing of the recipient', () => {
  expect(failureOf(new Error('network lost for ada@example.com'))).toEqual({
    code: 'not_now',
    reason: 'unknown',
  });
});

it('a mail goes out as the binding takes it', async () => {
  const sent: unknown[] = [];
  const binding = {
    send: async (mail: unknown) => {
      sent.push(mail);
      return { messageId: '1' };
    },
  } as SendEmail;
  const mail: Mail = {
    to: 'ada@example.com',
    from: { email: 'no-reply@acme.example', name: 'Acme' },
    reply_to: null,
    ...{ subject: 'Hello', text: 'Hello', html: '<p>Hello' },
  };
  expect(await sendByBinding(binding)(mail)).toEqual({ ok: true, value: null });
  await sendByBinding(binding)({ ...mail, reply_to: 'help@acme.example' });
  const { reply_to: _, ...plain } = mail;
  expect(sent).toEqual([plain, { ...plain, replyTo: 'help@acme.example' }]);
});
