import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, eventually, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { request } from '../support/http.ts';
import { resetRoundTrips, roundTrips } from '../support/stack.ts';

const ACME = 'acme.localhost';
const GLOBEX = 'globex.localhost';
const stack = inject('stack');
const prompt = { model: 'gpt-5-mini', prompt: 'Hello', max_output_tokens: 50 };
const run = (client: Client) => client.post('/api/ai/executions', prompt);

const policy = {
  mode: 'lifetime',
  allocation_tokens: 50_000,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [80, 95],
  reservation_lifetime_ms: 120_000,
  in_flight_max: 1_000,
};
const inherit = Object.fromEntries(Object.keys(policy).map((field) => [field, null]));
const UNKNOWN = '01900000-0000-7000-8000-ffffffffffff';

let admin: Client;
let superadmin: Client;
let foreignAdmin: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  superadmin = await signIn(stack.port, 'localhost', 'super@vanilla.test');
  foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
});

/** A level of its own for one test, so that none disturbs another's users. */
async function makeLevel(tenantId: string): Promise<string> {
  const id = crypto.randomUUID();
  await asOwner(
    stack.ownerUrl,
    `insert into levels (tenant_id, id, slug, name) values ($1, $2, $3, 'A level')`,
    [tenantId, id, `level-${id}`],
  );
  await asOwner(
    stack.ownerUrl,
    `insert into level_token_policies (tenant_id, level_id, mode, allocation_tokens, rollover_cap_tokens, enforcement,
       warning_thresholds_percent, reservation_lifetime_ms, in_flight_max)
     values ($1, $2, 'lifetime', 50000, 0, 'hard', '{80,95}', 120000, 1000)`,
    [tenantId, id],
  );
  return id;
}

const policyOfLevel = (id: string) => `/api/levels/${id}/token-policy`;
const userPath = ({ userId }: Client) => `/api/users/${userId}`;

/** Somebody on a level of their own who has run something: every cache knows them. */
async function somebodyAtWork(): Promise<{ user: Client & { email: string }; level: string }> {
  const user = await registerSomebody(stack.port, ACME);
  const level = await makeLevel(user.tenantId);
  expect((await admin.patch(userPath(user), { level_id: level })).status).toBe(200);
  expect((await run(user)).status).toBe(201);
  return { user, level };
}

const auditOf = (answer: { headers: Record<string, unknown> }) =>
  asOwner(
    stack.ownerUrl,
    'select actor_user_id, actor_role, action, target_id, details from audit_log where request_id = $1',
    [answer.headers['x-request-id']],
  );

describe('the policy of a level', () => {
  it('governs the very next execution, though every cache is warm', async () => {
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

  it('costs one database round trip to set and one to read, and is written down as it was and as it is', async () => {
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

  it('that is sent twice is set once, told once and written down once', async () => {
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
    // Ids that sort before those of people who register: the user at work is on the second page.
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

  it('does not concern who has an override in all that changes', async () => {
    const { user, level } = await somebodyAtWork();
    await admin.put(`${userPath(user)}/token-policy`, { ...inherit, in_flight_max: 5 });
    const changed = await admin.put(policyOfLevel(level), { ...policy, in_flight_max: 6 });
    expect(changed.body.rollout).toEqual({ told: 0, on_the_way: 0 });
    expect((await user.get('/api/wallet')).body.policy.in_flight_max).toBe(5);
  });
});

describe('a user', () => {
  it('who is disabled runs nothing more from that moment, and does again once enabled', async () => {
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

  it('who is signed out by an admin runs nothing more with that session, and does with the next', async () => {
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

  it('who is moved to another level is governed by it in the very next execution', async () => {
    const { user } = await somebodyAtWork();
    await setBalance(admin, user, 0);
    const better = await makeLevel(user.tenantId);
    await admin.put(policyOfLevel(better), { ...policy, allocation_tokens: 80_000 });
    const moved = await admin.patch(userPath(user), { level_id: better });
    expect(moved.body).toMatchObject({ user: { level: { id: better } }, wallet: { available: 30_000 } });
    expect((await run(user)).status).toBe(201);
  });

  it('with an override is governed by it at once, field by field, and by the level again once it is cleared', async () => {
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

  it('is found by how their email begins', async () => {
    const { user } = await somebodyAtWork();
    const found = await admin.get(`/api/users?q=${user.email.slice(0, 30).toUpperCase()}`);
    expect(found.body.items.map(({ id }: { id: string }) => id)).toEqual([user.userId]);
    expect((await admin.get('/api/users?q=%00')).status).toBe(400);
  });
});

type Attempt = [string, (by: Client, id: string) => ReturnType<Client['get']>];
const onUsers: Attempt[] = [
  ['read a user', (by, id) => by.get(`/api/users/${id}`)],
  ['disable a user', (by, id) => by.patch(`/api/users/${id}`, { status: 'disabled' })],
  ['override a policy', (by, id) => by.put(`/api/users/${id}/token-policy`, { ...inherit, mode: 'monthly' })],
  ['sign a user out', (by, id) => by.post(`/api/users/${id}/sign-out`)],
];

describe('whoever may not', () => {
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

  it('set a level’s policy: is refused as a user, and finds no level of another tenant', async () => {
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

  it('change themselves: is refused as an admin and as a superadmin, and goes on working', async () => {
    for (const one of [admin, superadmin]) {
      expect(await one.patch(userPath(one), { status: 'disabled' })).toMatchObject({
        status: 403,
        body: { error: { code: 'forbidden', message: expect.stringContaining('another administrator') } },
      });
      expect((await one.get('/api/auth/me')).status).toBe(200);
    }
    const level = await makeLevel(admin.tenantId);
    expect((await admin.patch(userPath(admin), { level_id: level })).status).toBe(403);
  });

  it('touch a superadmin: finds nobody as an admin', async () => {
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

describe('bad input', () => {
  let user: Client;
  let level: string;
  beforeAll(async () => {
    ({ user, level } = await somebodyAtWork());
  });

  const { mode: _, ...incomplete } = policy;
  const wrong: [string, unknown, string][] = [
    ['a missing field', incomplete, 'mode'],
    ['an unknown field', { ...policy, colour: 'red' }, 'colour'],
    ['a version', { ...policy, version: 1 }, 'version'],
    ['an unknown mode', { ...policy, mode: 'weekly' }, 'mode'],
    ['an unknown enforcement', { ...policy, enforcement: 'soft' }, 'enforcement'],
    ...['-1', '1.5', '"7"', 'null', 'true', '[]', '1e30', String(2 ** 50 + 1)].map(
      (value): [string, unknown, string] => [
        `an allocation of ${value}`,
        { ...policy, allocation_tokens: JSON.parse(value) },
        'allocation_tokens',
      ],
    ),
    ['a negative rollover cap', { ...policy, rollover_cap_tokens: -1 }, 'rollover_cap_tokens'],
    ...[
      [95, 80],
      [80, 80],
      [0],
      [101],
      [50.5],
      ['80'],
      80,
      null,
      Array.from({ length: 11 }, (_, i) => i + 1),
    ].map((value): [string, unknown, string] => [
      `thresholds of ${JSON.stringify(value)}`,
      { ...policy, warning_thresholds_percent: value },
      'warning_thresholds_percent',
    ]),
    ...[9_999, 3_600_001, 60_000.5, '60000'].map((value): [string, unknown, string] => [
      `a reservation lifetime of ${JSON.stringify(value)}`,
      { ...policy, reservation_lifetime_ms: value },
      'reservation_lifetime_ms',
    ]),
    ['no execution in flight', { ...policy, in_flight_max: 0 }, 'in_flight_max'],
    ['too many in flight', { ...policy, in_flight_max: 10_001 }, 'in_flight_max'],
  ];

  /** `expected` is in the names of what was refused. */
  function expectRefused(answer: Awaited<ReturnType<Client['get']>>, expected: string): void {
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    const fields = answer.body.error.details.issues.map(
      ({ field }: { field: string }) => field.split('.')[0],
    );
    expect(fields).toContain(expected);
  }

  it.each(wrong)(
    'in a policy: %s is refused, names the field, and changes nothing',
    async (_, body, field) => {
      expectRefused(await admin.put(policyOfLevel(level), body), field);
      // What a level must have, a user inherits with null.
      const isNull = (body as Record<string, unknown>)[field] === null;
      if (!isNull) expectRefused(await admin.put(`${userPath(user)}/token-policy`, body), field);
      expect((await user.get('/api/wallet')).body.policy).toEqual(policy);
    },
  );

  it.each<[string, unknown, string]>([
    ['nothing', {}, 'json'],
    ['an unknown field', { status: 'active', role: 'admin' }, 'role'],
    ['an unknown status', { status: 'asleep' }, 'status'],
    ['no status', { status: null }, 'status'],
    ['a level that is no id', { level_id: 'pro' }, 'level_id'],
  ])('in a change of a user: %s is refused, and changes nothing', async (_, body, field) => {
    expectRefused(await admin.patch(userPath(user), body), field);
    expect((await admin.get(userPath(user))).body.user).toMatchObject({ status: 'active', role: 'user' });
  });

  it.each([
    ['nothing', ''],
    ['NaN', JSON.stringify(policy).replace('50000', 'NaN')],
    ['Infinity', JSON.stringify(policy).replace('50000', 'Infinity')],
    ['half of it', '{"mode":'],
  ])('as a body: %s is not JSON', async (_, body) => {
    for (const path of [policyOfLevel(level), `${userPath(user)}/token-policy`]) {
      const headers = { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' };
      const { status, text } = await request(stack.port, ACME, path, { method: 'PUT', body, headers });
      expect([status, JSON.parse(text).error.code]).toEqual([400, 'invalid_json']);
    }
  });

  it('a level nobody knows, and one of another tenant, are the same 404 that names the field', async () => {
    const foreign = (await foreignAdmin.get('/api/levels')).body.items[0].id;
    const answers = [];
    for (const level_id of [UNKNOWN, foreign])
      answers.push(await admin.patch(userPath(user), { level_id, status: 'disabled' }));
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 404, body: { error: { details: { field: 'level_id' } } } });
    expect((await run(user)).status).toBe(201);
  });

  it('an id that is none is refused as such', async () => {
    expect((await admin.get('/api/users/me')).status).toBe(400);
    expect((await admin.put(policyOfLevel('pro'), policy)).status).toBe(400);
  });
});
