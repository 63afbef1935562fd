import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, registerSomebody, signIn } from '../support/demo.ts';
import { ACME, UNKNOWN } from '../support/governance.ts';
import type { JsonAnswer } from '../support/http.ts';
import { manageTenants, newSlug, PLATFORM, PLATFORM_ID } from '../support/tenants.ts';

const stack = inject('stack');
const { superadmin, send, create, patch, remove } = await manageTenants(stack.port);
let admin: Client;
let user: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  user = await registerSomebody(stack.port, ACME);
});

describe('every route about tenants and the platform', () => {
  const body = { slug: 'not-made', name: 'Not made', admin_email: 'nobody@example.com', reason: 'no reason' };
  const routes: [method: string, path: string, body?: unknown][] = [
    ['GET', '/api/tenants'],
    ['POST', '/api/tenants', { slug: body.slug, name: body.name, admin_email: body.admin_email }],
    ['GET', `/api/tenants/${UNKNOWN}`],
    ['PATCH', `/api/tenants/${UNKNOWN}`, { name: body.name }],
    ['DELETE', `/api/tenants/${UNKNOWN}`],
    ['POST', `/api/tenants/${UNKNOWN}/sessions`, { reason: body.reason }],
    ['GET', `/api/tenants/${UNKNOWN}/export`],
    ['PUT', '/api/tenant-signups', { mode: 'unverified' }],
    ['GET', '/api/platform/overview?from=2026-11-01&to=2026-11-30'],
    ['GET', '/api/platform/usage?from=2026-11-01&to=2026-11-30&group_by=tenant'],
    ['GET', '/api/platform/usage/export?from=2026-11-01&to=2026-11-30&group_by=tenant'],
    ['GET', '/api/platform/health'],
  ];
  const confirmed = { 'x-confirm-slug': 'acme' };

  it.each(routes)('%s %s is for superadmins on the platform’s hostname', async (method, path, sent) => {
    const key = (
      await admin.post('/api/api-keys', { name: crypto.randomUUID(), scopes: ['executions:read'] })
    ).body;
    const platformAdmin = await colleagueOfSuperadmin();
    const status = async (host: string, token?: string) =>
      (await send(host, path, method, sent, token, confirmed)).status;
    expect({
      nobody: await status(PLATFORM),
      user_at_home: await status(ACME, user.token),
      admin_at_home: await status(ACME, admin.token),
      admin_on_platform: await status(PLATFORM, admin.token),
      platform_admin: await status(PLATFORM, platformAdmin),
      superadmin_elsewhere: await status(ACME, superadmin.token),
      key_at_home: await status(ACME, key.secret),
    }).toEqual({
      ...{ nobody: 401, user_at_home: 404, admin_at_home: 404, admin_on_platform: 401 },
      platform_admin: 403,
      // A public path of the same name is refused by its hostname first.
      ...(path === '/api/tenant-signups'
        ? { superadmin_elsewhere: 404, key_at_home: 404 }
        : { superadmin_elsewhere: 401, key_at_home: 403 }),
    });
  });

  it.each(routes.filter(([, path]) => path.includes(UNKNOWN)))(
    '%s %s answers 404 for a tenant that does not exist, and 400 for an id that is none',
    async (method, path, sent) => {
      const at = (where: string) => send(PLATFORM, where, method, sent, superadmin.token, confirmed);
      expect(await at(path)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
      expect((await at(path.replace(UNKNOWN, 'acme'))).status).toBe(400);
    },
  );

  let colleague: Promise<string> | undefined;
  /** Returns the token of an admin of the platform who is no superadmin. */
  function colleagueOfSuperadmin(): Promise<string> {
    colleague ??= (async () => {
      const email = `colleague-${crypto.randomUUID()}@vanilla.test`;
      await asOwner(
        stack.ownerUrl,
        `insert into users (tenant_id, id, email, role, password_hash, level_id)
         select tenant_id, gen_random_uuid(), $1, 'admin', password_hash, level_id from users where email = 'super@vanilla.test'`,
        [email],
      );
      return (await signIn(stack.port, PLATFORM, email)).token;
    })();
    return colleague;
  }
});

describe('bad input', () => {
  const issueOf = ({ status, body }: JsonAnswer) => {
    const { issues, field, rule } = body.error.details;
    return { status, field: issues?.[0].field ?? field, rule: issues?.[0].rule ?? rule };
  };
  const made = { name: 'Bad', admin_email: 'bad@example.com' };

  it.each<[unknown, string]>([
    ...['www', 'api', 'app', 'admin', 'platform', 'deleted-x', 'superadmin'].map(
      (slug): [unknown, string] => [slug, 'reserved'],
    ),
    ...['xn--mnchen-3ya', 'ab--cd'].map((slug): [unknown, string] => [slug, 'punycode']),
    ...['Acme', 'münchen', '-acme', 'acme-', 'a.b', 'a_b', 'a b'].map((slug): [unknown, string] => [
      slug,
      'invalid_format',
    ]),
    ...['', 'a'].map((slug): [unknown, string] => [slug, 'too_small']),
    ['a'.repeat(41), 'too_big'],
    [7, 'invalid_type'],
    [undefined, 'invalid_type'],
  ])('the slug %j is refused as %s, in a new tenant and a change', async (slug, rule) => {
    expect(issueOf(await superadmin.post('/api/tenants', { ...made, slug }))).toEqual({
      status: 400,
      field: 'slug',
      rule,
    });
    if (slug !== undefined)
      expect(issueOf(await patch(UNKNOWN, { slug }))).toEqual({ status: 400, field: 'slug', rule });
  });

  it('a slug that is taken is refused, names the field and makes nothing', async () => {
    const { body: tenant } = await create();
    expect(await create(tenant.slug)).toMatchObject({
      ...{ status: 409, body: { error: { code: 'name_taken', details: { field: 'slug', rule: 'taken' } } } },
    });
    expect((await superadmin.get(`/api/tenants?q=${tenant.slug}`)).body.items).toHaveLength(1);
  });

  it.each<[object, string]>([
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(61) }, 'name'],
    [{ name: 'nul \u0000' }, 'name'],
    [{ admin_email: 'nobody' }, 'admin_email'],
    [{ budget: 5 }, 'budget'],
    [{ budget: { mode: 'prepaid', enforcement: 'hard', balance_micro_usd: -1 } }, 'budget.balance_micro_usd'],
    [{ budget: { mode: 'monthly', enforcement: 'hard' } }, 'budget.limit_micro_usd'],
  ])('a new tenant with %j is refused', async (wrong, field) => {
    const answer = await superadmin.post('/api/tenants', { ...made, slug: newSlug(), ...wrong });
    expect(issueOf(answer)).toMatchObject({ status: 400, field });
  });

  it.each<[object, string, string]>([
    [{}, 'body', 'custom'],
    [{ status: 'suspended' }, 'reason', 'required'],
    [{ reason: 'because' }, 'body', 'custom'],
    [{ name: 'x', reason: 'because' }, 'reason', 'needs_status'],
    [{ status: 'deleted' }, 'status', 'invalid_value'],
    [{ status: 'deleting' }, 'status', 'invalid_value'],
    [{ branding: { primary_color: 'red' } }, 'branding.primary_color', 'invalid_format'],
    [{ branding: { logo_url: 'javascript:alert(1)' } }, 'branding.logo_url', 'invalid_format'],
    [{ branding: { logo_url: '//evil.example/x.svg' } }, 'branding.logo_url', 'invalid_format'],
    [{ branding: { logo_url: 'http://plain.example/x.png' } }, 'branding.logo_url', 'invalid_format'],
    [{ tenant_signups: 'unverified' }, 'tenant_signups', 'unrecognized_keys'],
  ])('the change %j is refused', async (change, field, rule) => {
    expect(issueOf(await patch(UNKNOWN, change))).toEqual({ status: 400, field, rule });
  });

  it('the platform’s own tenant is neither suspended nor deleted, renamed or entered', async () => {
    const refused = { status: 403, field: 'id', rule: 'platform_tenant' };
    expect(issueOf(await patch(PLATFORM_ID, { status: 'suspended', reason: 'myself' }))).toEqual(refused);
    expect(issueOf(await patch(PLATFORM_ID, { slug: 'mine' }))).toEqual(refused);
    expect(issueOf(await remove(PLATFORM_ID, 'platform'))).toEqual(refused);
    expect(
      issueOf(await superadmin.post(`/api/tenants/${PLATFORM_ID}/sessions`, { reason: 'myself' })),
    ).toEqual(refused);
    expect((await superadmin.get('/api/auth/me')).status).toBe(200);
  });

  it('a deletion needs the slug as confirmation, and a grace period of 8 to 90 days', async () => {
    const { body: tenant } = await create();
    expect(issueOf(await superadmin.delete(`/api/tenants/${tenant.id}`))).toMatchObject({
      status: 400,
      field: 'x-confirm-slug',
    });
    expect(issueOf(await remove(tenant.id, 'acme'))).toEqual({
      status: 400,
      field: 'x-confirm-slug',
      rule: 'must_be_the_slug',
    });
    for (const days of ['7', '91', '1.5', 'x'])
      expect(issueOf(await remove(tenant.id, tenant.slug, `?grace_days=${days}`))).toMatchObject({
        status: 400,
        field: 'grace_days',
      });
    expect((await superadmin.get(`/api/tenants/${tenant.id}`)).body.status).toBe('active');
  });

  it.each(['', 'x', 'x'.repeat(501)])(
    'a session inside a tenant for the reason %j is refused',
    async (reason) => {
      expect(issueOf(await superadmin.post(`/api/tenants/${UNKNOWN}/sessions`, { reason }))).toMatchObject({
        status: 400,
        field: 'reason',
      });
    },
  );
});
