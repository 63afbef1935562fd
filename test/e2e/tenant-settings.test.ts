import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, DEMO_PASSWORD, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { request, requestJson } from '../support/http.ts';
import { surfaces } from '../support/surfaces.ts';

const stack = inject('stack');
const GLOBEX = 'globex.localhost';
const ACME = 'acme.localhost';
const MODEL = 'gpt-5.4-mini';

const defaults = {
  registration: 'open',
  registration_email_domains: [],
  allowed_origins: [],
  default_output_limit: null,
  fits_to_balance: true,
  support_email: null,
  ...{ currency_name: 'credits', currency_name_singular: 'credit', wallet_tokens_per_usd: 1_000_000 },
};

let admin: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
});
const set = (patch: unknown) => admin.patch('/api/tenant', patch);
async function mustSet(patch: unknown) {
  const answer = await set(patch);
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200, body: patch });
}
afterEach(() => mustSet(defaults));

const shown = async () => (await requestJson(stack.port, GLOBEX, '/api/tenant')).body;

it('an admin sets the support email, and everybody who opens the hostname sees it', async () => {
  expect((await shown()).support_email).toBeNull();
  await mustSet({ support_email: 'help@globex.test' });
  expect((await shown()).support_email).toBe('help@globex.test');
});

describe('registration', () => {
  const register = (domain: string) =>
    requestJson(stack.port, GLOBEX, '/api/auth/register', {
      method: 'POST',
      body: { email: `somebody-${crypto.randomUUID()}@${domain}`, password: DEMO_PASSWORD },
    });

  it.each([
    ['closed', 'registration_closed'],
    ['invitation', 'invitation_required'],
  ])('that is %s refuses with %s, and the page knows', async (registration, code) => {
    await mustSet({ registration });
    expect(await register('globex.test')).toMatchObject({ status: 403, body: { error: { code } } });
    expect(await shown()).toMatchObject({ registration, registration_open: false });
  });

  it('by email domain takes addresses of these domains, and refuses others at their field', async () => {
    await mustSet({ registration: 'email_domains', registration_email_domains: ['globex.test'] });
    expect((await register('globex.test')).status).toBe(201);
    expect((await register('GLOBEX.test')).status).toBe(201);
    expect(await register('sub.globex.test')).toMatchObject({
      status: 403,
      body: { error: { code: 'email_domain_refused', details: { field: 'email' } } },
    });
    const tenant = await shown();
    expect(tenant).toMatchObject({ registration: 'email_domains', registration_open: true });
    expect(JSON.stringify(tenant)).not.toContain('globex.test');
  });
});

describe('browser origins', () => {
  const ORIGIN = 'https://shop.globex.example';
  const ask = (host: string, path: string, method: string, headers: Record<string, string> = {}) =>
    request(stack.port, host, path, { method, headers: { origin: ORIGIN, ...headers } });
  const preflight = (host: string, path: string) =>
    ask(host, path, 'OPTIONS', {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });

  it('of a tenant call its /v1 from a browser, and no other tenant’s, nor /api', async () => {
    await mustSet({ allowed_origins: [ORIGIN] });
    for (const { path } of surfaces.filter((surface) => surface.path.startsWith('/v1/'))) {
      const allowed = await preflight(GLOBEX, path);
      expect(allowed.status).toBe(204);
      expect(allowed.headers).toMatchObject({
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-headers': expect.stringContaining('authorization'),
        vary: expect.stringContaining('Origin'),
      });
      expect((await preflight(ACME, path)).headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect((await preflight(GLOBEX, '/api/wallet')).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
    const read = (host: string) => ask(host, '/v1/models', 'GET', { authorization: `Bearer ${admin.token}` });
    expect(await read(GLOBEX)).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': ORIGIN, vary: expect.stringContaining('Origin') },
    });
    expect((await read(ACME)).headers).not.toHaveProperty('access-control-allow-origin');
    const refused = await ask(GLOBEX, '/v1/models', 'GET');
    expect(refused).toMatchObject({ status: 401, headers: { 'access-control-allow-origin': ORIGIN } });
    // Refused before the tenant is looked up.
    const large = await request(stack.port, GLOBEX, '/v1/messages', {
      ...{ method: 'POST', headers: { origin: ORIGIN, 'content-type': 'application/json' } },
      body: JSON.stringify({ text: 'x'.repeat(9_000_000) }),
    });
    expect(large).toMatchObject({ status: 413, headers: { 'access-control-allow-origin': ORIGIN } });
  });

  it('that were removed are refused at once', async () => {
    await mustSet({ allowed_origins: [ORIGIN] });
    await mustSet({ allowed_origins: [] });
    expect((await preflight(GLOBEX, '/v1/messages')).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });
});

describe('output limits', () => {
  const ask = (by: Client, body: object, headers: Record<string, string> = {}) =>
    by.post('/api/ai/executions', { model: MODEL, prompt: 'Count to a thousand', ...body }, headers);

  it('that the tenant sets hold for requests that name none', async () => {
    await mustSet({ default_output_limit: 20 });
    const user = await registerSomebody(stack.port, GLOBEX);
    const limited = await ask(user, {});
    expect(limited.body).toMatchObject({ finish_reason: 'length', fitted_max_output_tokens: null });
    expect(limited.body.usage.output_tokens).toBeLessThanOrEqual(20);
    const chat = await user.post('/v1/chat/completions', {
      ...{ model: MODEL, messages: [{ role: 'user', content: 'Count to a thousand' }] },
    });
    expect(chat.body.usage.completion_tokens).toBeLessThanOrEqual(20);
    expect((await ask(user, { max_output_tokens: 30 })).body.usage.output_tokens).toBeGreaterThan(20);
  });

  it('are lowered to the balance unless the tenant or the request says otherwise', async () => {
    const user = await registerSomebody(stack.port, GLOBEX);
    const dear = { max_output_tokens: 4_000 };
    await setBalance(admin, user, 2_000);
    await mustSet({ fits_to_balance: false });
    expect(await ask(user, dear)).toMatchObject({
      status: 402,
      body: { error: { code: 'insufficient_balance' } },
    });
    for (const [body, headers] of [
      [{ fit_to_balance: true }, {}],
      [{}, { 'x-fit-to-balance': 'true' }],
    ] as const) {
      await setBalance(admin, user, 2_000);
      const fitted = await ask(user, { ...dear, ...body }, headers);
      expect(fitted.status, JSON.stringify(fitted.body)).toBe(201);
      expect(fitted.body.fitted_max_output_tokens).toBeGreaterThan(0);
    }
    await mustSet({ fits_to_balance: true });
    await setBalance(admin, user, 2_000);
    expect((await ask(user, dear)).status).toBe(201);
    expect((await ask(user, dear, { 'x-fit-to-balance': 'false' })).status).toBe(402);
  });
});

describe('a change of settings', () => {
  it.each([
    ['nothing', {}, 'body'],
    ['nothing of the brand', { branding: {} }, 'body'],
    ['an address that is none', { support_email: 'help' }, 'support_email'],
    ['a currency that models count', { currency_name: 'Tokens' }, 'currency_name'],
    ['a wallet token that is worth nothing', { wallet_tokens_per_usd: 0 }, 'wallet_tokens_per_usd'],
    ['a field that there is not', { registration_open: false }, 'registration_open'],
    ['a way to register that there is not', { registration: 'sometimes' }, 'registration'],
    ['no domain to register with', { registration: 'email_domains' }, 'registration_email_domains'],
    ['a domain with a wildcard', { registration_email_domains: ['*.test'] }, 'registration_email_domains.0'],
    ['a domain twice', { registration_email_domains: ['a.test', 'A.test'] }, 'registration_email_domains'],
    [
      '101 domains',
      { registration_email_domains: Array.from({ length: 101 }, (_, n) => `d${n}.test`) },
      'registration_email_domains',
    ],
    [
      'an origin with a path',
      { allowed_origins: ['https://a.test', 'https://b.test/x'] },
      'allowed_origins.1',
    ],
    ['an origin without a scheme', { allowed_origins: ['a.test'] }, 'allowed_origins.0'],
    ['an origin that is not encrypted', { allowed_origins: ['http://a.test'] }, 'allowed_origins.0'],
    ['an origin with a wildcard', { allowed_origins: ['https://*.a.test'] }, 'allowed_origins.0'],
    [
      '51 origins',
      { allowed_origins: Array.from({ length: 51 }, (_, n) => `https://d${n}.test`) },
      'allowed_origins',
    ],
    ['a limit of nothing', { default_output_limit: 0 }, 'default_output_limit'],
    ['half a token', { default_output_limit: 0.5 }, 'default_output_limit'],
    ['a limit as text', { default_output_limit: '100' }, 'default_output_limit'],
    ['a limit past all models', { default_output_limit: 1_000_001 }, 'default_output_limit'],
    ['no days', { content_retention_days: 0 }, 'content_retention_days'],
    ['more than a year', { content_retention_days: 366 }, 'content_retention_days'],
    ['days without an end', { content_retention_days: null }, 'content_retention_days'],
    ['a name of spaces', { branding: { name: '   ' } }, 'branding.name'],
    ['a name that is long', { branding: { name: 'x'.repeat(61) } }, 'branding.name'],
    ['a name that cannot be stored', { branding: { name: 'a\u0000b' } }, 'branding.name'],
    ['a colour by name', { branding: { primary_color: 'red' } }, 'branding.primary_color'],
    ['a colour of three digits', { branding: { primary_color: '#f00' } }, 'branding.primary_color'],
    ['a colour with more', { branding: { primary_color: '#ff0000;}' } }, 'branding.primary_color'],
    ['a logo by URL', { branding: { logo_url: 'https://evil.test/x.svg' } }, 'branding.logo_url'],
  ])('to %s is refused at its field and changes nothing', async (_, patch, field) => {
    const before = (await admin.get('/api/tenant/settings')).body;
    const answer = await set(patch);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(answer.body.error.details.issues[0]).toMatchObject({
      field,
      rule: expect.stringMatching(/./),
      message: expect.stringMatching(/./),
    });
    expect((await admin.get('/api/tenant/settings')).body).toEqual(before);
  });

  it('is for admins alone', async () => {
    const user = await registerSomebody(stack.port, GLOBEX);
    const answer = await user.patch('/api/tenant', { shows_provider_cost: true });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    expect((await user.get('/api/tenant/settings')).body.shows_provider_cost).toBe(false);
  });
});
