import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { QueuedMail } from '../../contracts/mail-message.ts';
import { connect } from '../../worker/db/client.ts';
import { consumeAccountToken } from '../../worker/db/users/account-tokens.ts';
import { consumeDeadMail, consumeMail } from '../../worker/queues/mail.ts';
import { createLog, type LogLevel } from '../../worker/runtime/log.ts';
import { accountTokenHash } from '../../worker/tenants/account-link.ts';
import { database } from './own-database.ts';

const { owner_url, worker_url, gateway_origin, wallets } = database;
const [home] = wallets;
if (home === undefined) throw new Error('No tenant is there');
const { tenant_id, user_id } = home.own;
const origin = 'https://acme.example';

const databaseAs = (databaseUrl: string) =>
  connect({ databaseUrl, fetchEndpoint: `${gateway_origin}/sql`, applicationName: 'vanilla-request' });
const owner = databaseAs(owner_url);
const asOwner = (statement: ReturnType<typeof sql>) =>
  owner.batch([
    owner.execute(sql`select set_config('app.role', 'operator', true)`),
    owner.execute(statement),
  ]);

type Sent = Parameters<SendEmail['send']>[0] & { to: string; subject: string; text: string };
let sent: Sent[];
let failures: string[];
let email: string;

/** The binding, which cannot be reached here. It throws the failures that are due, then takes every mail. */
const binding = {
  send: async (mail: Sent) => {
    const failure = failures.shift();
    if (failure !== undefined) throw Object.assign(new Error(`cannot reach ${mail.to}`), { code: failure });
    sent.push(mail);
    return { messageId: 'one' };
  },
};

const withMail = (MAIL_FROM: string) => ({
  ...env,
  ...{ DATABASE_URL: worker_url, NEON_FETCH_ENDPOINT: `${gateway_origin}/sql`, MAIL_FROM, EMAIL: binding },
});
const mailing = withMail('no-reply@platform.example') as unknown as Env;

beforeEach(async () => {
  sent = [];
  failures = [];
  email = `${crypto.randomUUID()}@example.test`;
  await asOwner(sql`update users set email = ${email}, email_verified_at = null, status = 'active'
    where tenant_id = ${tenant_id} and id = ${user_id}`);
  await asOwner(sql`delete from account_tokens where tenant_id = ${tenant_id}`);
  await asOwner(sql`update tenants set name = 'Acme "&" Sons', status = 'active', support_email = 'help@acme.example'
    where id = ${tenant_id}`);
});

async function deliver(
  body: unknown,
  { id = crypto.randomUUID() as string, bindings = mailing, level = 'error' as LogLevel } = {},
) {
  const batch = createMessageBatch('mail', [{ id, timestamp: new Date(), attempts: 1, body }]);
  await consumeMail(batch, bindings, createLog(level, {}));
  const { explicitAcks, retryMessages } = await getQueueResult(batch, createExecutionContext());
  return { acked: explicitAcks.length, retried: retryMessages.length };
}

const messageOf = (mail: QueuedMail) => ({ version: 1, tenant_id, origin, mail });
const reset = () => messageOf({ template: 'reset_password', email });
const done = { acked: 1, retried: 0 };
const again = { acked: 0, retried: 1 };

/** Uses the link of a mail up. Returns whether it worked. */
async function follow(mail: Sent | undefined): Promise<boolean> {
  const token = /https:\/\/acme\.example\/reset-password#(vst_\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
  const used = await consumeAccountToken(databaseAs(worker_url), {
    signed_in_user_id: null,
    ...{ tenant_id, purpose: 'reset_password', token_hash: accountTokenHash(token), password_hash: 'new' },
    ...{ nowS: 0, request_id: 'follow' },
  });
  return used.ok;
}

describe('a queued mail', () => {
  it('is sent from the platform in the tenant’s name, with a link at its hostname that works', async () => {
    expect(await deliver(reset())).toEqual(done);
    expect(sent).toEqual([
      expect.objectContaining({
        to: email,
        from: { email: 'no-reply@platform.example', name: 'Acme "&" Sons' },
        replyTo: 'help@acme.example',
        subject: 'Reset your Acme "&" Sons password',
        html: expect.stringContaining('Acme &quot;&amp;&quot; Sons'),
      }),
    ]);
    expect(await follow(sent[0])).toBe(true);
  });

  it('that cannot be sent now is tried again with a link that works, and one that is refused is not', async () => {
    const id = crypto.randomUUID();
    failures = ['E_INTERNAL_SERVER_ERROR', 'E_RATE_LIMIT_EXCEEDED'];
    expect(await deliver(reset(), { id })).toEqual(again);
    expect(await deliver(reset(), { id })).toEqual(again);
    expect(await deliver(reset(), { id })).toEqual(done);
    expect(sent).toHaveLength(1);
    expect(await follow(sent[0])).toBe(true);
    failures = ['E_RECIPIENT_SUPPRESSED'];
    expect(await deliver(messageOf({ template: 'password_changed', email }))).toEqual(done);
    expect(sent).toHaveLength(1);
  });

  it('is tried again when the database does not answer', async () => {
    const bindings = { ...mailing, NEON_FETCH_ENDPOINT: 'http://127.0.0.1:9/sql' } as unknown as Env;
    expect(await deliver(reset(), { bindings })).toEqual(again);
    expect(await deliver(reset())).toEqual(done);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['account_exists', /^You already have/, 30],
    ['account_created', /^Your Acme/, 7 * 24 * 60],
  ] as const)('%s brings a link to a password, for its time', async (template, subject, minutes) => {
    expect(await deliver(messageOf({ template, email }))).toEqual(done);
    expect(sent).toEqual([expect.objectContaining({ to: email, subject: expect.stringMatching(subject) })]);
    const [, { rows }] =
      await asOwner(sql`select round(extract(epoch from expires_at - created_at) / 60)::int as minutes
      from account_tokens where tenant_id = ${tenant_id} and purpose = 'reset_password'`);
    expect(rows).toEqual([{ minutes }]);
    expect(await follow(sent[0])).toBe(true);
  });

  it('about an alert, or a webhook that was disabled, goes to its user and names what it is about', async () => {
    const data = { threshold_percent: 80, balance: 200 };
    const host = 'hooks.example.com';
    expect(await deliver(messageOf({ template: 'alert', user_id, kind: 'low_balance', data }))).toEqual(done);
    const disabled = { template: 'webhook_disabled', user_id, host, reason: 'gone' } as const;
    expect(await deliver(messageOf(disabled))).toEqual(done);
    expect(sent).toEqual([
      expect.objectContaining({
        to: email,
        text: expect.stringContaining('80 % of your tokens. 200 are left'),
      }),
      expect.objectContaining({ to: email, text: expect.stringContaining(`${host} answered 410`) }),
    ]);
    expect(await deliver(messageOf({ ...disabled, user_id: crypto.randomUUID() }))).toEqual(done);
    expect(sent).toHaveLength(2);
  });

  it('to an address without an account, of a suspended tenant or without meaning is dropped', async () => {
    expect(await deliver(messageOf({ template: 'reset_password', email: 'nobody@example.test' }))).toEqual(
      done,
    );
    expect(await deliver({ version: 1, tenant_id, origin, mail: { template: 'unknown' } })).toEqual(done);
    await asOwner(sql`update tenants set status = 'suspended' where id = ${tenant_id}`);
    expect(await deliver(reset())).toEqual(done);
    expect(await deliver(messageOf({ template: 'password_changed', email }))).toEqual(done);
    expect(sent).toEqual([]);
  });

  it('is dropped, with an alert, where mail was turned off meanwhile', async () => {
    const lines = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await deliver(reset(), { bindings: withMail('') as unknown as Env });
    expect(lines.mock.calls.join()).toContain('mail_is_off');
    expect(sent).toEqual([]);
    lines.mockRestore();
  });

  it('is logged without its recipient and its link, also when it is given up', async () => {
    const lines = (['log', 'info', 'warn', 'error'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => undefined),
    );
    failures = ['E_INTERNAL_SERVER_ERROR'];
    const link = `${origin}/invitation#vsi_secret`;
    const invitation = { template: 'invitation', email, role: 'user', link, invited_by: 'Grace' } as const;
    const body = messageOf({ ...invitation, expires_at: new Date().toISOString() });
    await deliver(body, { level: 'warn' });
    const batch = createMessageBatch('mail-dead', [{ id: 'm', timestamp: new Date(), attempts: 1, body }]);
    consumeDeadMail(batch, createLog('debug', {}));
    const written = lines.flatMap(({ mock }) => mock.calls).join('\n');
    for (const line of lines) line.mockRestore();
    expect(written).toMatch(/mail_not_sent.*E_INTERNAL_SERVER_ERROR/);
    expect(written).toContain('mail_dead');
    for (const secret of [email, 'vsi_', 'Grace']) expect(written).not.toContain(secret);
  });
});
