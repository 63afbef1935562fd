import { describe, expect, inject, it } from 'vitest';
import { DEMO_PASSWORD, eventually } from '../support/demo.ts';
import { request } from '../support/http.ts';
import { identityProviderOf } from '../support/identity-provider.ts';
import { openMailbox } from '../support/mailbox.ts';
import { manageTenants } from '../support/tenants.ts';

const stack = inject('stack');
const mailbox = openMailbox(stack.simulatorOrigin);
const idp = identityProviderOf(stack);
const { open: openTenant, send } = await manageTenants(stack.port);
const tenant = await openTenant();
const { host, token: admin } = tenant;
await send(
  host,
  '/api/tenant',
  'PATCH',
  { registration: 'open', allocation_after: 'registration', stores_contents: true },
  admin,
);

const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });
const get = (path: string, token: string) => send(host, path, 'GET', undefined, token);
const prompt = 'The colour of my bicycle?';

/** Registers somebody with an execution and a key. */
async function register(email = `${crypto.randomUUID()}@example.test`) {
  const { body } = await send(host, '/api/auth/register', 'POST', {
    email,
    password: DEMO_PASSWORD,
    name: 'Ada',
  });
  const { token, user } = body;
  const key = await send(
    host,
    '/api/api-keys',
    'POST',
    { name: 'A key', scopes: ['executions:write', 'wallet:read'] },
    token,
  );
  const execution = await send(
    host,
    '/api/ai/executions',
    'POST',
    { model: 'gpt-5.4-mini', prompt, max_output_tokens: 10 },
    token,
  );
  expect([key.status, execution.status]).toEqual([201, 201]);
  await eventually(
    () => get(`/api/ai/executions/${execution.body.id}/content`, token),
    ({ body: kept }) => kept.messages !== null,
  );
  await eventually(
    () => get('/api/wallet/ledger', token),
    ({ body: ledger }) => ledger.items.length === 3,
  );
  return { email, token, user, secret: key.body.secret as string, executionId: execution.body.id as string };
}

/** Closes an account. Returns status and error. */
async function close(token: string, body: unknown) {
  const answer = await request(stack.port, host, '/api/auth/close', {
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  return { status: answer.status, body: answer.text === '' ? null : JSON.parse(answer.text) };
}

describe('an export', () => {
  it('is one document with all that is kept of its user, and no secret', async () => {
    const { token, user, email, secret, executionId } = await register();
    const answer = await request(stack.port, host, '/api/auth/export', {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.headers['content-disposition']).toBe('attachment; filename="account.json"');
    const document = JSON.parse(answer.text);
    expect(document).toMatchObject({
      format: 'vanilla-account/1',
      account: { id: user.id, email, name: 'Ada' },
      identities: [],
      sessions: [{ is_current: true }],
      api_keys: [{ name: 'A key' }],
      executions: [{ id: executionId }],
      contents: [
        { execution_id: executionId, messages: expect.anything(), answer: { text: expect.any(String) } },
      ],
      ledger: [{ kind: 'allocation' }, { kind: 'reserve' }, { kind: 'debit' }],
    });
    expect(document.contents[0].messages).toMatchObject([{ role: 'user' }]);
    expect(JSON.stringify(document.contents)).toContain(prompt);
    expect(document.audit_log.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['user.exported', 'api_key.created', 'user.registered']),
    );
    expect(answer.text).not.toContain(secret);
    expect(answer.text).not.toMatch(/password_hash|\$2b\$|cost_micro_usd":\d/);
  });

  it('has everything of an account with more than one page', async () => {
    const { token } = await register();
    for (let count = 0; count < 105; count += 15)
      await Promise.all(
        Array.from({ length: 15 }, () => send(host, '/api/auth/profile', 'PATCH', { name: 'Ada' }, token)),
      );
    const made = await Promise.all(
      Array.from({ length: 99 }, (_, index) =>
        send(host, '/api/api-keys', 'POST', { name: `Key ${index}`, scopes: ['wallet:read'] }, token),
      ),
    );
    expect(made.filter(({ status }) => status === 201).length).toBe(99);
    const { text } = await request(stack.port, host, '/api/auth/export', {
      headers: { authorization: `Bearer ${token}` },
    });
    const document = JSON.parse(text);
    expect(document.api_keys).toHaveLength(100);
    expect(document.audit_log.length).toBeGreaterThan(100);
    const ids = document.audit_log.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('closing an account', () => {
  it('asks for the password, and for the address where there is none', async () => {
    const { token, email } = await register();
    expect(await close(token, { password: 'a wrong password' })).toMatchObject(
      refusal(403, 'wrong_password'),
    );
    expect(await close(token, { email })).toMatchObject(refusal(403, 'wrong_password'));
    expect(await close(token, {})).toMatchObject(refusal(400, 'invalid_request'));
    expect(await close(token, { email, password: DEMO_PASSWORD })).toMatchObject(
      refusal(400, 'invalid_request'),
    );
    const added = await send(host, '/api/tenant/sign-in-providers', 'POST', idp.requestFor(), admin);
    const person = {
      sub: crypto.randomUUID(),
      email: `${crypto.randomUUID()}@example.test`,
      email_verified: true,
    };
    const { body } = await idp.signInAs(host, added.body.id, person);
    const refused = await close(body.token, { email: 'another@example.test' });
    expect(refused).toMatchObject(refusal(400, 'invalid_request'));
    expect(refused.body.error.details.issues[0]).toMatchObject({ field: 'email', rule: 'own' });
    expect(await close(body.token, { password: '-' })).toMatchObject(refusal(400, 'invalid_request'));
    expect((await close(body.token, { email: person.email.toUpperCase() })).status).toBe(204);
    // The same person is somebody new.
    const again = await idp.signInAs(host, added.body.id, person);
    expect(again.body.user.id).not.toBe(body.user.id);
  });

  it('ends sessions and keys at once, removes what is personal, and keeps the ledger by the id', async () => {
    const { token, email, secret, user, executionId } = await register();
    expect((await close(token, { password: DEMO_PASSWORD })).status).toBe(204);
    expect(await get('/api/auth/me', token)).toMatchObject(refusal(403, 'user_disabled'));
    const run = (credential: string) =>
      send(
        host,
        '/api/ai/executions',
        'POST',
        { model: 'gpt-5.4-mini', prompt, max_output_tokens: 5 },
        credential,
      );
    expect([(await run(token)).status, (await run(secret)).status].every((status) => status >= 401)).toBe(
      true,
    );
    expect(await send(host, '/api/auth/login', 'POST', { email, password: DEMO_PASSWORD })).toMatchObject(
      refusal(401, 'invalid_credentials'),
    );
    const { body: shown } = await get(`/api/users/${user.id}`, admin);
    expect(shown.user).toMatchObject({
      ...{ email: `closed-${user.id}@deleted.invalid`, name: null, status: 'disabled' },
      closed_at: expect.any(String),
    });
    expect(JSON.stringify(shown)).not.toContain(email);
    expect((await get(`/api/wallet/ledger?user_id=${user.id}`, admin)).body.items).toHaveLength(3);
    expect((await get(`/api/ai/executions/${executionId}`, admin)).status).toBe(200);
    expect((await get(`/api/audit-log?action=user.closed`, admin)).body.items).toContainEqual(
      expect.objectContaining({ target_id: user.id }),
    );
    await mailbox.waitFor(email, /^Your .* account is closed$/);
  });

  it('is for good: nobody enables the account again, and the address can register', async () => {
    const { token, email, user } = await register();
    await close(token, { password: DEMO_PASSWORD });
    expect(await send(host, `/api/users/${user.id}`, 'PATCH', { status: 'active' }, admin)).toMatchObject(
      refusal(409, 'account_closed'),
    );
    const again = await send(host, '/api/auth/register', 'POST', { email, password: DEMO_PASSWORD });
    expect(again.status).toBe(201);
    expect(again.body.user.id).not.toBe(user.id);
  });

  it('is refused to the last administrator', async () => {
    const other = await openTenant();
    const answer = await request(stack.port, other.host, '/api/auth/close', {
      ...{ method: 'POST', body: JSON.stringify({ password: DEMO_PASSWORD }) },
      headers: { authorization: `Bearer ${other.token}`, 'content-type': 'application/json' },
    });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([409, 'last_admin']);
    expect((await send(other.host, '/api/auth/me', 'GET', undefined, other.token)).status).toBe(200);
  });
});
