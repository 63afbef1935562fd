import { beforeAll, describe, expect, inject, it } from 'vitest';
import { providerKindIds } from '../../contracts/catalog/provider-kinds.ts';
import { simulatedApis } from '../../dev/simulators/apis.ts';
import {
  ACME,
  add,
  GLOBEX,
  governAcme,
  MODELS,
  modelOf,
  named,
  PROVIDERS,
  priceOf,
  refusal,
  run,
  withServer,
} from '../support/catalog.ts';
import { asOwner, type Client, registerSomebody, signIn } from '../support/demo.ts';

const UNKNOWN = '01900000-0000-7000-8000-ffffffffffff';
const stack = inject('stack');

let acme: Awaited<ReturnType<typeof governAcme>>;
let admin: Client;
let foreignAdmin: Client;
let user: Client;
beforeAll(async () => {
  acme = await governAcme(stack);
  admin = acme.admin;
  foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
  user = await registerSomebody(stack.port, ACME);
});

const rates = (output: unknown) => ({ input: 1_000, cache_read: 100, cache_write: 1_000, output });
const namesOf = async (by: Client) =>
  (await by.get('/api/ai/models')).body.items.map(({ name }: { name: string }) => name);

describe('a tenant with a provider of its own', () => {
  it('serves a model from it with its own key as soon as it is priced; the key is never shown', async () => {
    const answers = [];
    const provider = await add(admin, PROVIDERS, { ...acme.good(), api_key: 'sk-acme-very-secret' });
    const public_name = named('own');
    const model = await add(admin, MODELS, modelOf(provider.id, { public_name }));
    expect(await run(user, public_name)).toMatchObject(refusal(409, 'model_unpriced'));
    expect(await namesOf(user)).not.toContain(public_name);
    await add(admin, `${MODELS}/${model.id}/prices`, priceOf(4_000));
    const ran = await run(user, public_name);
    expect(ran).toMatchObject({ status: 201, body: { provider: { name: provider.name, model: 'gpt-own' } } });
    expect(ran.body.price_version).toBe(1);
    expect(await namesOf(user)).toContain(public_name);
    const calls = (await (await fetch(`${stack.simulatorOrigin}/_control/requests`)).json()) as object;
    expect(JSON.stringify(calls)).toContain('gpt-own');
    answers.push(provider, model, ran.body);
    for (const path of [PROVIDERS, `${PROVIDERS}/${provider.id}`, MODELS, `${MODELS}/${model.id}/prices`])
      answers.push((await admin.get(path)).body);
    const [row] = await asOwner<{ api_key_ciphertext: string }>(
      stack.ownerUrl,
      'select api_key_ciphertext from ai_providers where id = $1',
      [provider.id],
    );
    const log = await asOwner(stack.ownerUrl, 'select details from audit_log where target_id = $1', [
      provider.id,
    ]);
    for (const secret of ['sk-acme-very-secret', row?.api_key_ciphertext ?? 'nothing kept'])
      expect(JSON.stringify([answers, log])).not.toContain(secret);
    expect(row?.api_key_ciphertext).not.toContain('sk-acme-very-secret');
    expect(await namesOf(await registerSomebody(stack.port, GLOBEX))).not.toContain(public_name);
  });

  it.each(providerKindIds)('can have one of kind %s, which answers and is charged', async (kind) => {
    const base_url = `${stack.simulatorOrigin}${simulatedApis[kind].base_path}`;
    const { provider, model } = await acme.addModel({ kind, base_url });
    expect(provider).toMatchObject({ kind, key: 'own', base_url });
    const ran = await run(user, model.public_name);
    expect(ran).toMatchObject({
      status: 201,
      body: { provider: { name: provider.name }, usage_source: 'reported', usage: { reasoning_tokens: 0 } },
    });
    expect(ran.body.usage.cache_read_tokens > 0).toBe(kind === 'deepseek');
  });

  it('sees each change at once: prices, order, disabled rows', async () => {
    const { provider, model } = await acme.addModel();
    const name = model.public_name;
    expect((await run(user, name)).status).toBe(201);
    expect(await add(admin, `${MODELS}/${model.id}/prices`, priceOf(9_000))).toMatchObject({ version: 2 });
    expect((await run(user, name)).body.price_version).toBe(2);
    expect((await admin.patch(`${MODELS}/${model.id}`, { enabled: false })).status).toBe(200);
    expect(await run(user, name)).toMatchObject(refusal(404, 'unknown_model'));
    await admin.patch(`${MODELS}/${model.id}`, { enabled: true });
    const other = await add(admin, PROVIDERS, { ...acme.good(), priority: 1 });
    const twin = await add(
      admin,
      MODELS,
      modelOf(other.id, { public_name: name, provider_model: 'gpt-twin' }),
    );
    await add(admin, `${MODELS}/${twin.id}/prices`, priceOf(4_000));
    expect((await run(user, name)).body.provider).toEqual({ name: other.name, model: 'gpt-twin' });
    expect((await admin.put(`${PROVIDERS}/order`, { ids: [provider.id, other.id] })).status).toBe(204);
    expect((await run(user, name)).body.provider.name).toBe(provider.name);
    expect((await admin.patch(`${PROVIDERS}/${provider.id}`, { enabled: false })).status).toBe(200);
    expect((await run(user, name)).body.provider.name).toBe(other.name);
  });

  it('whose ciphertext was moved to another row does not send the key', async () => {
    const { model } = await acme.addModel();
    const target = await acme.addModel({ api_key: 'sk-acme-own-2' });
    expect((await run(user, model.public_name)).status).toBe(201);
    await asOwner(
      stack.ownerUrl,
      `update ai_providers to_row set api_key_ciphertext = from_row.api_key_ciphertext
       from ai_providers from_row where to_row.id = $1 and from_row.id = $2`,
      [target.provider.id, (await admin.get(`${MODELS}/${model.id}`)).body.provider.id],
    );
    // Any change of the catalog invalidates its cache.
    await admin.patch(`${MODELS}/${target.model.id}`, { priority: 3 });
    expect(await run(user, target.model.public_name)).toMatchObject(refusal(503, 'unavailable'));
  });
});

describe('a caller without rights on the catalog', () => {
  it('is refused as a user and finds nothing as an admin of another tenant; nothing is called for a user', async () => {
    const { provider, model } = await acme.addModel();
    await withServer({ status: 200, body: '{"data":[]}' }, async (origin, seen) => {
      const target = { kind: 'openai', base_url: origin, api_key: 'sk-x' };
      expect(await user.post(`${PROVIDERS}/test`, target)).toMatchObject(refusal(403, 'forbidden'));
      expect(await user.post(PROVIDERS, { ...acme.good(), ...target })).toMatchObject(
        refusal(403, 'forbidden'),
      );
      expect(seen).toEqual([]);
    });
    const attempts = (by: Client, providerId: string, modelId: string) =>
      Promise.all([
        by.get(`${PROVIDERS}/${providerId}`),
        by.patch(`${PROVIDERS}/${providerId}`, { enabled: false }),
        by.delete(`${PROVIDERS}/${providerId}`),
        by.put(`${PROVIDERS}/order`, { ids: [providerId] }),
        by.get(`${MODELS}/${modelId}`),
        by.patch(`${MODELS}/${modelId}`, { enabled: false }),
        by.delete(`${MODELS}/${modelId}`),
        by.put(`${MODELS}/order`, { ids: [modelId] }),
        by.get(`${MODELS}/${modelId}/prices`),
        by.post(`${MODELS}/${modelId}/prices`, priceOf(1)),
      ]);
    for (const answer of await attempts(user, provider.id, model.id))
      expect(answer).toMatchObject(refusal(403, 'forbidden'));
    for (const path of [PROVIDERS, MODELS])
      expect(await user.get(path)).toMatchObject(refusal(403, 'forbidden'));
    for (const answer of [
      ...(await attempts(foreignAdmin, provider.id, model.id)),
      ...(await attempts(admin, UNKNOWN, UNKNOWN)),
    ])
      expect(answer).toMatchObject(refusal(404, 'not_found'));
    expect((await run(user, model.public_name)).status).toBe(201);
  });
});

describe('a request about the catalog', () => {
  it.each([
    ['an empty name', { name: ' ' }, 'name'],
    ['an unknown kind', { kind: 'cohere' }, 'kind'],
    ['a key with a line break in it', { api_key: 'sk-a\nb' }, 'api_key'],
    ['a priority below zero', { priority: -1 }, 'priority'],
    ['a huge priority', { priority: 1e30 }, 'priority'],
    ['an unknown field', { api_key_ciphertext: 'v1.1.x.y' }, 'api_key_ciphertext'],
  ])('with %s is refused and names the field', async (_, change, field) => {
    const answer = await admin.post(PROVIDERS, { ...acme.good(), ...change });
    expect(answer).toMatchObject(refusal(400, 'invalid_request'));
    expect(answer.body.error.details.issues[0].field).toBe(field);
  });

  it('with impossible prices or limits is refused', async () => {
    const { provider, model } = await acme.addModel();
    for (const figure of [-1, 0.5, '1', null, 2 ** 50 + 1, 1e300]) {
      const price = { ...priceOf(1), wallet_tokens_per_1000: { ...rates(1), output: figure } };
      expect(await admin.post(`${MODELS}/${model.id}/prices`, price)).toMatchObject(
        refusal(400, 'invalid_request'),
      );
    }
    const past = { ...priceOf(1), effective_from: '2020-01-01T00:00:00Z' };
    expect(await admin.post(`${MODELS}/${model.id}/prices`, past)).toMatchObject(
      refusal(400, 'invalid_request'),
    );
    const body = { provider_id: provider.id, public_name: 'x', provider_model: 'x' };
    for (const limits of [
      { context_window_tokens: 0, max_output_tokens: 1 },
      { context_window_tokens: 10, max_output_tokens: 11 },
      { context_window_tokens: 2 ** 31, max_output_tokens: 1 },
    ])
      expect(await admin.post(MODELS, { ...body, ...limits })).toMatchObject(refusal(400, 'invalid_request'));
    const limits = { context_window_tokens: 10, max_output_tokens: 1 };
    expect(await admin.post(MODELS, { ...body, ...limits, provider_id: UNKNOWN })).toMatchObject({
      ...refusal(404, 'not_found'),
    });
  });

  it('that is empty changes nothing', async () => {
    const { provider, model } = await acme.addModel();
    for (const path of [`${PROVIDERS}/${provider.id}`, `${MODELS}/${model.id}`])
      expect(await admin.patch(path, {})).toMatchObject(refusal(400, 'invalid_request'));
    for (const path of [PROVIDERS, MODELS, `${MODELS}/${model.id}/prices`])
      expect((await admin.post(path)).status).toBe(400);
  });

  it('that is sent twice has one effect: one provider, one model, one price version', async () => {
    const body = acme.good();
    const providers = await Promise.all([admin.post(PROVIDERS, body), admin.post(PROVIDERS, body)]);
    expect(providers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const { model } = await acme.addModel();
    const prices = await Promise.all(
      [1, 2, 3].map(() => admin.post(`${MODELS}/${model.id}/prices`, priceOf(7_000))),
    );
    expect(prices.map((answer) => answer.body.version)).toEqual([2, 2, 2]);
  });

  it('to delete a row in use is refused with the alternative', async () => {
    const { provider, model } = await acme.addModel();
    for (const path of [`${MODELS}/${model.id}`, `${PROVIDERS}/${provider.id}`]) {
      const answer = await admin.delete(path);
      expect(answer).toMatchObject(refusal(409, 'in_use'));
      expect(answer.body.error.message).toMatch(/Disable it/);
    }
  });
});

describe('the models of a level', () => {
  it('are the only ones its users can call; null allows all models', async () => {
    const { model } = await acme.addModel();
    const [level] = (await admin.get('/api/levels')).body.items.filter(
      ({ slug }: { slug: string }) => slug === 'free',
    );
    const path = `/api/levels/${level.id}`;
    expect(await admin.patch(path, { allowed_models: [model.public_name] })).toMatchObject({
      status: 200,
      body: { allowed_models: [model.public_name] },
    });
    const newcomer = await registerSomebody(stack.port, ACME);
    expect(await namesOf(newcomer)).toEqual([model.public_name]);
    expect((await run(newcomer, model.public_name)).status).toBe(201);
    expect(await run(newcomer, 'gpt-5.4-mini')).toMatchObject(refusal(404, 'unknown_model'));
    expect(
      await newcomer.post('/api/api-keys', { name: 'wide', allowed_models: ['gpt-5.4-mini'] }),
    ).toMatchObject(refusal(400, 'invalid_request'));
    expect(await user.patch(path, { allowed_models: null })).toMatchObject(refusal(403, 'forbidden'));
    expect(await foreignAdmin.patch(path, { allowed_models: null })).toMatchObject(refusal(404, 'not_found'));
    for (const body of [{}, { allowed_models: 'all' }, { allowed_models: ['a', 'a'] }, { colour: 'gold' }])
      expect(await admin.patch(path, body)).toMatchObject(refusal(400, 'invalid_request'));
    expect(await admin.patch(path, { allowed_models: null })).toMatchObject({
      body: { allowed_models: null },
    });
    expect((await run(await registerSomebody(stack.port, ACME), 'gpt-5.4-mini')).status).toBe(201);
  });
});
