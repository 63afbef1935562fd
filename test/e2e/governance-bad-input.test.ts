import { beforeAll, expect, inject, it } from 'vitest';
import { type Client, signIn } from '../support/demo.ts';
import {
  ACME,
  GLOBEX,
  policy,
  policyOfLevel,
  putSomebodyToWork,
  run,
  UNKNOWN,
  userPath,
} from '../support/governance.ts';
import { request } from '../support/http.ts';

const stack = inject('stack');
let admin: Client;
let user: Client;
let level: string;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  ({ user, level } = await putSomebodyToWork(stack, admin));
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

/** Expects `expected` among the names of the refused fields. */
function expectRefused(answer: Awaited<ReturnType<Client['get']>>, expected: string): void {
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  const fields = answer.body.error.details.issues.map(({ field }: { field: string }) => field.split('.')[0]);
  expect(fields).toContain(expected);
}

it.each(wrong)(
  'a policy with %s is refused, names the field, and changes nothing',
  async (_, body, field) => {
    expectRefused(await admin.put(policyOfLevel(level), body), field);
    // A level requires the field. A user inherits it by null.
    const isNull = (body as Record<string, unknown>)[field] === null;
    if (!isNull) expectRefused(await admin.put(`${userPath(user)}/token-policy`, body), field);
    expect((await user.get('/api/wallet')).body.policy).toEqual(policy);
  },
);

it.each<[string, unknown, string]>([
  ['nothing', {}, 'body'],
  ['an unknown field', { status: 'active', colour: 'red' }, 'colour'],
  ['an unknown role', { role: 'root' }, 'role'],
  ['no role', { role: null }, 'role'],
  ['an unknown status', { status: 'asleep' }, 'status'],
  ['no status', { status: null }, 'status'],
  ['a level that is no id', { level_id: 'pro' }, 'level_id'],
])('a change of a user with %s is refused, and changes nothing', async (_, body, field) => {
  expectRefused(await admin.patch(userPath(user), body), field);
  expect((await admin.get(userPath(user))).body.user).toMatchObject({ status: 'active', role: 'user' });
});

it.each([
  ['nothing', ''],
  ['NaN', JSON.stringify(policy).replace('50000', 'NaN')],
  ['Infinity', JSON.stringify(policy).replace('50000', 'Infinity')],
  ['half of it', '{"mode":'],
])('a body of %s is not JSON', async (_, body) => {
  for (const path of [policyOfLevel(level), `${userPath(user)}/token-policy`]) {
    const headers = { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' };
    const { status, text } = await request(stack.port, ACME, path, { method: 'PUT', body, headers });
    expect([status, JSON.parse(text).error.code]).toEqual([400, 'invalid_json']);
  }
});

it('an unknown level and another tenant’s level get the same 404, which names the field', async () => {
  const foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
  const foreign = (await foreignAdmin.get('/api/levels')).body.items[0].id;
  const answers = [];
  for (const level_id of [UNKNOWN, foreign])
    answers.push(await admin.patch(userPath(user), { level_id, status: 'disabled' }));
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 404, body: { error: { details: { field: 'level_id' } } } });
  expect((await run(user)).status).toBe(201);
});

it('a malformed id is refused as such', async () => {
  expect((await admin.get('/api/users/me')).status).toBe(400);
  expect((await admin.put(policyOfLevel('pro'), policy)).status).toBe(400);
});
