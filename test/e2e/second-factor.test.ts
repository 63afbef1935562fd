import { Secret, TOTP } from 'otpauth';
import { expect, inject, it } from 'vitest';
import { DEMO_PASSWORD, eventually } from '../support/demo.ts';
import { openMailbox } from '../support/mailbox.ts';
import { manageTenants } from '../support/tenants.ts';

const stack = inject('stack');
const mailbox = openMailbox(stack.simulatorOrigin);
const { open: openTenant, send } = await manageTenants(stack.port);

const codeOf = (secret: string) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() });

it('a tenant that begins to require a second factor ends the sessions without one, also for executions', async () => {
  const { host, token: admin } = await openTenant();
  const post = (path: string, body: unknown, token?: string) => send(host, path, 'POST', body, token);
  await send(host, '/api/tenant', 'PATCH', { registration: 'open', allocation_after: 'registration' }, admin);
  const email = `account-${crypto.randomUUID()}@example.test`;
  const { body: member } = await post('/api/auth/register', { email, password: DEMO_PASSWORD });
  const run = () =>
    post(
      '/api/ai/executions',
      { model: 'gpt-5.4-mini', prompt: 'Hello?', max_output_tokens: 10 },
      member.token,
    );
  expect((await run()).status).toBe(201);

  const { body: enrolment } = await post('/api/auth/factors/totp', {}, admin);
  const confirmation = { enrolment: enrolment.enrolment, code: codeOf(enrolment.secret) };
  expect((await post('/api/auth/factors/totp/confirm', confirmation, admin)).status).toBe(201);
  expect((await send(host, '/api/tenant', 'PATCH', { require_mfa: 'everyone' }, admin)).status).toBe(200);
  const refused = await eventually(run, ({ status }) => status === 401, 20_000);
  expect(refused.body.error.code).toBe('session_revoked');
  expect((await send(host, '/api/auth/me', 'GET', undefined, admin)).status).toBe(200);

  const asked = await post('/api/auth/login', { email, password: DEMO_PASSWORD });
  expect(asked).toMatchObject({ status: 401, body: { error: { code: 'second_factor_setup_required' } } });
  const { ticket } = asked.body.error.details;
  const { body: begun } = await post('/api/auth/login/setup/totp', { ticket });
  const setUp = await post('/api/auth/login/setup/totp/confirm', {
    ...{ ticket, enrolment: begun.enrolment, code: codeOf(begun.secret) },
  });
  expect(setUp.status).toBe(201);
  const answer = await post(
    '/api/ai/executions',
    { model: 'gpt-5.4-mini', prompt: 'Hello?', max_output_tokens: 10 },
    setUp.body.token,
  );
  expect(answer.status).toBe(201);

  await send(host, `/api/users/${setUp.body.user.id}/factors`, 'DELETE', undefined, admin);
  const mails = await eventually(
    () => mailbox.read(email),
    (box) => box.mails.some(({ text }) => text.includes('An administrator removed')),
  );
  expect(mails.mails.filter(({ subject }) => subject.startsWith('Two-step'))).toHaveLength(2);
});
