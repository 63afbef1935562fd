import { env } from 'cloudflare:workers';
import bcrypt from 'bcryptjs';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { hashPassword } from '../../../worker/identity/password.ts';
import { secretRing } from '../../../worker/runtime/secret-ring.ts';
import { invitationHash } from '../../../worker/tenants/invitation-link.ts';
import { asOwner, home, newcomer } from '../checked-wallet.ts';
import { ask, newAddress, openRegistration, somebody } from './asking.ts';

const GOOD = 'seventeen green umbrellas';
const newEmail = (domain = 'example.test') => `${crypto.randomUUID()}@${domain}`;
await openRegistration();
const [[tenant]] = (await asOwner(sql`select name from tenants where id = ${home.tenant_id}`)) as unknown as [
  [{ name: string }],
];

type Issue = { field: string; rule: string; message: string };
type Answered = { status: number; issue: Issue | undefined; token: string | undefined };

async function post(path: string, body: unknown, session?: string): Promise<Answered> {
  const answer = await ask(path, {
    body,
    address: newAddress(),
    ...(session === undefined ? {} : { token: session }),
  });
  const { error, token } = (await answer.json()) as {
    error?: { details?: { issues?: Issue[] } };
    token?: string;
  };
  return { status: answer.status, issue: error?.details?.issues?.[0], token };
}

const register = (body: { email?: string; password?: string; name?: string }) =>
  post('/api/auth/register', { email: newEmail(), password: GOOD, ...body });

describe('a new password', () => {
  it.each([
    ['common', { password: 'Password1234!' }, 'too_common'],
    ['regular', { password: 'abcabcabcabc' }, 'too_regular'],
    [
      'the address',
      { email: 'grace.hopper@example.test', password: 'grace.hopper@example.test' },
      'personal',
    ],
    ['the name', { name: 'Grace Brewster Hopper', password: 'gracebrewsterhopper' }, 'personal'],
    ['the name of the tenant', { password: `${tenant.name} 2026!` }, 'personal'],
    ['too short when it is composed', { password: 'e\u0301'.repeat(7) }, 'too_small'],
    ['half of a character', { password: `${GOOD}\ud83d` }, 'custom'],
  ])('that is %s is refused by name', async (_, body, rule) => {
    // A tenant's name of less than 12 characters is refused by the length already.
    const password = body.password.length < 12 ? body.password.padEnd(12, '!') : body.password;
    expect(await register({ ...body, password })).toMatchObject({
      status: 400,
      issue: { field: 'password', rule: rule === 'too_small' ? expect.any(String) : rule },
    });
  });

  it('is checked where an invitation is accepted, which stays open', async () => {
    const { token } = await somebody('admin');
    const email = newEmail();
    const invited = await ask('/api/invitations', { token, body: { email, role: 'user' } });
    const { link } = (await invited.json()) as { link: string };
    const invitation = link.slice(link.search(/[^#/=?]+$/));
    expect(invitationHash(invitation)).toMatch(/\w/);
    const accept = (password: string) =>
      post('/api/auth/invitations/accept', { token: invitation, password, name: 'Grace' });
    expect(await accept('unbelievable')).toMatchObject({ status: 400, issue: { rule: 'too_common' } });
    expect(await accept(email)).toMatchObject({ status: 400, issue: { rule: 'personal' } });
    expect(await accept(GOOD)).toMatchObject({ status: 201 });
  });

  it('is checked where a link resets it, and where it is changed', async () => {
    const email = newEmail();
    const { token } = await register({ email });
    const reset = { token: `vst_${'a'.repeat(43)}`, password: 'unbelievable' };
    expect(await post('/api/auth/password-reset/confirm', reset)).toMatchObject({
      status: 400,
      issue: { field: 'password', rule: 'too_common' },
    });
    const change = (password: string) =>
      post('/api/auth/password', { current_password: GOOD, password }, token);
    expect(await change(email)).toMatchObject({ status: 400, issue: { rule: 'personal' } });
    expect(await change('nineteen violet umbrellas')).toMatchObject({ status: 200 });
  });

  it('is the same however its letters are typed', async () => {
    const email = newEmail();
    const composed = 'sept \u00e9l\u00e9phants verts';
    const decomposed = composed.normalize('NFD');
    expect(decomposed).not.toBe(composed);
    expect((await register({ email, password: decomposed })).status).toBe(201);
    const login = async (password: string) => (await post('/api/auth/login', { email, password })).status;
    expect(await login(composed)).toBe(200);
    expect(await login(decomposed)).toBe(200);
  });

  it('that was hashed before as it was typed still opens its account', async () => {
    const { user_id } = await newcomer();
    const typed = 'sept \u00e9l\u00e9phants verts'.normalize('NFD');
    const pepper = new TextEncoder().encode(env.PASSWORD_PEPPER);
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', pepper, algorithm, false, ['sign']);
    const digest = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(typed));
    const old = await bcrypt.hash(btoa(String.fromCharCode(...new Uint8Array(digest))), 10);
    expect(old).not.toBe(await hashPassword(secretRing.parse(env.PASSWORD_PEPPER), typed));
    await asOwner(sql`update users set password_hash = ${old} where id = ${user_id}`);
    const credentials = { email: `${user_id}@example.test`, password: typed };
    expect((await post('/api/auth/login', credentials)).status).toBe(200);
  });
});

describe('an address', () => {
  it.each(['mailinator.com', 'yopmail.com', 'inbox.guerrillamail.com'])(
    'of a service for throw-away mailboxes is refused: %s',
    async (domain) => {
      expect(await register({ email: newEmail(domain) })).toMatchObject({
        status: 400,
        issue: { field: 'email', rule: 'disposable' },
      });
    },
  );

  it('of such a service is refused where a tenant signs up', async () => {
    const body = { slug: 'throw-away', name: 'Throw away', email: newEmail('mailinator.com') };
    const answer = await ask('/api/tenant-signups', { body, hostname: env.PLATFORM_DOMAIN });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { details: { issues: [{ field: 'email', rule: 'disposable' }] } },
    });
  });

  it('of a domain whose name only ends alike is accepted', async () => {
    expect((await register({ email: newEmail('our-mailinator.example') })).status).toBe(201);
  });
});

describe('a text that no database stores', () => {
  const half = 'half \ud83d of it';
  const nul = 'nul \u0000 in it';
  const id = '018f0000-0000-7000-8000-000000000001';
  const bodies: [string, string, (text: string) => unknown][] = [
    ['POST', '/api/auth/register', (text) => ({ email: newEmail(), password: GOOD, name: text })],
    ['POST', '/api/auth/register', (text) => ({ email: `${text}@example.test`, password: GOOD })],
    ['POST', '/api/auth/login', (text) => ({ email: newEmail(), password: text })],
    ['POST', '/api/auth/invitations/lookup', (text) => ({ token: text })],
    ['POST', '/api/api-keys', (text) => ({ name: text })],
    ['POST', '/api/invitations', (text) => ({ email: `${text}@example.test`, role: 'user' })],
    ['POST', '/api/levels', (text) => ({ name: text, slug: 'x' })],
    ['PATCH', '/api/tenant', (text) => ({ branding: { name: text } })],
    ['PATCH', '/api/tenant', (text) => ({ branding: { tagline: text } })],
    ['POST', '/api/admin/providers', (text) => ({ name: text, kind: 'openai', api_key: text })],
    ['POST', '/api/admin/models', (text) => ({ provider_id: id, public_name: text, provider_model: text })],
    ['POST', `/api/users/${id}/wallet/credits`, (text) => ({ amount: 1, reason: text })],
    [
      'POST',
      '/v1/chat/completions',
      (text) => ({ model: text, messages: [{ role: 'user', content: text }] }),
    ],
    [
      'POST',
      '/v1/messages',
      (text) => ({ model: text, max_tokens: 5, messages: [{ role: 'user', content: text }] }),
    ],
    ['POST', '/api/ai/executions', (text) => ({ model: text, prompt: text })],
  ];
  const cases = bodies.flatMap(([method, path, make]) =>
    [half, nul].map((text) => [method, path, make(text)] as const),
  );
  it.each(cases)('%s %s: is refused, or handled', async (method, path, body) => {
    const { token } = await somebody('admin');
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const answer = await ask(path, { method, body, token, headers });
    expect(answer.status, await answer.text()).toBeLessThan(500);
  });

  it.each([
    '/api/users',
    '/api/audit',
    '/api/api-keys',
    '/api/ai/executions',
    '/api/wallet/ledger',
    '/v1/models/%00',
  ])('GET %s: is refused, or handled', async (path) => {
    const { token } = await somebody('admin');
    for (const name of ['search', 'query', 'email', 'cursor', 'model', 'kind', 'status', 'action']) {
      const answer = await ask(`${path}?${name}=%00%ed%a0%80`, { token });
      expect(answer.status, `${name}: ${await answer.text()}`).toBeLessThan(500);
    }
  });
});
