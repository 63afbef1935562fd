import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, DEMO_PASSWORD, registerSomebody, signIn } from '../support/demo.ts';
import { ACME, GLOBEX, UNKNOWN } from '../support/governance.ts';
import { requestJson } from '../support/http.ts';

const stack = inject('stack');
const PLATFORM = 'localhost';
let admin: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
});

const newEmail = () => `guest-${crypto.randomUUID()}@example.test`;
const open = (host: string, action: 'lookup' | 'accept', body: unknown) =>
  requestJson(stack.port, host, `/api/auth/invitations/${action}`, { method: 'POST', body });
const accept = (host: string, token: string, more = {}) =>
  open(host, 'accept', { token, password: DEMO_PASSWORD, ...more });

/** Invites somebody to Acme. Returns the invitation with the token of its link. */
async function invite(change: object = {}, by = admin) {
  const { status, body } = await by.post('/api/invitations', { email: newEmail(), role: 'user', ...change });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { ...body, token: new URL(body.link).hash.slice(1) };
}

const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });

it('an admin invites an admin, whose link at the tenant’s hostname makes the account and signs in', async () => {
  const { id, email, link, token } = await invite({ email: ` ${newEmail().toUpperCase()}`, role: 'admin' });
  expect(email).toBe(email.toLowerCase().trim());
  expect(link).toMatch(new RegExp(`^http://${ACME}:${stack.port}/invitation#vsi_`));
  const listed = (await admin.get('/api/invitations')).body.items;
  expect(listed).toContainEqual(expect.objectContaining({ id, email, role: 'admin' }));
  expect(JSON.stringify(listed)).not.toContain(token);
  expect(await open(ACME, 'lookup', { token })).toMatchObject({
    status: 200,
    body: { tenant_name: 'Acme', email, role: 'admin' },
  });
  const accepted = await accept(ACME, token, { name: 'Grace' });
  expect(accepted).toMatchObject({ status: 201, body: { user: { email, name: 'Grace', role: 'admin' } } });
  const headers = { authorization: `Bearer ${accepted.body.token}` };
  expect((await requestJson(stack.port, ACME, '/api/users', { headers })).status).toBe(200);
  expect(await signIn(stack.port, ACME, email)).toMatchObject({ userId: accepted.body.user.id });
  for (const action of ['lookup', 'accept'] as const)
    expect(
      await open(ACME, action, { token, ...(action === 'accept' && { password: DEMO_PASSWORD }) }),
    ).toMatchObject(refusal(404, 'invitation_invalid'));
});

it('a link works where registration is closed, and only at its own hostname', async () => {
  const superadmin = await signIn(stack.port, PLATFORM, 'super@vanilla.test');
  const { email, link, token } = await invite({ role: 'superadmin' }, superadmin);
  expect(link).toContain(`http://${PLATFORM}:${stack.port}/`);
  for (const host of [ACME, GLOBEX])
    expect(await accept(host, token)).toMatchObject(refusal(404, 'invitation_invalid'));
  expect(
    await requestJson(stack.port, PLATFORM, '/api/auth/register', {
      method: 'POST',
      body: { email, password: DEMO_PASSWORD },
    }),
  ).toMatchObject(refusal(403, 'registration_closed'));
  expect(await accept(PLATFORM, token)).toMatchObject({
    status: 201,
    body: { user: { role: 'superadmin' } },
  });
});

it('five acceptances at once make one account', async () => {
  const { token } = await invite();
  const answers = await Promise.all(Array.from({ length: 5 }, () => accept(ACME, token)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 404, 404, 404, 404]);
});

it('a revoked link no longer works; revoking again changes nothing, and an accepted one is not found', async () => {
  const revoked = await invite();
  for (let count = 0; count < 2; count++)
    expect((await admin.delete(`/api/invitations/${revoked.id}`)).status).toBe(204);
  expect(await accept(ACME, revoked.token)).toMatchObject(refusal(404, 'invitation_invalid'));
  const accepted = await invite();
  expect((await accept(ACME, accepted.token)).status).toBe(201);
  expect(await admin.delete(`/api/invitations/${accepted.id}`)).toMatchObject(refusal(404, 'not_found'));
});

describe('an invitation is refused', () => {
  it.each<[string, object, string]>([
    ['an email that is none', { email: 'nobody', role: 'user' }, 'email'],
    ['an unknown role', { email: 'a@example.test', role: 'owner' }, 'role'],
    ['no role', { email: 'a@example.test' }, 'role'],
    ['a level that is no id', { email: 'a@example.test', role: 'user', level_id: 'pro' }, 'level_id'],
    ['an unknown field', { email: 'a@example.test', role: 'user', tenant_id: UNKNOWN }, 'tenant_id'],
  ])('with %s, by its field', async (_, body, field) => {
    const answer = await admin.post('/api/invitations', body);
    expect(answer).toMatchObject(refusal(400, 'invalid_request'));
    expect(answer.body.error.details.issues[0].field).toBe(field);
  });

  it('for an email that has an account, a level of another tenant, and a role above the inviter’s', async () => {
    const foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
    const level_id = (await foreignAdmin.get('/api/levels')).body.items[0].id;
    const refused = (change: object) =>
      admin.post('/api/invitations', { email: newEmail(), role: 'user', ...change });
    expect(await refused({ email: 'USER@acme.test' })).toMatchObject({
      ...refusal(409, 'email_taken'),
      body: { error: { details: { field: 'email' } } },
    });
    for (const unknown of [level_id, UNKNOWN])
      expect(await refused({ level_id: unknown })).toMatchObject({
        status: 404,
        body: { error: { details: { field: 'level_id' } } },
      });
    expect(await refused({ role: 'superadmin' })).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden', details: { field: 'role' } } },
    });
  });
});

it('nobody else reaches the invitations of a tenant: users, API keys, foreign admins and strangers', async () => {
  const { id } = await invite();
  const user = await registerSomebody(stack.port, ACME);
  const foreign = await signIn(stack.port, GLOBEX, 'admin@globex.test');
  expect(await user.get('/api/invitations')).toMatchObject(refusal(403, 'forbidden'));
  expect(await user.post('/api/invitations', { email: newEmail(), role: 'user' })).toMatchObject(
    refusal(403, 'forbidden'),
  );
  expect(await user.delete(`/api/invitations/${id}`)).toMatchObject(refusal(403, 'forbidden'));
  const ids = (await foreign.get('/api/invitations')).body.items.map((one: { id: string }) => one.id);
  expect(ids).not.toContain(id);
  const notTheirs = await foreign.delete(`/api/invitations/${id}`);
  const unknown = await foreign.delete(`/api/invitations/${UNKNOWN}`);
  for (const answer of [notTheirs, unknown]) expect(answer).toMatchObject(refusal(404, 'not_found'));
  const key = (await admin.post('/api/api-keys', { name: crypto.randomUUID(), scopes: ['models:read'] }))
    .body;
  for (const [token, status] of [
    [key.secret, 403],
    ['nonsense', 401],
    [foreign.token, 401],
  ])
    expect(
      (
        await requestJson(stack.port, ACME, '/api/invitations', {
          headers: { authorization: `Bearer ${token}` },
        })
      ).status,
    ).toBe(status);
});

it('a bad token or password is refused by its field, and the link stays as it was', async () => {
  const { token } = await invite();
  const wrong: [object, string][] = [
    [{ token: 'x', password: DEMO_PASSWORD }, 'token'],
    [{ token: `${token}x`, password: DEMO_PASSWORD }, 'token'],
    [{ token, password: 'short' }, 'password'],
    [{ token, password: DEMO_PASSWORD, name: '' }, 'name'],
    [{ token, password: DEMO_PASSWORD, role: 'admin' }, 'role'],
    [{ token, password: DEMO_PASSWORD, email: 'me@example.test' }, 'email'],
  ];
  for (const [body, field] of wrong) {
    const answer = await open(ACME, 'accept', body);
    expect(answer).toMatchObject(refusal(400, 'invalid_request'));
    expect(answer.body.error.details.issues[0].field).toBe(field);
    expect(JSON.stringify(answer.body)).not.toContain(token);
  }
  expect((await open(ACME, 'lookup', { token })).status).toBe(200);
});

it('a token can be tried as often as a password, and no more', async () => {
  const token = `vsi_${'x'.repeat(43)}`;
  const statuses = [];
  for (let count = 0; count < 21; count++) statuses.push((await open(ACME, 'lookup', { token })).status);
  expect(statuses[0]).toBe(404);
  expect(statuses.at(-1)).toBe(429);
});
