import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { IssuerMode, Person } from '../../dev/simulators/issuer/tokens.ts';
import { DEMO_PASSWORD, eventually } from '../support/demo.ts';
import { GLOBEX } from '../support/governance.ts';
import { request } from '../support/http.ts';
import { identityProviderOf } from '../support/identity-provider.ts';
import { openMailbox } from '../support/mailbox.ts';
import { manageTenants } from '../support/tenants.ts';

const stack = inject('stack');
const mailbox = openMailbox(stack.simulatorOrigin);
const idp = identityProviderOf(stack);
const { open: openTenant, send } = await manageTenants(stack.port);

const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });
const somebody = (more: Partial<Person> = {}): Person => {
  const sub = crypto.randomUUID();
  return { sub, email: `${sub}@example.test`, email_verified: true, name: 'Ada Lovelace', ...more };
};

type Tenant = Awaited<ReturnType<typeof openTenant>>;
let tenant: Tenant;
let provider: string;

/** Adds a provider to a tenant. Returns its id. */
async function add({ host, token }: Tenant, mode: IssuerMode = 'none', more: Record<string, unknown> = {}) {
  const added = await send(host, '/api/tenant/sign-in-providers', 'POST', idp.requestFor(mode, more), token);
  expect(added, JSON.stringify(added.body)).toMatchObject({ status: 201 });
  return added.body.id as string;
}
const change = (id: string, patch: unknown) =>
  send(tenant.host, `/api/tenant/sign-in-providers/${id}`, 'PATCH', patch, tenant.token);
const register = (email: string) =>
  send(tenant.host, '/api/auth/register', 'POST', { email, password: DEMO_PASSWORD });
const me = (token: string) => send(tenant.host, '/api/auth/me', 'GET', undefined, token);
const ways = (token: string) => send(tenant.host, '/api/auth/identities', 'GET', undefined, token);
const settings = (patch: unknown) => send(tenant.host, '/api/tenant', 'PATCH', patch, tenant.token);
const auditOf = async (action: string) =>
  (await send(tenant.host, `/api/audit-log?action=${action}`, 'GET', undefined, tenant.token)).body.items;

beforeAll(async () => {
  tenant = await openTenant();
  provider = await add(tenant);
  await settings({ registration: 'open', allocation_after: 'registration' });
});

describe('a sign-in at an identity provider', () => {
  it('makes an account with a verified address and its allocation, and knows it the next time', async () => {
    const person = somebody();
    const first = await idp.signInAs(tenant.host, provider, person);
    expect(first).toMatchObject({
      status: 200,
      body: {
        token: expect.any(String),
        user: {
          email: person.email,
          name: 'Ada Lovelace',
          email_verified: true,
          allocation_awaits: null,
          role: 'user',
        },
      },
    });
    const { user, token } = first.body;
    expect((await send(tenant.host, '/api/wallet', 'GET', undefined, token)).body.available).toBe(10_000);
    const again = await idp.signInAs(tenant.host, provider, { ...person, email: 'another@example.test' });
    expect(again.body.user.id).toBe(user.id);
    expect(again.body.user.email).toBe(person.email);
    expect((await ways(token)).body).toMatchObject({
      has_password: false,
      identities: [
        { provider: { id: provider, name: 'Example ID none', enabled: true }, email: 'another@example.test' },
      ],
    });
    const [entry] = (await auditOf('user.logged_in')).filter(
      ({ actor }: { actor: { id: string } }) => actor.id === user.id,
    );
    expect(entry).toMatchObject({
      details: { provider: 'Example ID none' },
      client: { address: expect.any(String) },
    });
    expect(
      (await auditOf('user.registered')).map(({ target_id }: { target_id: string }) => target_id),
    ).toContain(user.id);
  });

  it('leads to the issuer with a challenge, state and nonce, and keeps the rest in a cookie that scripts cannot read', async () => {
    const { status, location, headers } = await idp.begin(tenant.host, provider, '?return_to=/wallet');
    expect(status).toBe(302);
    expect(headers['cache-control']).toBe('private, no-store');
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      client_id: 'a-client',
      redirect_uri: `http://${tenant.host}:${stack.port}/api/auth/sign-in/callback`,
      response_type: 'code',
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      state: expect.stringMatching(/.{40}/),
      nonce: expect.stringMatching(/.{40}/),
    });
    expect(headers['set-cookie']?.[0]).toMatch(
      /^sign-in-attempt=.*; Max-Age=600; Path=\/api\/auth\/sign-in\/callback; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('returns to the page that was asked for, with no session in any address', async () => {
    const { location, cookie } = await idp.begin(tenant.host, provider, '?return_to=/wallet%3Fa=b');
    const landed = await idp.land(tenant.host, await idp.choose(location, somebody()), cookie);
    expect(landed.page.pathname).toBe('/sign-in');
    expect(landed.page.searchParams.get('return_to')).toBe('/wallet?a=b');
    expect(landed.ticket).toMatch(/^vsg_[0-9A-Za-z_-]{43}$/);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'wallet', '/a%0d%0ab'])(
    'does not return to %s',
    async (address) => {
      const path = `/api/auth/sign-in/${provider}?return_to=${address.includes('%') ? address : encodeURIComponent(address)}`;
      const answer = await request(stack.port, tenant.host, path);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text).error.details.issues[0].field).toBe('return_to');
    },
  );

  it('ends with a ticket that works once, in the browser that signed in, at its hostname', async () => {
    const { ticket, cookie } = await idp.arrive(tenant.host, provider, somebody());
    expect(await idp.complete(tenant.host, ticket, '')).toMatchObject(refusal(401, 'ticket_invalid'));
    expect(await idp.complete(GLOBEX, ticket, cookie)).toMatchObject(refusal(401, 'ticket_invalid'));
    const answers = await Promise.all([1, 2, 3].map(() => idp.complete(tenant.host, ticket, cookie)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect(await idp.complete(tenant.host, ticket, cookie)).toMatchObject(refusal(401, 'ticket_invalid'));
  });

  it('is finished by the browser that began it alone, and not twice', async () => {
    const mine = await idp.begin(tenant.host, provider);
    const theirs = await idp.begin(tenant.host, provider);
    const back = await idp.choose(mine.location, somebody());
    expect((await idp.land(tenant.host, back, theirs.cookie)).failure).toBe('expired');
    expect((await idp.land(tenant.host, back, '')).failure).toBe('expired');
    expect((await idp.land(GLOBEX, back, mine.cookie)).failure).toBe('expired');
    const landed = await idp.land(tenant.host, back, mine.cookie);
    expect(landed.failure).toBeNull();
    expect((await idp.land(tenant.host, back, mine.cookie)).failure).toBe('provider_failed');
  });

  it('that was cancelled at the provider leads back with the reason', async () => {
    const { location, cookie } = await idp.begin(tenant.host, provider);
    const back = new URL(location.searchParams.get('redirect_uri') ?? '');
    back.search = `?error=access_denied&state=${location.searchParams.get('state')}`;
    const { page, failure } = await idp.land(tenant.host, back, cookie);
    expect([page.pathname, failure]).toEqual(['/login', 'cancelled']);
  });

  it('is not possible with an unknown or disabled provider, nor with one of another tenant', async () => {
    const other = await add(tenant, 'none', { name: 'Disabled', enabled: false });
    for (const [host, id] of [
      [tenant.host, other],
      [tenant.host, crypto.randomUUID()],
      [GLOBEX, provider],
    ] as const)
      expect((await idp.begin(host, id)).location.searchParams.get('sign_in_failure')).toBe('not_available');
  });
});

describe('an issuer that misbehaves', () => {
  it.each([
    ['wrong_nonce', 'provider_failed'],
    ['wrong_audience', 'provider_failed'],
    ['wrong_party', 'provider_failed'],
    ['wrong_issuer', 'provider_failed'],
    ['expired', 'provider_failed'],
    ['unsigned', 'provider_failed'],
    ['hmac', 'provider_failed'],
    ['unknown_key', 'provider_failed'],
    ['no_token', 'provider_failed'],
    ['failing', 'provider_failed'],
    ['slow', 'provider_unreachable'],
  ] as const)('%s signs nobody in: %s', async (mode, failure) => {
    const id = await add(tenant, mode);
    const landed = await idp.arrive(tenant.host, id, somebody());
    expect(landed).toMatchObject({ failure, ticket: '' });
    expect(landed.page.pathname).toBe('/login');
  });

  it('gets no code without the secret', async () => {
    const id = await add(tenant, 'none', { name: 'Wrong secret', client_secret: 'another' });
    expect((await idp.arrive(tenant.host, id, somebody())).failure).toBe('provider_failed');
  });

  it.each([
    ['other_discovery', 'other_issuer', 'names another issuer'],
    ['private_endpoint', 'endpoint_not_allowed', 'not a public https address'],
    ['no_keys', 'missing_endpoint', 'lacks the addresses'],
    ['failing_discovery', 'status', 'no discovery document'],
    ['huge_discovery', 'too_large', 'too large'],
  ] as const)('%s cannot be added: %s', async (mode, rule, words) => {
    const path = '/api/tenant/sign-in-providers';
    const added = await send(tenant.host, path, 'POST', idp.requestFor(mode), tenant.token);
    expect(added).toMatchObject(refusal(422, 'provider_test_failed'));
    expect(added.body.error).toMatchObject({
      message: expect.stringContaining(words),
      details: { field: 'issuer', rule },
    });
    const tested = await send(
      tenant.host,
      `${path}/test`,
      'POST',
      { issuer: idp.issuerOf(mode) },
      tenant.token,
    );
    expect(tested).toMatchObject({ status: 200, body: { ok: false, rule } });
  });

  it.each([
    ['http://issuer.example', 'must begin with https://'],
    ['https://10.0.0.1', 'must name a host, not an address'],
    ['https://login.internal', 'must be a public host name'],
    ['https://acme.localhost', 'must be a public host name'],
  ])('%s is not called', async (issuer, words) => {
    const path = '/api/tenant/sign-in-providers/test';
    const tested = await send(tenant.host, path, 'POST', { issuer }, tenant.token);
    expect(tested).toMatchObject({
      status: 200,
      body: { ok: false, rule: 'not_allowed', message: expect.stringContaining(words) },
    });
  });
});

describe('whose account it is', () => {
  it('an address that is not verified signs nobody in, unless the issuer says nothing and is trusted', async () => {
    const arrive = async (person: Person) => (await idp.arrive(tenant.host, provider, person)).failure;
    const { email_verified: _, ...silent } = somebody();
    expect(await arrive(somebody({ email_verified: false }))).toBe('email_unproved');
    expect(await arrive(silent)).toBe('email_unproved');
    expect(await arrive({ sub: crypto.randomUUID() })).toBe('email_unproved');
    await change(provider, { trusts_addresses: true });
    expect(await arrive(silent)).toBeNull();
    expect(await arrive(somebody({ email_verified: false }))).toBe('email_unproved');
    await change(provider, { trusts_addresses: false });
  });

  it('an account with a verified address is linked: its password stays, and its address is told', async () => {
    const person = somebody();
    const { body } = await register(person.email ?? '');
    const link = await mailbox.linkTo(person.email ?? '', /^Verify/);
    await send(tenant.host, '/api/auth/verify-email', 'POST', { token: link.hash.slice(1) });
    const signedIn = await idp.signInAs(tenant.host, provider, person);
    expect(signedIn.body.user.id).toBe(body.user.id);
    expect((await me(body.token)).status).toBe(200);
    expect((await ways(body.token)).body).toMatchObject({
      has_password: true,
      identities: [{ email: person.email }],
    });
    await mailbox.waitFor(person.email ?? '', /^You can sign in to .* with Example ID none$/);
    expect(await auditOf('user.identity_linked')).toContainEqual(
      expect.objectContaining({
        target_id: body.user.id,
        details: expect.objectContaining({ password_ended: false }),
      }),
    );
    // Another account of that provider does not become the same user.
    const impostor = { ...person, sub: crypto.randomUUID() };
    expect((await idp.arrive(tenant.host, provider, impostor)).failure).toBe('identity_conflict');
  });

  it('an account that somebody registered without the address is taken from them: password, sessions and keys end', async () => {
    const person = somebody();
    const { body: squatter } = await register(person.email ?? '');
    const key = await send(
      tenant.host,
      '/api/api-keys',
      'POST',
      { name: 'Left behind', scopes: ['executions:write', 'wallet:read'] },
      squatter.token,
    );
    expect(key.status).toBe(201);
    const owner = await idp.signInAs(tenant.host, provider, person);
    expect(owner.body.user).toMatchObject({
      id: squatter.user.id,
      email_verified: true,
      allocation_awaits: null,
    });
    expect(await me(squatter.token)).toMatchObject(refusal(401, 'session_revoked'));
    const login = { email: person.email, password: DEMO_PASSWORD };
    expect(await send(tenant.host, '/api/auth/login', 'POST', login)).toMatchObject(
      refusal(401, 'invalid_credentials'),
    );
    expect(await send(tenant.host, '/api/wallet', 'GET', undefined, key.body.secret)).toMatchObject(
      refusal(401, 'api_key_revoked'),
    );
    expect((await me(owner.body.token)).status).toBe(200);
    expect((await send(tenant.host, '/api/wallet', 'GET', undefined, owner.body.token)).body.available).toBe(
      10_000,
    );
    expect(await auditOf('user.identity_linked')).toContainEqual(
      expect.objectContaining({
        target_id: squatter.user.id,
        details: expect.objectContaining({ password_ended: true }),
      }),
    );
  });

  it('newcomers from one address are as few as those who register; who has an account still signs in', async () => {
    const address = '203.0.113.77';
    const arrive = (person: Person) => idp.arrive(tenant.host, provider, person, address);
    const first = somebody();
    expect((await arrive(first)).failure).toBeNull();
    for (let count = 1; count < 10; count += 1) expect((await arrive(somebody())).failure).toBeNull();
    expect((await arrive(somebody())).failure).toBe('too_many_attempts');
    expect((await arrive(first)).failure).toBeNull();
  });

  it('a disabled user is refused, also with a ticket from before', async () => {
    const person = somebody();
    const first = await idp.signInAs(tenant.host, provider, person);
    const { ticket, cookie } = await idp.arrive(tenant.host, provider, person);
    await send(
      tenant.host,
      `/api/users/${first.body.user.id}`,
      'PATCH',
      { status: 'disabled' },
      tenant.token,
    );
    expect(await idp.complete(tenant.host, ticket, cookie)).toMatchObject(refusal(401, 'ticket_invalid'));
    expect((await idp.arrive(tenant.host, provider, person)).failure).toBe('user_disabled');
  });

  it('newcomers follow the rules of registration, unless the provider makes accounts', async () => {
    const known = somebody();
    await idp.signInAs(tenant.host, provider, known);
    const arrive = async (person: Person) => (await idp.arrive(tenant.host, provider, person)).failure;
    // The tenant is served from a cache for up to a minute, and the change drops it.
    await settings({ registration: 'closed' });
    expect(await arrive(somebody())).toBe('registration_closed');
    expect(await arrive(known)).toBeNull();
    await settings({ registration: 'invitation' });
    expect(await arrive(somebody())).toBe('invitation_required');
    await change(provider, { creates_accounts: true });
    expect(await arrive(somebody())).toBeNull();
    expect(await arrive(somebody({ email: `${crypto.randomUUID()}@mailinator.com` }))).toBe(
      'email_domain_refused',
    );
    await change(provider, { creates_accounts: false });
    await settings({ registration: 'open', allocation_after: 'registration' });
  });

  it('a provider for some domains takes nobody from others', async () => {
    const id = await add(tenant, 'none', { name: 'Work', email_domains: ['work.example'] });
    const work = somebody({ email: `${crypto.randomUUID()}@work.example` });
    expect((await idp.arrive(tenant.host, id, somebody())).failure).toBe('email_domain_refused');
    expect((await idp.arrive(tenant.host, id, work)).failure).toBeNull();
    expect((await idp.arrive(tenant.host, id, { ...work, email: 'gone@example.test' })).failure).toBe(
      'email_domain_refused',
    );
  });

  it('an identity is unlinked by its user, but not the only way to sign in; a password comes by the reset mail', async () => {
    const person = somebody();
    const { body } = await idp.signInAs(tenant.host, provider, person);
    const unlink = (id: string) =>
      request(stack.port, tenant.host, `/api/auth/identities/${id}`, {
        ...{ method: 'DELETE', headers: { authorization: `Bearer ${body.token}` } },
      });
    const refused = await unlink(provider);
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([409, 'last_way_to_sign_in']);
    expect((await unlink(crypto.randomUUID())).status).toBe(404);
    await request(stack.port, tenant.host, '/api/auth/password-reset', {
      ...{ method: 'POST', body: JSON.stringify({ email: person.email }) },
      headers: { 'content-type': 'application/json' },
    });
    const link = await mailbox.linkTo(person.email ?? '', /^Reset/);
    const password = 'a passphrase of its own';
    await request(stack.port, tenant.host, '/api/auth/password-reset/confirm', {
      ...{ method: 'POST', body: JSON.stringify({ token: link.hash.slice(1), password }) },
      headers: { 'content-type': 'application/json' },
    });
    const login = await send(tenant.host, '/api/auth/login', 'POST', { email: person.email, password });
    expect(login.status).toBe(200);
    body.token = login.body.token;
    expect((await unlink(provider)).status).toBe(204);
    expect((await ways(body.token)).body).toEqual({ has_password: true, identities: [] });
    expect(await auditOf('user.identity_unlinked')).toHaveLength(1);
  });
});

describe('identity providers of a tenant', () => {
  it('are offered on the sign-in page while they are enabled', async () => {
    const id = await add(tenant, 'none', { name: 'Offered' });
    const offered = async () =>
      (await send(tenant.host, '/api/tenant')).body.sign_in_providers.map((one: { id: string }) => one.id);
    await eventually(offered, (ids) => ids.includes(id));
    await change(id, { enabled: false });
    await eventually(offered, (ids) => !ids.includes(id));
  });

  it('are managed by admins alone; the secret is never shown, and each change is in the audit log', async () => {
    const { body: user } = await idp.signInAs(tenant.host, provider, somebody());
    const path = '/api/tenant/sign-in-providers';
    expect(await send(tenant.host, path, 'GET', undefined, user.token)).toMatchObject(
      refusal(403, 'forbidden'),
    );
    expect(await send(tenant.host, path, 'POST', idp.requestFor(), user.token)).toMatchObject(
      refusal(403, 'forbidden'),
    );
    const id = await add(tenant, 'none', { name: 'Audited' });
    const changed = await change(id, { client_secret: 'a-new-secret', name: 'Renamed' });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        name: 'Renamed',
        redirect_uri: `http://${tenant.host}:${stack.port}/api/auth/sign-in/callback`,
        identity_count: 0,
      },
    });
    expect(await change(id, { name: 'Example ID none' })).toMatchObject(refusal(409, 'name_taken'));
    expect(await change(id, {})).toMatchObject(refusal(400, 'invalid_request'));
    const remove = (one: string) =>
      request(stack.port, tenant.host, `${path}/${one}`, {
        ...{ method: 'DELETE', headers: { authorization: `Bearer ${tenant.token}` } },
      });
    expect((await remove(provider)).status).toBe(409);
    expect((await remove(id)).status).toBe(204);
    expect((await remove(id)).status).toBe(404);
    const entries = (await auditOf('sign_in_provider')).filter(
      ({ target_id }: { target_id: string }) => target_id === id,
    );
    expect(entries.map(({ action }: { action: string }) => action)).toEqual([
      'sign_in_provider.deleted',
      'sign_in_provider.changed',
      'sign_in_provider.created',
    ]);
    const shown = JSON.stringify([
      entries,
      (await send(tenant.host, path, 'GET', undefined, tenant.token)).body,
    ]);
    expect(shown).not.toMatch(/simulated-secret|a-new-secret|v1\.1\./);
  });

  it('name the field and the rule of bad input', async () => {
    const path = '/api/tenant/sign-in-providers';
    const cases: [string, Record<string, unknown>][] = [
      ['issuer', { issuer: undefined }],
      ['issuer', { kind: 'google' }],
      ['issuer', { issuer: 'nothing' }],
      ['client_id', { client_id: 'with spaces' }],
      ['client_secret', { client_secret: '' }],
      ['email_domains', { email_domains: [] }],
      ['name', { name: ' ' }],
    ];
    for (const [field, wrong] of cases) {
      const answer = await send(tenant.host, path, 'POST', idp.requestFor('none', wrong), tenant.token);
      expect(answer, field).toMatchObject(refusal(400, 'invalid_request'));
      expect(answer.body.error.details.issues[0].field).toBe(field);
    }
  });
});
