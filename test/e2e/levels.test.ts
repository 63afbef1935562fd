import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, registerSomebody, signIn } from '../support/demo.ts';
import { ACME, GLOBEX, policy, run, UNKNOWN, userPath } from '../support/governance.ts';
import { request, requestJson } from '../support/http.ts';
import { resetRoundTrips, roundTrips } from '../support/stack.ts';

const stack = inject('stack');

let admin: Client;
let foreignAdmin: Client;
let user: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
  user = await registerSomebody(stack.port, ACME);
});

type Listed = { id: string; is_default: boolean; archived_at: string | null };

const unique = (name: string) => `${name} ${crypto.randomUUID().slice(0, 8)}`;
const makeLevel = async (fields: object = {}) => {
  const made = await admin.post('/api/levels', { name: unique('Level'), policy, ...fields });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body;
};
const refusal = (status: number, code: string, details: object = {}) => ({
  status,
  body: { error: { code, details } },
});

describe('a level', () => {
  it('is created, renamed, ordered, made the default, archived and restored by an admin', async () => {
    const level = await makeLevel({ name: unique('Silver') });
    const path = `/api/levels/${level.id}`;
    expect(
      await admin.patch(path, { name: unique('Gold'), slug: `gold-${level.id.slice(-8)}` }),
    ).toMatchObject({
      status: 200,
      body: { slug: `gold-${level.id.slice(-8)}` },
    });
    const before: Listed[] = (await admin.get('/api/levels')).body.items;
    const ids = before.filter(({ archived_at }) => archived_at === null).map((one) => one.id);
    const moved = [level.id, ...ids.filter((id) => id !== level.id)];
    const ordered = await admin.put('/api/levels/order', { ids: moved });
    expect(ordered.body.items.slice(0, moved.length).map(({ id }: Listed) => id)).toEqual(moved);
    const usual = before.find(({ is_default }) => is_default)?.id;
    expect((await admin.patch(path, { is_default: true })).body.is_default).toBe(true);
    try {
      const { userId } = await registerSomebody(stack.port, ACME);
      expect((await admin.get(`/api/users/${userId}`)).body.user.level.id).toBe(level.id);
      expect(await admin.patch(path, { archived: true })).toMatchObject(
        refusal(409, 'level_is_default', { field: 'archived' }),
      );
    } finally {
      await admin.patch(`/api/levels/${usual}`, { is_default: true });
    }
    expect((await admin.patch(path, { archived: true })).body.archived_at).toEqual(expect.any(String));
    expect(await admin.patch(userPath(user), { level_id: level.id })).toMatchObject(
      refusal(409, 'level_archived', { field: 'level_id' }),
    );
    expect(await admin.patch(path, { is_default: true })).toMatchObject(
      refusal(409, 'level_archived', { field: 'is_default' }),
    );
    expect((await admin.patch(path, { archived: false })).body.archived_at).toBeNull();
  });

  it('is no business of users and of other tenants', async () => {
    const { id } = await makeLevel();
    for (const [by, status] of [
      [user, 403],
      [foreignAdmin, 404],
    ] as const)
      expect((await by.patch(`/api/levels/${id}`, { name: 'Mine' })).status).toBe(status);
    expect((await user.post('/api/levels', { name: unique('Mine') })).status).toBe(403);
    expect((await user.put('/api/levels/order', { ids: [id] })).status).toBe(403);
    expect((await admin.patch(`/api/levels/${UNKNOWN}`, { name: 'Mine' })).status).toBe(404);
    expect(await foreignAdmin.put('/api/levels/order', { ids: [id] })).toMatchObject(
      refusal(400, 'invalid_request', { unknown: [id], issues: [{ field: 'ids', rule: 'all_levels' }] }),
    );
  });

  const names: [string, object, string][] = [
    ['no name', {}, 'name'],
    ['an empty name', { name: '  ' }, 'name'],
    ['a name of 61 letters', { name: 'x'.repeat(61) }, 'name'],
    ['a slug in capitals', { name: 'A', slug: 'Gold' }, 'slug'],
    ['a slug that ends with a hyphen', { name: 'A', slug: 'gold-' }, 'slug'],
    ['a slug of 41 letters', { name: 'A', slug: 'x'.repeat(41) }, 'slug'],
    ['a slug with an umlaut', { name: 'A', slug: 'über' }, 'slug'],
    ['an unknown feature', { name: 'A', features: { telepathy: true } }, 'features'],
    ['a feature that is neither on nor off', { name: 'A', features: { exports: 1 } }, 'features'],
    ['an output limit of 0', { name: 'A', default_output_limit: 0 }, 'default_output_limit'],
    ['half a policy', { name: 'A', policy: { mode: 'monthly' } }, 'policy'],
    ['an unknown field', { name: 'A', colour: 'red' }, 'colour'],
  ];
  it.each(names)('with %s is refused, and the field is named', async (_, body, field) => {
    const count = async () => (await admin.get('/api/levels')).body.items.length;
    const before = await count();
    const answer = await admin.post('/api/levels', body);
    expect(answer).toMatchObject(refusal(400, 'invalid_request'));
    expect(answer.body.error.details.issues[0].field.split('.')[0]).toBe(field);
    expect(await count()).toBe(before);
  });

  it('cannot take the name of another, be ordered in part, or stop being the default', async () => {
    const { id, name, slug } = await makeLevel();
    const other = await makeLevel();
    const taken = (field: string) => refusal(409, 'name_taken', { field });
    expect(await admin.post('/api/levels', { name: name.toUpperCase() })).toMatchObject(taken('name'));
    expect(await admin.post('/api/levels', { name: unique('New'), slug })).toMatchObject(taken('slug'));
    expect(await admin.patch(`/api/levels/${other.id}`, { name })).toMatchObject(taken('name'));
    expect(await admin.put('/api/levels/order', { ids: [id] })).toMatchObject(
      refusal(400, 'invalid_request', { missing: expect.arrayContaining([other.id]), unknown: [] }),
    );
    expect((await admin.put('/api/levels/order', { ids: [id, id] })).status).toBe(400);
    for (const body of [{}, { is_default: false }, { features: {} }, { features: { telepathy: true } }])
      expect(await admin.patch(`/api/levels/${id}`, body)).toMatchObject(refusal(400, 'invalid_request'));
  });
});

it('the output limit of a level holds for requests that set none', async () => {
  const somebody = await registerSomebody(stack.port, ACME);
  const { id } = await makeLevel({ default_output_limit: 3 });
  await admin.patch(userPath(somebody), { level_id: id });
  const request = { model: 'gpt-5.4-mini', prompt: 'Hello' };
  const outputOf = async (body: object) =>
    (await somebody.post('/api/ai/executions', body)).body.usage.output_tokens;
  expect(await outputOf(request)).toBeLessThanOrEqual(3);
  expect(await outputOf({ ...request, max_output_tokens: 50 })).toBeGreaterThan(3);
});

describe('a feature', () => {
  const prompt = { model: 'gpt-5.4-mini', prompt: 'Hello', max_output_tokens: 50 };
  const socket = (client: Client) =>
    request(stack.port, ACME, '/api/wallet/live', {
      headers: { authorization: `Bearer ${client.token}`, upgrade: 'websocket', connection: 'upgrade' },
    });

  it('that the level lacks is refused wherever it is used, with its name and the levels that offer it', async () => {
    const somebody = await registerSomebody(stack.port, ACME);
    const { secret, id: keyId } = (await somebody.post('/api/api-keys', { name: 'before' })).body;
    const withKey = (path: string, body?: object) =>
      requestJson(stack.port, ACME, path, {
        ...(body === undefined ? {} : { method: 'POST', body }),
        headers: { authorization: `Bearer ${secret}` },
      });
    expect((await withKey('/api/ai/models')).status).toBe(200);
    const level = await makeLevel({
      features: {
        ...{ api_keys: false, background_runs: false, own_providers: false },
        ...{ live_balance: false, exports: false, playground_models: false },
      },
    });
    const offering = await makeLevel({ name: unique('Offers all') });
    await admin.patch(userPath(somebody), { level_id: level.id });
    const lacking = (feature: string) =>
      refusal(403, 'feature_not_in_level', {
        ...{ feature, level: level.name },
        levels: expect.arrayContaining([{ slug: offering.slug, name: offering.name }]),
      });
    for (const [feature, attempt] of [
      ['api_keys', () => somebody.post('/api/api-keys', { name: 'another' })],
      ['api_keys', () => somebody.post(`/api/api-keys/${keyId}/rotate`, {})],
      ['api_keys', () => withKey('/api/ai/models')],
      ['api_keys', () => withKey('/api/ai/executions', prompt)],
      ['playground_models', () => run(somebody)],
      ['exports', () => somebody.get('/api/wallet/export')],
      [
        'own_providers',
        () => somebody.post('/api/admin/providers/test', { kind: 'openai', api_key: 'sk-none' }),
      ],
    ] as const) {
      const answer = await attempt();
      expect(answer, feature).toMatchObject(lacking(feature));
      expect(answer.body.error.details.levels).not.toContainEqual({ slug: level.slug, name: level.name });
    }
    expect((await socket(somebody)).status).toBe(403);
    const inOpenAiShape = await withKey('/v1/chat/completions', {
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(inOpenAiShape).toMatchObject({ status: 403, body: { error: { code: 'feature_not_in_level' } } });
    expect((await somebody.get('/api/api-keys')).status, 'keys are still listed').toBe(200);
    expect((await somebody.delete(`/api/api-keys/${keyId}`)).status, 'and revoked').toBe(204);
    expect((await somebody.get('/api/auth/me')).body.level.features).toEqual(level.features);
  });

  it('of background runs is refused however they are asked for, and only then', async () => {
    const somebody = await registerSomebody(stack.port, ACME);
    const { id } = await makeLevel({ features: { background_runs: false } });
    await admin.patch(userPath(somebody), { level_id: id });
    const lacking = refusal(403, 'feature_not_in_level', { feature: 'background_runs' });
    const executions = '/api/ai/executions';
    expect(await somebody.post(executions, { ...prompt, background: true })).toMatchObject(lacking);
    expect(await somebody.post(executions, { ...prompt, fallback: 'background' })).toMatchObject(lacking);
    expect(await somebody.post(executions, prompt, { prefer: 'respond-async' })).toMatchObject(lacking);
    expect((await somebody.post(executions, prompt)).status).toBe(201);
  });

  it('is on again for everybody on the level as soon as an admin turns it on, and asks no database when warm', async () => {
    const somebody = await registerSomebody(stack.port, ACME);
    const { id } = await makeLevel({ features: { playground_models: false } });
    await admin.patch(userPath(somebody), { level_id: id });
    expect((await run(somebody)).status).toBe(403);
    await resetRoundTrips(stack.gatewayOrigin);
    expect((await run(somebody)).status).toBe(403);
    expect(await roundTrips(stack.gatewayOrigin, 'vanilla-request')).toBe(0);
    const offered = (await somebody.get('/api/features')).body.items;
    expect(offered.find(({ feature }: { feature: string }) => feature === 'playground_models')).toMatchObject(
      {
        is_in_your_level: false,
        levels: expect.arrayContaining([{ slug: 'free', name: expect.any(String) }]),
      },
    );
    expect(await roundTrips(stack.gatewayOrigin, 'vanilla-request')).toBe(0);
    await admin.patch(`/api/levels/${id}`, { features: { playground_models: true } });
    expect((await run(somebody)).status).toBe(201);
  });
});
