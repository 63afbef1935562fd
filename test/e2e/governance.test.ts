import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, eventually, setBalance, signIn } from '../support/demo.ts';
import {
  ACME,
  GLOBEX,
  inherit,
  makeLevel,
  policy,
  policyOfLevel,
  putSomebodyToWork,
  run,
  UNKNOWN,
  userPath,
} from '../support/governance.ts';
import { resetRoundTrips, roundTrips } from '../support/stack.ts';

const stack = inject('stack');

let admin: Client;
let superadmin: Client;
let foreignAdmin: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  superadmin = await signIn(stack.port, 'localhost', 'super@vanilla.test');
  foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
});

const somebodyAtWork = () => putSomebodyToWork(stack, admin);

const auditOf = (answer: { headers: Record<string, unknown> }) =>
  asOwner(
    stack.ownerUrl,
    'select actor_user_id, actor_role, action, target_id, details from audit_log where request_id = $1',
    [answer.headers['x-request-id']],
  );

describe('the policy of a level', () => {
  it('applies to the next execution, even if every cache is warm', async () => {
    const { user, level } = await somebodyAtWork();
    await setBalance(admin, user, 0);
    expect((await run(user)).status).toBe(402);
    const lenient = await admin.put(policyOfLevel(level), { ...policy, enforcement: 'monitor' });
    expect(lenient).toMatchObject({
      status: 200,
      body: { level: { id: level, policy: { enforcement: 'monitor' } }, rollout: { told: 1, on_the_way: 0 } },
    });
    expect((await run(user)).status).toBe(201);
    expect((await admin.put(policyOfLevel(level), policy)).status).toBe(200);
    expect((await run(user)).status).toBe(402);
    await admin.put(policyOfLevel(level), { ...policy, allocation_tokens: 60_000 });
    const raised = await run(user);
    expect(raised.status).toBe(201);
    expect(raised.body.balance_after).toBe(10_000 - raised.body.tokens_charged);
    expect((await user.get('/api/wallet')).body.policy.allocation_tokens).toBe(60_000);
  });

  it('costs one database round trip to set and one to read, and the audit log has the old and the new values', async () => {
    const { user, level } = await somebodyAtWork();
    await resetRoundTrips(stack.gatewayOrigin);
    const changed = await admin.put(policyOfLevel(level), { ...policy, in_flight_max: 7 });
    expect(await roundTrips(stack.gatewayOrigin, 'vanilla-request')).toBe(1);
    expect(await auditOf(changed)).toEqual([
      {
        actor_user_id: admin.userId,
        actor_role: 'admin',
        action: 'level.token_policy_changed',
        target_id: level,
        details: { tenant_id: user.tenantId, before: policy, after: { ...policy, in_flight_max: 7 } },
      },
    ]);
    await resetRoundTrips(stack.gatewayOrigin);
    const listed = (await admin.get('/api/levels')).body.items;
    expect(await roundTrips(stack.gatewayOrigin, 'vanilla-request')).toBe(1);
    expect(listed.find(({ id }: { id: string }) => id === level)).toEqual(changed.body.level);
    expect(changed.body.level).toMatchObject({ user_count: 1, is_default: false, name: 'A level' });
  });

  it('that is sent twice is set, pushed and audited once', async () => {
    const { level } = await somebodyAtWork();
    const body = { ...policy, in_flight_max: 9 };
    const answers = [
      await admin.put(policyOfLevel(level), body),
      await admin.put(policyOfLevel(level), body),
    ];
    expect(answers.map(({ body: { rollout } }) => rollout.told)).toEqual([1, 0]);
    expect(answers[1]?.body.level).toEqual(answers[0]?.body.level);
    expect(await auditOf(answers[1] ?? { headers: {} })).toEqual([]);
  });

  it('reaches a hundred wallets before the answer and the others through the queue, without waiting for a cache to age', async () => {
    const { user, level } = await somebodyAtWork();
    await setBalance(admin, user, 0);
    // Ids that sort before those of registered users, so that the working user is on the second page.
    await asOwner(
      stack.ownerUrl,
      `insert into users (tenant_id, id, email, password_hash, level_id)
       select $1, ('00000000-0000-7000-8000-' || substr(md5($2::text || n), 1, 12))::uuid, n || '-' || $2 || '@example.test', '-', $2::uuid
       from generate_series(1, 119) n`,
      [user.tenantId, level],
    );
    const lenient = await admin.put(policyOfLevel(level), { ...policy, enforcement: 'monitor' });
    const changedAtMs = Date.now();
    expect(lenient.body.rollout).toEqual({ told: 100, on_the_way: 20 });
    await eventually(
      () => run(user),
      ({ status }) => status === 201,
    );
    expect(Date.now() - changedAtMs).toBeLessThan(20_000);
  });

  it('does not affect a user whose override has every changed field', async () => {
    const { user, level } = await somebodyAtWork();
    await admin.put(`${userPath(user)}/token-policy`, { ...inherit, in_flight_max: 5 });
    const changed = await admin.put(policyOfLevel(level), { ...policy, in_flight_max: 6 });
    expect(changed.body.rollout).toEqual({ told: 0, on_the_way: 0 });
    expect((await user.get('/api/wallet')).body.policy.in_flight_max).toBe(5);
  });
});

describe('a user', () => {
  it('who is disabled can run nothing from that moment, until enabled again', async () => {
    const { user } = await somebodyAtWork();
    const disabled = await admin.patch(userPath(user), { status: 'disabled' });
    expect(disabled).toMatchObject({ status: 200, body: { user: { status: 'disabled' } } });
    for (const answer of [await run(user), await user.get('/api/wallet'), await user.get('/api/auth/me')])
      expect(answer).toMatchObject({ status: 403, body: { error: { code: 'user_disabled' } } });
    await expect(signIn(stack.port, ACME, user.email)).rejects.toThrow('user_disabled');
    expect((await admin.patch(userPath(user), { status: 'active' })).status).toBe(200);
    expect((await run(user)).status).toBe(201);
    expect(await auditOf(disabled)).toMatchObject([
      { action: 'user.changed', details: { before: { status: 'active' }, after: { status: 'disabled' } } },
    ]);
  });

  it('who is signed out by an admin can run nothing with that session, but with the next', async () => {
    const { user } = await somebodyAtWork();
    const signedOut = await admin.post(`${userPath(user)}/sign-out`);
    expect(signedOut.status).toBe(204);
    for (const answer of [await run(user), await user.get('/api/wallet'), await user.get('/api/auth/me')])
      expect(answer).toMatchObject({ status: 401, body: { error: { code: 'session_revoked' } } });
    expect((await run(await signIn(stack.port, ACME, user.email))).status).toBe(201);
    expect(await auditOf(signedOut)).toMatchObject([
      { actor_user_id: admin.userId, action: 'user.signed_out', target_id: user.userId },
    ]);
  });

  it('who is moved to another level has its policy in the next execution', async () => {
    const { user } = await somebodyAtWork();
    await setBalance(admin, user, 0);
    const better = await makeLevel(stack, user.tenantId);
    await admin.put(policyOfLevel(better), { ...policy, allocation_tokens: 80_000 });
    const moved = await admin.patch(userPath(user), { level_id: better });
    expect(moved.body).toMatchObject({ user: { level: { id: better } }, wallet: { available: 30_000 } });
    expect((await run(user)).status).toBe(201);
  });

  it('with an override has its values at once, field by field, and the level’s again after it is cleared', async () => {
    const { user } = await somebodyAtWork();
    await setBalance(admin, user, 0);
    const path = `${userPath(user)}/token-policy`;
    const overridden = await admin.put(path, { ...inherit, enforcement: 'monitor' });
    expect(overridden.body).toMatchObject({
      override: { ...inherit, enforcement: 'monitor' },
      level_policy: policy,
      effective_policy: { ...policy, enforcement: 'monitor' },
      wallet: { policy: { ...policy, enforcement: 'monitor' } },
    });
    expect((await run(user)).status).toBe(201);
    expect((await admin.put(path, inherit)).body.effective_policy).toEqual(policy);
    expect((await run(user)).status).toBe(402);
    expect(await auditOf(overridden)).toMatchObject([{ action: 'user.token_policy_changed' }]);
  });

  it('is shown to admins with the exact wallet, in one database round trip', async () => {
    const { user, level } = await somebodyAtWork();
    await resetRoundTrips(stack.gatewayOrigin);
    const { status, body } = await admin.get(userPath(user));
    expect(await roundTrips(stack.gatewayOrigin, 'vanilla-request')).toBe(1);
    expect([status, body.user.level.id, body.override]).toEqual([200, level, inherit]);
    expect(body.wallet).toEqual((await user.get('/api/wallet')).body);
  });

  it('is found by any part of their email, on their level, by their role and status', async () => {
    const { user, level } = await somebodyAtWork();
    const found = async (query: string) =>
      (await admin.get(`/api/users?${query}`)).body.items.map(({ id }: { id: string }) => id);
    const part = user.email.slice(6, 30).toUpperCase();
    expect(await found(`q=${part}`)).toEqual([user.userId]);
    expect(await found(`q=${part}&level_id=${level.toUpperCase()}&role=user&status=active`)).toEqual([
      user.userId,
    ]);
    expect(await found(`q=${part}&level_id=${UNKNOWN}`)).toEqual([]);
    expect(await found(`q=${part}&role=admin`)).toEqual([]);
    expect(await found(`level_id=${level}&status=disabled`)).toEqual([]);
    await admin.patch(userPath(user), { status: 'disabled' });
    expect(await found(`level_id=${level}&status=disabled`)).toEqual([user.userId]);
  });

  it.each([
    ['q', '%00'],
    ['level_id', 'basic'],
    ['role', 'owner'],
    ['status', 'closed'],
  ])('is not looked for by a wrong %s, which is named', async (field, value) => {
    expect(await admin.get(`/api/users?${field}=${value}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', details: { issues: [{ field }] } } },
    });
  });
});

type Attempt = [string, (by: Client, id: string) => ReturnType<Client['get']>];
const onUsers: Attempt[] = [
  ['read a user', (by, id) => by.get(`/api/users/${id}`)],
  ['disable a user', (by, id) => by.patch(`/api/users/${id}`, { status: 'disabled' })],
  ['override a policy', (by, id) => by.put(`/api/users/${id}/token-policy`, { ...inherit, mode: 'monthly' })],
  ['sign a user out', (by, id) => by.post(`/api/users/${id}/sign-out`)],
];

describe('a caller without the right to', () => {
  it.each(onUsers)(
    '%s: is refused as a user, and finds nobody in another tenant, known or unknown',
    async (_, attempt) => {
      const { user } = await somebodyAtWork();
      for (const id of [user.userId, UNKNOWN])
        expect(await attempt(user, id)).toMatchObject({
          status: 403,
          body: { error: { code: 'forbidden' } },
        });
      for (const id of [user.userId, UNKNOWN])
        expect(await attempt(foreignAdmin, id)).toMatchObject({
          status: 404,
          body: { error: { code: 'not_found' } },
        });
      expect((await run(user)).status).toBe(201);
    },
  );

  it('set a level’s policy is refused as a user, and finds no level of another tenant', async () => {
    const { user, level } = await somebodyAtWork();
    for (const id of [level, UNKNOWN]) {
      expect((await user.put(policyOfLevel(id), policy)).status).toBe(403);
      expect((await foreignAdmin.put(policyOfLevel(id), { ...policy, enforcement: 'monitor' })).status).toBe(
        404,
      );
    }
    expect((await user.get('/api/levels')).status).toBe(403);
    const foreign = (await foreignAdmin.get('/api/levels')).body.items.map(({ id }: { id: string }) => id);
    expect(foreign).not.toContain(level);
  });

  it('change themselves is refused as an admin and as a superadmin, and can continue to work', async () => {
    for (const one of [admin, superadmin]) {
      expect(await one.patch(userPath(one), { status: 'disabled' })).toMatchObject({
        status: 403,
        body: { error: { code: 'forbidden', message: expect.stringContaining('another administrator') } },
      });
      expect((await one.get('/api/auth/me')).status).toBe(200);
    }
    const level = await makeLevel(stack, admin.tenantId);
    expect((await admin.patch(userPath(admin), { level_id: level })).status).toBe(403);
  });

  it('change a superadmin finds no such user as an admin', async () => {
    for (const [, attempt] of onUsers) expect((await attempt(admin, superadmin.userId)).status).toBe(404);
  });
});

it('a superadmin governs in every tenant, from the platform’s own hostname', async () => {
  const { user, level } = await somebodyAtWork();
  expect((await superadmin.get(userPath(user))).body.user.id).toBe(user.userId);
  expect((await superadmin.patch(userPath(user), { status: 'disabled' })).status).toBe(200);
  expect((await run(user)).status).toBe(403);
  expect((await superadmin.patch(userPath(user), { status: 'active' })).status).toBe(200);
  expect(
    (await superadmin.put(policyOfLevel(level), { ...policy, in_flight_max: 4 })).body.rollout.told,
  ).toBe(1);
  expect((await superadmin.post(`${userPath(user)}/sign-out`)).status).toBe(204);
  expect((await run(user)).status).toBe(401);
});
