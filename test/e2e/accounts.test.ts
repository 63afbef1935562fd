import { describe, expect, inject, it } from 'vitest';
import { DEMO_PASSWORD, eventually, newAddress, registerSomebody, signIn } from '../support/demo.ts';
import { ACME, GLOBEX } from '../support/governance.ts';
import { request, requestJson } from '../support/http.ts';
import { openMailbox, tokenOf } from '../support/mailbox.ts';
import { manageTenants } from '../support/tenants.ts';

const stack = inject('stack');
const mailbox = openMailbox(stack.simulatorOrigin);
const { open: openTenant, send } = await manageTenants(stack.port);

const NEW_PASSWORD = 'another long passphrase';
const newEmail = () => `account-${crypto.randomUUID()}@example.test`;
const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });

const post = (host: string, path: string, body: unknown, token?: string) =>
  send(host, `/api/auth/${path}`, 'POST', body, token);
/** Posts where the answer has no body. Returns its status. */
const statusOf = async (host: string, path: string, body: unknown, token?: string): Promise<number> => {
  const headers = {
    ...{ host: `${host}:${stack.port}`, 'content-type': 'application/json' },
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const options = { method: 'POST', headers, body: JSON.stringify(body ?? {}) };
  return (await request(stack.port, host, `/api/auth/${path}`, options)).status;
};
const logIn = (host: string, email: string, password: string) => post(host, 'login', { email, password });
const me = (host: string, token: string) => send(host, '/api/auth/me', 'GET', undefined, token);
const run = (host: string, token: string) =>
  send(
    host,
    '/api/ai/executions',
    'POST',
    { model: 'gpt-5.4-mini', prompt: 'Hello?', max_output_tokens: 10 },
    token,
  );

/** Opens a tenant whose newcomers verify their address before they can sign in. */
async function openVerifyingTenant() {
  const { host, token: admin } = await openTenant();
  const { body } = await send(host, '/api/tenant/settings', 'GET', undefined, admin);
  expect(body.allocation_after).toBe('verification');
  await send(host, '/api/tenant', 'PATCH', { registration: 'open' }, admin);
  return { host, admin };
}

/** Registers from an address of its own. Registrations wait while many passwords are hashed. */
const register = (host: string, email: string) => {
  const headers = { 'cf-connecting-ip': newAddress() };
  const body = { email, password: DEMO_PASSWORD };
  return eventually(
    () => requestJson(stack.port, host, '/api/auth/register', { method: 'POST', body, headers }),
    ({ status }) => status !== 503,
  );
};

describe('verifying an address', () => {
  it('lets newcomers in and gives them their allocation, exactly once; until then a script’s accounts have nothing to spend', async () => {
    const { host, admin } = await openVerifyingTenant();
    const emails = Array.from({ length: 20 }, newEmail);
    const registered = await Promise.all(emails.map((email) => register(host, email)));
    for (const { status, body } of registered)
      expect({ status, body }).toEqual({ status: 202, body: { status: 'check_your_mail' } });
    const wallet = async (token: string) => (await send(host, '/api/wallet', 'GET', undefined, token)).body;
    const [one = '', other = ''] = emails;
    for (const email of [one, other])
      expect(await logIn(host, email, DEMO_PASSWORD)).toMatchObject(refusal(401, 'invalid_credentials'));
    const link = await mailbox.linkTo(one, /^Verify/);
    expect(link.href).toMatch(new RegExp(`^http://${host}:${stack.port}/verify-email#vst_`));
    const verify = () => post(host, 'verify-email', { token: tokenOf(link) });
    const answers = await Promise.all([verify(), verify(), verify()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    expect(await verify()).toMatchObject(refusal(404, 'link_invalid'));
    const { token } = (await logIn(host, one, DEMO_PASSWORD)).body;
    expect((await wallet(token)).available).toBe(10_000);
    expect((await me(host, token)).body).toMatchObject({ email_verified: true, allocation_awaits: null });
    const ledger = await eventually(
      () => send(host, '/api/wallet/ledger', 'GET', undefined, token),
      ({ body }) => body.items.length > 0,
    );
    expect(ledger.body.items).toMatchObject([{ kind: 'allocation', amount: 10_000 }]);
    // An administrator approves the other.
    const list = await send(host, `/api/users?q=${encodeURIComponent(other)}`, 'GET', undefined, admin);
    const [{ id, allocation_awaits }] = list.body.items;
    expect(allocation_awaits).toBe('verification');
    const path = `/api/users/${id}`;
    expect(await send(host, path, 'PATCH', { allocation_awaits: null }, token)).toMatchObject(
      refusal(403, 'forbidden'),
    );
    expect((await send(host, path, 'PATCH', { allocation_awaits: null }, admin)).status).toBe(200);
    const approved = await logIn(host, other, DEMO_PASSWORD);
    expect((await wallet(approved.body.token)).available).toBe(10_000);
  });

  it('is told to an address that has an account already, with a link to another password, and lets it in', async () => {
    const { host } = await openVerifyingTenant();
    const email = newEmail();
    await register(host, email);
    await mailbox.waitFor(email, /^Verify/);
    expect(await register(host, email)).toMatchObject({ status: 202, body: { status: 'check_your_mail' } });
    const link = await mailbox.linkTo(email, /^You already have a/);
    expect(link.pathname).toBe('/reset-password');
    const body = { token: tokenOf(link), password: NEW_PASSWORD };
    expect(await statusOf(host, 'password-reset/confirm', body)).toBe(204);
    expect((await logIn(host, email, NEW_PASSWORD)).body.user).toMatchObject({ email_verified: true });
    // At most one such mail a minute.
    await register(host, email);
    expect((await mailbox.read(email)).mails.filter(({ subject }) => /already/.test(subject))).toHaveLength(
      1,
    );
  });

  it('is asked for again by its user, at most once a minute, and at the hostname of the account alone', async () => {
    const { email, token } = await registerSomebody(stack.port, ACME);
    const link = await mailbox.linkTo(email, /^Verify/);
    expect(await statusOf(ACME, 'verify-email/resend', undefined, token)).toBe(202);
    expect(await post(GLOBEX, 'verify-email', { token: tokenOf(link) })).toMatchObject(
      refusal(404, 'link_invalid'),
    );
    expect(await post(ACME, 'verify-email', { token: tokenOf(link) })).toMatchObject({
      status: 200,
      body: { email },
    });
    expect(await statusOf(ACME, 'verify-email/resend', undefined, token)).toBe(202);
    expect((await mailbox.read(email)).mails).toHaveLength(1);
  });
});

describe('a forgotten password', () => {
  it('is asked about alike for known and unknown addresses, and mailed to the known', async () => {
    const { email } = await registerSomebody(stack.port, ACME);
    const unknown = newEmail();
    const ask = (address: string) => statusOf(ACME, 'password-reset', { email: address });
    expect([await ask(email), await ask(unknown)]).toEqual([202, 202]);
    await mailbox.waitFor(email, /^Reset/);
    expect((await mailbox.read(unknown)).mails).toEqual([]);
  });

  it('is replaced by the link, once; every session ends, also for executions, and the address is told', async () => {
    const { email, token } = await registerSomebody(stack.port, ACME);
    expect((await run(ACME, token)).status).toBe(201);
    await statusOf(ACME, 'password-reset', { email: ` ${email.toUpperCase()} ` });
    const link = await mailbox.linkTo(email, /^Reset/);
    const body = { token: tokenOf(link), password: NEW_PASSWORD };
    expect(await statusOf(ACME, 'password-reset/confirm', body)).toBe(204);
    expect(await post(ACME, 'password-reset/confirm', body)).toMatchObject(refusal(404, 'link_invalid'));
    expect(await me(ACME, token)).toMatchObject(refusal(401, 'session_revoked'));
    expect(await run(ACME, token)).toMatchObject(refusal(401, 'session_revoked'));
    expect(await logIn(ACME, email, DEMO_PASSWORD)).toMatchObject(refusal(401, 'invalid_credentials'));
    const again = await logIn(ACME, email, NEW_PASSWORD);
    expect(again).toMatchObject({ status: 200, body: { user: { email_verified: true } } });
    expect((await run(ACME, again.body.token)).status).toBe(201);
    expect((await mailbox.waitFor(email, /was changed$/)).text).not.toContain('http');
  });

  it('is mailed late rather than never when the mail service fails', async () => {
    const { email } = await registerSomebody(stack.port, ACME);
    await mailbox.waitFor(email, /^Verify/);
    await mailbox.fail(email, 'not_now', 2);
    const askedAtMs = Date.now();
    expect(await statusOf(ACME, 'password-reset', { email })).toBe(202);
    expect(Date.now() - askedAtMs).toBeLessThan(1_000);
    const link = await mailbox.linkTo(email, /^Reset/);
    expect((await mailbox.read(email)).attempts).toBe(4);
    expect(
      await statusOf(ACME, 'password-reset/confirm', { token: tokenOf(link), password: NEW_PASSWORD }),
    ).toBe(204);
  });
});

describe('the own account', () => {
  it('gets another password for the present one; other sessions end and this one goes on with a new token', async () => {
    const { email, token } = await registerSomebody(stack.port, ACME);
    const elsewhere = (await logIn(ACME, email, DEMO_PASSWORD)).body.token;
    const change = (current_password: string) =>
      post(ACME, 'password', { current_password, password: NEW_PASSWORD }, token);
    expect(await change('a wrong password')).toMatchObject(refusal(403, 'wrong_password'));
    expect((await me(ACME, elsewhere)).status).toBe(200);
    const changed = await change(DEMO_PASSWORD);
    expect(changed).toMatchObject({ status: 200, body: { user: { email } } });
    for (const ended of [token, elsewhere])
      expect(await me(ACME, ended)).toMatchObject(refusal(401, 'session_revoked'));
    expect((await run(ACME, changed.body.token)).status).toBe(201);
    expect((await logIn(ACME, email, NEW_PASSWORD)).status).toBe(200);
    await mailbox.waitFor(email, /password was changed$/);
  });

  it('gets another address once its link is used; the address before is told twice, with nothing to click', async () => {
    const { email, token } = await registerSomebody(stack.port, ACME);
    const next = newEmail();
    expect(await post(ACME, 'email', { email: next, password: 'a wrong password' }, token)).toMatchObject(
      refusal(403, 'wrong_password'),
    );
    expect(await statusOf(ACME, 'email', { email: next, password: DEMO_PASSWORD }, token)).toBe(202);
    const warning = await mailbox.waitFor(email, /^A new email address/);
    const link = await mailbox.linkTo(next, /^Confirm/);
    expect((await me(ACME, token)).body.email).toBe(email);
    expect(await post(ACME, 'email/confirm', { token: tokenOf(link) })).toMatchObject({
      ...{ status: 200, body: { email: next } },
    });
    const notice = await mailbox.waitFor(email, /^The email address .* was changed$/);
    for (const { text, html } of [warning, notice]) {
      expect(text).not.toMatch(/https?:/);
      expect(html).not.toContain('href');
      expect(text).not.toContain(next);
    }
    expect((await logIn(ACME, next, DEMO_PASSWORD)).status).toBe(200);
    expect(await logIn(ACME, email, DEMO_PASSWORD)).toMatchObject(refusal(401, 'invalid_credentials'));
    expect((await me(ACME, token)).body).toMatchObject({ email: next, email_verified: true });
  });

  it('does not learn whether another account has the address', async () => {
    const { email: taken } = await registerSomebody(stack.port, ACME);
    await mailbox.waitFor(taken, /^Verify/);
    const { email, token } = await registerSomebody(stack.port, ACME);
    expect(await statusOf(ACME, 'email', { email: taken, password: DEMO_PASSWORD }, token)).toBe(202);
    await mailbox.waitFor(email, /^A new email address/);
    expect((await mailbox.read(taken)).mails).toHaveLength(1);
  });

  it('gets another name, and loses it', async () => {
    const { token } = await registerSomebody(stack.port, ACME);
    for (const name of ['Ada Lovelace', null])
      expect(await send(ACME, '/api/auth/profile', 'PATCH', { name }, token)).toMatchObject({
        ...{ status: 200, body: { name } },
      });
  });

  it.each([
    ['PATCH', 'profile', { name: '' }, 'name'],
    ['POST', 'password', { current_password: DEMO_PASSWORD, password: 'short' }, 'password'],
    ['POST', 'password', { password: NEW_PASSWORD }, 'current_password'],
    ['POST', 'email', { email: 'nobody', password: DEMO_PASSWORD }, 'email'],
    ['POST', 'verify-email', { token: 'vsi_x' }, 'token'],
    ['POST', 'password-reset', {}, 'email'],
    ['POST', 'password-reset/confirm', { token: `vst_${'a'.repeat(43)}`, password: 'short' }, 'password'],
    ['POST', 'email/confirm', { token: 7 }, 'token'],
  ])('refuses %s %s with %o: it names %s', async (method, path, body, field) => {
    const { token } = await registerSomebody(stack.port, ACME);
    const answer = await send(ACME, `/api/auth/${path}`, method, body, token);
    expect(answer).toMatchObject(refusal(400, 'invalid_request'));
    expect(answer.body.error.details.issues[0].field).toBe(field);
  });

  it.each(['password', 'email', 'verify-email/resend'])('at %s needs a session', async (path) => {
    expect((await post(ACME, path, {})).status).toBe(401);
  });
});

describe('an invitation', () => {
  it('is mailed, which proves the address; one that is not proves nothing', async () => {
    const admin = await signIn(stack.port, ACME, 'admin@acme.test');
    const accept = async (token: string) =>
      (await post(ACME, 'invitations/accept', { token, password: DEMO_PASSWORD })).body.user;
    const mailed = newEmail();
    const first = await admin.post('/api/invitations', { email: mailed, role: 'user' });
    expect(first.body.is_mailed).toBe(true);
    const link = await mailbox.linkTo(mailed, /^You are invited to Acme/);
    expect(link.href).toBe(first.body.link);
    expect(await accept(tokenOf(link))).toMatchObject({ email_verified: true, allocation_awaits: null });
    const handed = newEmail();
    const second = await admin.post('/api/invitations', { email: handed, role: 'user', mail: false });
    expect(second.body.is_mailed).toBe(false);
    expect(await accept(tokenOf(new URL(second.body.link)))).toMatchObject({ email_verified: false });
    await mailbox.waitFor(handed, /^Verify/);
  });
});

it('the mailbox has a page for people, which escapes what mails say', async () => {
  const { email } = await registerSomebody(stack.port, ACME);
  await mailbox.waitFor(email, /^Verify/);
  const page = async (path: string) => (await fetch(`${stack.simulatorOrigin}${path}`)).text();
  const list = await page('/mailbox');
  expect(list).toContain('Simulated');
  const [, path = ''] = new RegExp(`${email}.*?href="(/mailbox/\\d+)"`, 's').exec(list) ?? [];
  const mail = await page(path);
  expect(mail).toMatch(/<a href="http:\/\/acme\.localhost[^"]+#vst_/);
  expect(mail).toContain('srcdoc="&lt;base');
});

it('anyone can read that the platform sends mail', async () => {
  const { body } = await requestJson(stack.port, ACME, '/api/tenant');
  expect(body.sends_mail).toBe(true);
});
