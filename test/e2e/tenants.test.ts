import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, eventually, signIn } from '../support/demo.ts';
import { ACME, UNKNOWN } from '../support/governance.ts';
import { request, requestJson } from '../support/http.ts';
import { manageTenants, newSlug, PLATFORM } from '../support/tenants.ts';

const stack = inject('stack');
const { superadmin, send, create, accept, patch, remove, open } = await manageTenants(stack.port);
let admin: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
});

const prompt = { model: 'gpt-5.4-mini', prompt: 'Hello', max_output_tokens: 50 };

describe('the life of a tenant', () => {
  it('begins with a link that makes its first admin, once; the list and the detail show it', async () => {
    const { id, slug, host, token, link } = await open();
    expect((await send(host, '/api/auth/me', 'GET', undefined, token)).body).toMatchObject({
      role: 'admin',
      acting: null,
    });
    expect(link).toBe(`http://${host}:${stack.port}/invitation${new URL(link).hash}`);
    // The budget is read from the projection of its ledger.
    const body = await eventually(
      async () => (await superadmin.get(`/api/tenants/${id}`)).body,
      ({ budget }) => budget.balance_micro_usd > 0,
    );
    expect(body).toMatchObject({
      ...{ id, slug, status: 'active', hostnames: [host], users: 1, is_platform: false },
      admins: [{ email: `first@${slug}.example`, status: 'active' }],
      budget: { mode: 'prepaid', enforcement: 'hard', balance_micro_usd: 1_000_000 },
    });
    const { items } = (await superadmin.get(`/api/tenants?q=${slug}`)).body;
    expect(items).toEqual([
      { ...Object.fromEntries(Object.keys(items[0]).map((name) => [name, body[name]])) },
    ]);
    expect((await send(host, '/api/ai/executions', 'POST', prompt, token)).status).toBe(201);
  });

  it('is suspended for executions, sessions and pages within a second, also where every cache is warm, and resumed', async () => {
    const { id, host, token } = await open();
    const key = (
      await send(host, '/api/api-keys', 'POST', { name: 'program', scopes: ['executions:write'] }, token)
    ).body;
    const calls = () =>
      Promise.all([
        send(host, '/api/ai/executions', 'POST', prompt, token),
        send(host, '/api/ai/executions', 'POST', prompt, key.secret),
        send(host, '/api/auth/me', 'GET', undefined, token),
      ]);
    expect((await calls()).map(({ status }) => status)).toEqual([201, 201, 200]);
    expect(await patch(id, { status: 'suspended', reason: 'unpaid' })).toMatchObject({
      ...{ status: 200, body: { status: 'suspended', status_reason: 'unpaid' } },
    });
    const suspendedAtMs = Date.now();
    for (const { status, body } of await calls())
      expect({ status, code: body.error.code }).toEqual({ status: 403, code: 'tenant_suspended' });
    expect(Date.now() - suspendedAtMs).toBeLessThan(1_000);
    expect((await request(stack.port, host, '/')).status).toBe(403);
    expect((await patch(id, { status: 'active' })).status).toBe(200);
    expect((await calls()).map(({ status }) => status)).toEqual([201, 201, 200]);
  });

  it('ends with a grace period, in which it refuses everybody, keeps its slug and can be restored', async () => {
    const { id, slug, host, token } = await open();
    const { body: deleting } = await remove(id, slug, '?grace_days=9');
    expect(deleting).toMatchObject({ status: 'deleting', hostnames: [host] });
    const days = (Date.parse(deleting.deletion_due_at) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(9);
    expect((await send(host, '/api/auth/me', 'GET', undefined, token)).body.error.code).toBe(
      'tenant_suspended',
    );
    expect((await create(slug)).status).toBe(409);
    expect((await patch(id, { status: 'active', reason: 'a mistake' })).body).toMatchObject({
      status: 'active',
      deletion_due_at: null,
    });
    expect((await send(host, '/api/auth/me', 'GET', undefined, token)).status).toBe(200);
  });

  it('moves to another slug at once; the former hostname is unknown', async () => {
    const { id, host, token } = await open();
    const slug = newSlug();
    expect((await patch(id, { slug })).body.hostnames).toEqual([`${slug}.localhost`]);
    expect((await send(host, '/api/tenant')).body.error.code).toBe('unknown_host');
    expect((await send(`${slug}.localhost`, '/api/auth/me', 'GET', undefined, token)).status).toBe(200);
  });

  it('is exported as lines with a header and an end, without secrets', async () => {
    const { text, status, headers } = await request(
      stack.port,
      PLATFORM,
      `/api/tenants/${admin.tenantId}/export`,
      {
        headers: { authorization: `Bearer ${superadmin.token}` },
      },
    );
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const end = lines.at(-1);
    expect(lines[0]).toMatchObject({ type: 'header', format: 'vanilla-tenant/1', tenant: { slug: 'acme' } });
    expect(end).toMatchObject({ type: 'end' });
    const counts = Object.values<number>(end.rows).reduce((sum, count) => sum + count, 0);
    expect(lines).toHaveLength(counts + 2);
    expect(end.rows.user).toBeGreaterThan(1);
    expect(text).not.toMatch(/password|\$2b\$|ciphertext|key_hash/);
  });
});

describe('a superadmin who acts inside a tenant', () => {
  const enter = async (id: string) =>
    (await superadmin.post(`/api/tenants/${id}/sessions`, { reason: 'asked for help' })).body;

  it('administers it for 15 minutes with a token of that tenant only, and is named in its log', async () => {
    const { id, host } = await open();
    const { token, url, session } = await enter(id);
    expect(url).toBe(`http://${host}:${stack.port}/acting#${token}`);
    expect(Date.parse(session.expires_at) - Date.parse(session.started_at)).toBe(900_000);
    expect((await send(host, '/api/auth/me', 'GET', undefined, token)).body).toMatchObject({
      ...{ id: superadmin.userId, role: 'admin', acting: { id: session.id, reason: 'asked for help' } },
    });
    const changed = await send(host, '/api/tenant', 'PATCH', { support_email: 'help@example.com' }, token);
    expect(changed.status).toBe(200);
    const log = await asOwner(
      stack.ownerUrl,
      'select actor_role, acting_session_id, action from audit_log where tenant_id = $1 order by at',
      [id],
    );
    expect(log.slice(-2)).toEqual([
      { actor_role: 'superadmin', acting_session_id: session.id, action: 'tenant.entered' },
      { actor_role: 'superadmin', acting_session_id: session.id, action: 'tenant.settings_changed' },
    ]);
    for (const elsewhere of [ACME, PLATFORM])
      expect((await send(elsewhere, '/api/auth/me', 'GET', undefined, token)).body.error.code).toBe(
        'wrong_tenant',
      );
  });

  it('has no wallet, keys, contents or executions there, and cannot go on to other tenants', async () => {
    const { id, host } = await open();
    const { token } = await enter(id);
    const closed: [string, string, unknown?][] = [
      ['GET', '/api/wallet'],
      ['GET', '/api/ai/models'],
      ['GET', '/api/api-keys'],
      ['POST', '/api/api-keys', { name: 'mine', scopes: ['wallet:read'] }],
      ['POST', '/api/ai/executions', prompt],
      [
        'POST',
        '/v1/chat/completions',
        { model: prompt.model, messages: [{ role: 'user', content: 'Hello' }] },
      ],
      ['GET', `/api/ai/executions/${UNKNOWN}/content`],
      ['GET', '/api/wallet/export'],
      ['GET', '/api/tenants'],
      ['POST', `/api/tenants/${admin.tenantId}/sessions`, { reason: 'further' }],
    ];
    for (const [method, path, sent] of closed)
      expect((await send(host, path, method, sent, token)).status, `${method} ${path}`).toBe(403);
    for (const path of [
      '/api/users',
      '/api/levels',
      '/api/admin/providers',
      '/api/ai/executions',
      '/api/tenant/acting-sessions',
      '/api/tenant/budget',
      '/api/invitations',
      '/api/audit-log',
      '/api/features',
      '/api/domains',
    ])
      expect((await send(host, path, 'GET', undefined, token)).status, path).toBe(200);
  });

  it('corrects wallets, exports ledgers and appoints admins, without a level there; the log names a superadmin', async () => {
    const { id, host, token: adminToken } = await open();
    const { id: userId } = (await send(host, '/api/auth/me', 'GET', undefined, adminToken)).body;
    const { token } = await enter(id);
    const path = `/api/users/${userId}`;
    const credit = { amount: 5, reason: 'a gift' };
    const credited = await requestJson(stack.port, host, `${path}/wallet/credits`, {
      method: 'POST',
      body: credit,
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': crypto.randomUUID() },
    });
    expect(credited.status).toBe(201);
    expect(
      (
        await request(stack.port, host, `${path}/wallet/export`, {
          headers: { authorization: `Bearer ${token}` },
        })
      ).status,
    ).toBe(200);
    const offered = (await send(host, '/api/features', 'GET', undefined, token)).body.items;
    expect(offered.every((one: { is_in_your_level: boolean }) => one.is_in_your_level)).toBe(true);
    expect((await send(host, path, 'PATCH', { role: 'user' }, token)).body.error.code).toBe('last_admin');
    const { items } = (await send(host, `/api/audit-log?user_id=${userId}`, 'GET', undefined, token)).body;
    expect(items[0]).toMatchObject({
      ...{ action: 'wallet.credited', actor: null, actor_role: 'superadmin', self_made: false },
      details: credit,
    });
  });

  it('leaves it by signing out there, keeps the own session, and the admins see both ends', async () => {
    const { id, host, token: adminToken } = await open();
    const { token, session } = await enter(id);
    expect((await send(host, '/api/auth/logout', 'POST', undefined, token)).status).toBe(204);
    expect((await send(host, '/api/auth/me', 'GET', undefined, token)).body.error.code).toBe(
      'session_revoked',
    );
    expect((await superadmin.get('/api/auth/me')).status).toBe(200);
    const { items } = (await send(host, '/api/tenant/acting-sessions', 'GET', undefined, adminToken)).body;
    expect(items).toEqual([{ ...session, ended_at: expect.any(String) }]);
  });
});

describe('a sign-up of a tenant', () => {
  const signUp = (slug: string, host = PLATFORM) =>
    send(host, '/api/tenant-signups', 'POST', { slug, name: 'Signed up', email: `me@${slug}.example` });
  const allow = (mode: string) => superadmin.put('/api/tenant-signups', { mode });

  it('is refused until a superadmin allows it, and answers on the platform’s hostname only', async () => {
    expect((await send(PLATFORM, '/api/tenant-signups')).body).toEqual({ mode: 'closed' });
    expect(await signUp(newSlug())).toMatchObject({
      status: 403,
      body: { error: { code: 'registration_closed' } },
    });
    for (const method of ['GET', 'POST', 'PUT'])
      expect(
        (await send(ACME, '/api/tenant-signups', method, method === 'GET' ? undefined : {})).status,
      ).toBe(404);
  });

  it('returns the link only where the platform says so, labelled as unverified', async () => {
    try {
      await allow('reviewed');
      const reviewed = newSlug();
      expect(await signUp(reviewed)).toMatchObject({
        ...{ status: 201, body: { slug: reviewed, invitation_link: null, email_verified: false } },
      });
      await allow('unverified');
      const slug = newSlug();
      const { body } = await signUp(slug);
      expect(body).toMatchObject({ slug, hostname: `${slug}.localhost`, email_verified: false });
      const accepted = await accept(body.hostname, body.invitation_link);
      expect(accepted.body.user).toMatchObject({ role: 'admin', email: `me@${slug}.example` });
      expect((await signUp(slug)).body.error.details).toEqual({ field: 'slug', rule: 'taken' });
      expect((await signUp('www')).status).toBe(400);
    } finally {
      expect((await allow('closed')).body).toEqual({ mode: 'closed' });
    }
  });
});
