import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, registerSomebody, signIn } from '../support/demo.ts';
import { ACME, GLOBEX, inherit, UNKNOWN, userPath } from '../support/governance.ts';

const stack = inject('stack');

let admin: Client;
let superadmin: Client;
let foreignAdmin: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  superadmin = await signIn(stack.port, 'localhost', 'super@vanilla.test');
  foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
});

const refusal = (status: number, code: string, details: object = {}) => ({
  status,
  body: { error: { code, details } },
});
const forbidden = { status: 403, body: { error: { code: 'forbidden' } } };

describe('a role', () => {
  it('given or taken holds from the next request on, with the same session, and is in the audit log', async () => {
    const somebody = await registerSomebody(stack.port, ACME);
    expect((await somebody.get('/api/users')).status).toBe(403);
    const given = await admin.patch(userPath(somebody), { role: 'admin' });
    expect(given).toMatchObject({ status: 200, body: { user: { role: 'admin' } } });
    expect((await somebody.get('/api/users')).status).toBe(200);
    expect((await somebody.get('/api/auth/me')).body.role).toBe('admin');
    expect((await admin.patch(userPath(somebody), { role: 'user' })).status).toBe(200);
    expect((await somebody.get('/api/users')).status).toBe(403);
    const { items } = (await admin.get(`/api/audit-log?user_id=${somebody.userId}`)).body;
    expect(items.slice(0, 2)).toMatchObject([
      { action: 'user.changed', details: { before: { role: 'admin' }, after: { role: 'user' } } },
      { action: 'user.changed', details: { before: { role: 'user' }, after: { role: 'admin' } } },
    ]);
    expect(items[0]).toMatchObject({ actor: { email: 'admin@acme.test' }, self_made: false });
  });

  it('above one’s own, one’s own, and one in another tenant are refused', async () => {
    const somebody = await registerSomebody(stack.port, ACME);
    expect(await admin.patch(userPath(somebody), { role: 'superadmin' })).toMatchObject(forbidden);
    expect(await admin.patch(userPath(admin), { role: 'user' })).toMatchObject(forbidden);
    expect(await superadmin.patch(userPath(superadmin), { role: 'admin' })).toMatchObject(forbidden);
    expect(await somebody.patch(userPath(somebody), { role: 'admin' })).toMatchObject(forbidden);
    for (const id of [somebody.userId, UNKNOWN])
      expect(await foreignAdmin.patch(`/api/users/${id}`, { role: 'admin' })).toMatchObject({ status: 404 });
    expect(await admin.patch(userPath(somebody), { role: 'root' })).toMatchObject(
      refusal(400, 'invalid_request', { issues: [{ field: 'role' }] }),
    );
    expect(await superadmin.patch(userPath(somebody), { role: 'superadmin' })).toMatchObject(
      refusal(400, 'invalid_request', { issues: [{ field: 'role', rule: 'platform_only' }] }),
    );
    expect((await superadmin.patch(userPath(somebody), { role: 'admin' })).status).toBe(200);
    expect((await superadmin.patch(userPath(somebody), { role: 'user' })).status).toBe(200);
  });

  it('of the last admin stays, and so does their access', async () => {
    for (const [field, patch] of Object.entries({ role: { role: 'user' }, status: { status: 'disabled' } }))
      expect(await superadmin.patch(userPath(foreignAdmin), patch)).toMatchObject(
        refusal(409, 'last_admin', { field, rule: 'last_admin' }),
      );
    expect((await foreignAdmin.get('/api/users')).status).toBe(200);
  });
});

describe('what an admin changes for themselves', () => {
  const credit = (by: Client, of: Client, key: string = crypto.randomUUID()) =>
    by.post(
      `${userPath(of)}/wallet/credits`,
      { amount: 10, reason: 'for a test' },
      { 'idempotency-key': key },
    );

  it('is shown to the other admins as self-made, and can be turned off by the tenant and by a superadmin', async () => {
    // An admin of their own, so that no other test is affected by what they may.
    const one = await registerSomebody(stack.port, GLOBEX);
    await foreignAdmin.patch(userPath(one), { role: 'admin' });
    const key = crypto.randomUUID();
    for (let time = 0; time < 2; time++) expect((await credit(one, one, key)).status).toBe(201);
    expect((await one.put(`${userPath(one)}/token-policy`, { ...inherit, in_flight_max: 3 })).status).toBe(
      200,
    );
    const selfMade = (await foreignAdmin.get('/api/audit-log?self_made=true')).body.items.filter(
      ({ actor }: { actor: { id: string } }) => actor.id === one.userId,
    );
    expect(selfMade).toMatchObject([
      { action: 'user.token_policy_changed', self_made: true },
      { action: 'wallet.credited', self_made: true, details: { amount: 10, reason: 'for a test' } },
    ]);
    expect((await one.get('/api/audit-log?self_made=maybe')).status).toBe(400);

    const platformRule = `/api/tenants/${one.tenantId}/self-made-changes`;
    const turnedOff: ['tenant' | 'platform', (allowed: boolean) => ReturnType<Client['put']>][] = [
      ['tenant', (allowed) => foreignAdmin.patch('/api/tenant', { allows_self_made_changes: allowed })],
      ['platform', (allowed) => superadmin.put(platformRule, { allowed })],
    ];
    for (const [off_by, set] of turnedOff) {
      expect((await set(false)).status).toBe(200);
      try {
        expect(await credit(one, one)).toMatchObject(refusal(403, 'self_made_changes_off', { off_by }));
        expect(await one.put(`${userPath(one)}/token-policy`, inherit)).toMatchObject({
          status: 403,
          body: { error: { code: 'self_made_changes_off' } },
        });
        expect((await one.get(userPath(one))).body.self_made_changes_off_by).toBe(off_by);
        expect((await credit(foreignAdmin, one)).status, 'by another admin').toBe(201);
      } finally {
        await set(true);
      }
    }
    expect((await credit(one, one)).status).toBe(201);
    expect(await one.put(platformRule, { allowed: true })).toMatchObject({ status: 404 });
    expect(
      (await superadmin.put(`/api/tenants/${UNKNOWN}/self-made-changes`, { allowed: true })).status,
    ).toBe(404);
    const locked = await asOwner(
      stack.ownerUrl,
      `select 1 from audit_log where action = 'tenant.self_made_changes_locked' and target_id = $1`,
      [one.tenantId],
    );
    expect(locked.length).toBe(1);
    expect((await foreignAdmin.patch(userPath(one), { role: 'user' })).status).toBe(200);
  });

  it('is no business of plain users', async () => {
    const somebody = await registerSomebody(stack.port, ACME);
    expect(await somebody.get('/api/audit-log')).toMatchObject(forbidden);
  });
});
