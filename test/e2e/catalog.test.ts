import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, registerSomebody, signIn } from '../support/demo.ts';

const ACME = 'acme.localhost';
const GLOBEX = 'globex.localhost';
const PROVIDERS = '/api/admin/providers';
const MODELS = '/api/admin/models';
const UNKNOWN = '01900000-0000-7000-8000-ffffffffffff';
const stack = inject('stack');
const baseUrl = `${stack.simulatorOrigin}/openai/v1`;

let admin: Client;
let foreignAdmin: Client;
let superadmin: Client;
let user: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  foreignAdmin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
  superadmin = await signIn(stack.port, 'localhost', 'super@vanilla.test');
  user = await registerSomebody(stack.port, ACME);
});

const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });
let made = 0;
const named = (what: string) => `${what} ${++made} of ${crypto.randomUUID().slice(0, 8)}`;
const good = () => ({ name: named('provider'), kind: 'openai', base_url: baseUrl, api_key: 'sk-acme-own-1' });
const rates = (output: number) => ({ input: 1_000, cache_read: 100, cache_write: 1_000, output });
const priceOf = (output: number) => ({
  micro_usd_per_million: rates(output),
  wallet_tokens_per_1000: rates(output),
});

async function add(path: string, body: unknown, by = admin) {
  const answer = await by.post(path, body);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

/** A provider of Acme's own with a model that its users can call. */
async function addModel(more: Record<string, unknown> = {}) {
  const provider = await add(PROVIDERS, { ...good(), ...more });
  const model = await add(MODELS, {
    provider_id: provider.id,
    public_name: named('model'),
    provider_model: 'gpt-own',
    context_window_tokens: 8_000,
    max_output_tokens: 1_000,
  });
  await add(`${MODELS}/${model.id}/prices`, priceOf(4_000));
  return { provider, model };
}

const run = (by: Client, model: string) =>
  by.post('/api/ai/executions', { model, prompt: 'Hello', max_output_tokens: 50 });

const namesOf = async (by: Client) =>
  (await by.get('/api/ai/models')).body.items.map(({ name }: { name: string }) => name);

/** A server that answers everything alike, to be called as a provider. */
async function withServer(
  answer: { status: number; headers?: Record<string, string>; body: string },
  work: (origin: string, seen: string[]) => Promise<void>,
): Promise<void> {
  const seen: string[] = [];
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('a tenant with a provider of its own', () => {
  it('serves a model by it, with its own key, as soon as it is priced; the key is shown to nobody', async () => {
    const answers = [];
    const provider = await add(PROVIDERS, { ...good(), api_key: 'sk-acme-very-secret' });
    const public_name = named('own');
    const model = await add(MODELS, {
      provider_id: provider.id,
      public_name,
      provider_model: 'gpt-own',
      context_window_tokens: 8_000,
      max_output_tokens: 1_000,
    });
    expect(await run(user, public_name)).toMatchObject(refusal(409, 'model_unpriced'));
    expect(await namesOf(user)).not.toContain(public_name);
    await add(`${MODELS}/${model.id}/prices`, priceOf(4_000));
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

  it('sees each change at once, where it was made: prices, order, what is disabled', async () => {
    const { provider, model } = await addModel();
    const name = model.public_name;
    expect((await run(user, name)).status).toBe(201);
    expect(await add(`${MODELS}/${model.id}/prices`, priceOf(9_000))).toMatchObject({ version: 2 });
    expect((await run(user, name)).body.price_version).toBe(2);
    expect((await admin.patch(`${MODELS}/${model.id}`, { enabled: false })).status).toBe(200);
    expect(await run(user, name)).toMatchObject(refusal(404, 'unknown_model'));
    await admin.patch(`${MODELS}/${model.id}`, { enabled: true });
    const other = await add(PROVIDERS, { ...good(), priority: 1 });
    const twin = await add(MODELS, {
      provider_id: other.id,
      public_name: name,
      provider_model: 'gpt-twin',
      context_window_tokens: 8_000,
      max_output_tokens: 1_000,
    });
    await add(`${MODELS}/${twin.id}/prices`, priceOf(4_000));
    expect((await run(user, name)).body.provider).toEqual({ name: other.name, model: 'gpt-twin' });
    expect((await admin.put(`${PROVIDERS}/order`, { ids: [provider.id, other.id] })).status).toBe(204);
    expect((await run(user, name)).body.provider.name).toBe(provider.name);
    expect((await admin.patch(`${PROVIDERS}/${provider.id}`, { enabled: false })).status).toBe(200);
    expect((await run(user, name)).body.provider.name).toBe(other.name);
  });

  it('whose ciphertext was moved to another place sends the key nowhere', async () => {
    const { model } = await addModel();
    const target = await addModel({ api_key: 'sk-acme-own-2' });
    expect((await run(user, model.public_name)).status).toBe(201);
    await asOwner(
      stack.ownerUrl,
      `update ai_providers to_row set api_key_ciphertext = from_row.api_key_ciphertext
       from ai_providers from_row where to_row.id = $1 and from_row.id = $2`,
      [target.provider.id, (await admin.get(`${MODELS}/${model.id}`)).body.provider.id],
    );
    // Any change of the catalog has it loaded anew.
    await admin.patch(`${MODELS}/${target.model.id}`, { priority: 3 });
    expect(await run(user, target.model.public_name)).toMatchObject(refusal(503, 'unavailable'));
  });
});

describe('a key', () => {
  it('that the provider refuses is not saved, and why is told in plain words', async () => {
    for (const [body, code, words] of [
      [{ ...good(), api_key: 'invalid-key' }, 'authentication', /refused the key \(401\)/],
      [{ ...good(), base_url: `${stack.simulatorOrigin}/nothing` }, 'invalid_request', /no such address/],
      [{ ...good(), base_url: 'http://127.0.0.1:9/v1' }, 'network', /could not be reached/],
      [
        {
          ...good(),
          kind: 'anthropic',
          base_url: `${stack.simulatorOrigin}/anthropic`,
          api_key: 'invalid-key',
        },
        'authentication',
        /refused the key/,
      ],
      [
        { ...good(), kind: 'google', base_url: `${stack.simulatorOrigin}/google`, api_key: 'invalid-key' },
        'authentication',
        /refused the key/,
      ],
    ] as const) {
      const answer = await admin.post(PROVIDERS, body);
      expect(answer).toMatchObject(refusal(422, 'provider_test_failed'));
      expect(answer.body.error.message).toMatch(words);
      expect(answer.body.error.details.kind).toBe(code);
      const { items } = (await admin.get(PROVIDERS)).body;
      expect(items.map(({ name }: { name: string }) => name)).not.toContain(body.name);
    }
  });

  it('can be tried without saving anything: with the list of models, or with a tiny prompt', async () => {
    for (const [kind, path] of [
      ['openai', '/openai/v1'],
      ['anthropic', '/anthropic'],
      ['google', '/google'],
    ]) {
      const target = { kind, base_url: `${stack.simulatorOrigin}${path}`, api_key: 'sk-any' };
      const listed = await admin.post(`${PROVIDERS}/test`, target);
      expect(listed.body).toMatchObject({ ok: true, models: expect.arrayContaining([expect.any(String)]) });
      const asked = await admin.post(`${PROVIDERS}/test`, { ...target, test_model: 'any-model' });
      expect(asked.body).toMatchObject({ ok: true, models: null });
    }
    const refused = await admin.post(`${PROVIDERS}/test`, {
      ...{ kind: 'openai', base_url: baseUrl, api_key: 'invalid-key' },
      test_model: 'any-model',
    });
    expect(refused).toMatchObject({ status: 200, body: { ok: false, failure: { kind: 'authentication' } } });
  });

  it('follows no redirect, and is not fooled by a page that says yes', async () => {
    await withServer(
      { status: 302, headers: { location: `${baseUrl}/models` }, body: '' },
      async (origin, seen) => {
        const answer = await admin.post(`${PROVIDERS}/test`, {
          kind: 'openai',
          base_url: origin,
          api_key: 'sk-x',
        });
        expect(answer.body).toMatchObject({ ok: false, failure: { kind: 'invalid_response', status: 302 } });
        expect(seen).toEqual(['GET /models']);
      },
    );
    await withServer({ status: 200, body: '<html>welcome</html>' }, async (origin) => {
      const answer = await admin.post(`${PROVIDERS}/test`, {
        kind: 'google',
        base_url: origin,
        api_key: 'sk-x',
      });
      expect(answer.body.failure.message).toMatch(/does not speak the protocol/);
    });
  });

  it('that a hostile server throws back is not repeated to anybody', async () => {
    const body = JSON.stringify({ error: { message: 'I have seen sk-acme-own-9 and will tell' } });
    await withServer({ status: 401, body }, async (origin) => {
      const answer = await admin.post(PROVIDERS, { ...good(), base_url: origin, api_key: 'sk-acme-own-9' });
      expect(answer).toMatchObject(refusal(422, 'provider_test_failed'));
      expect(JSON.stringify(answer.body)).not.toContain('sk-acme-own-9');
    });
  });

  it('is needed again for another base URL, and goes there only', async () => {
    const { provider, model } = await addModel();
    const path = `${PROVIDERS}/${provider.id}`;
    for (const base_url of [`${baseUrl}/`, null])
      expect(await admin.patch(path, { base_url })).toMatchObject(refusal(400, 'provider_key_required'));
    expect((await admin.patch(path, { base_url: baseUrl, name: named('renamed') })).status).toBe(200);
    const moved = { base_url: `${baseUrl}/`, api_key: 'sk-acme-own-3' };
    expect(await admin.patch(path, moved)).toMatchObject({ status: 200, body: { base_url: moved.base_url } });
    expect((await run(user, model.public_name)).status).toBe(201);
    expect(await admin.patch(path, { api_key: 'invalid-key' })).toMatchObject(
      refusal(422, 'provider_test_failed'),
    );
    expect((await run(user, model.public_name)).status).toBe(201);
  });

  it('must be brought: a tenant never borrows the platform’s, nor the platform for a base URL', async () => {
    const { api_key: _, ...keyless } = good();
    for (const by of [admin, superadmin])
      expect(await by.post(PROVIDERS, keyless)).toMatchObject(refusal(400, 'provider_key_required'));
    expect(await admin.post(PROVIDERS, { ...keyless, base_url: null })).toMatchObject(
      refusal(400, 'provider_key_required'),
    );
    const official = await add(PROVIDERS, { ...keyless, base_url: null, priority: 900 }, superadmin);
    expect(official).toMatchObject({ key: 'platform', base_url: null });
    expect((await superadmin.delete(`${PROVIDERS}/${official.id}`)).status).toBe(204);
  });
});

describe('a base URL', () => {
  it.each([
    'not a url',
    'http://ai.example/v1',
    'https://10.0.0.1/v1',
    'https://[::1]/v1',
    'https://167772161/v1',
    'https://metadata.internal/v1',
    'https://acme.localhost/v1',
    'https://user:pass@ai.example/v1',
    'https://ai.example/v1?x=1',
    'ftp://ai.example',
  ])('%s is refused and never called', async (base_url) => {
    for (const answer of [
      await admin.post(PROVIDERS, { ...good(), base_url }),
      await admin.post(`${PROVIDERS}/test`, { kind: 'openai', base_url, api_key: 'sk-x' }),
    ]) {
      expect(answer).toMatchObject(refusal(400, 'invalid_request'));
      expect(answer.body.error.details.issues[0].field).toBe('base_url');
    }
  });
});

describe('who does not govern the catalog', () => {
  it('is refused as a user and finds nothing as an admin of another tenant; nothing is called for a user', async () => {
    const { provider, model } = await addModel();
    await withServer({ status: 200, body: '{"data":[]}' }, async (origin, seen) => {
      const target = { kind: 'openai', base_url: origin, api_key: 'sk-x' };
      expect(await user.post(`${PROVIDERS}/test`, target)).toMatchObject(refusal(403, 'forbidden'));
      expect(await user.post(PROVIDERS, { ...good(), ...target })).toMatchObject(refusal(403, 'forbidden'));
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
    const answer = await admin.post(PROVIDERS, { ...good(), ...change });
    expect(answer).toMatchObject(refusal(400, 'invalid_request'));
    expect(answer.body.error.details.issues[0].field).toBe(field);
  });

  it('with figures that no price can have is refused, as are limits that no model has', async () => {
    const { provider, model } = await addModel();
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
    const { provider, model } = await addModel();
    for (const path of [`${PROVIDERS}/${provider.id}`, `${MODELS}/${model.id}`])
      expect(await admin.patch(path, {})).toMatchObject(refusal(400, 'invalid_request'));
    for (const path of [PROVIDERS, MODELS, `${MODELS}/${model.id}/prices`])
      expect((await admin.post(path)).status).toBe(400);
  });

  it('that is sent twice is done once: one provider, one model, one version of a price', async () => {
    const body = good();
    const providers = await Promise.all([admin.post(PROVIDERS, body), admin.post(PROVIDERS, body)]);
    expect(providers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const { model } = await addModel();
    const prices = await Promise.all(
      [1, 2, 3].map(() => admin.post(`${MODELS}/${model.id}/prices`, priceOf(7_000))),
    );
    expect(prices.map((answer) => answer.body.version)).toEqual([2, 2, 2]);
  });

  it('to delete what is in use says what to do instead', async () => {
    const { provider, model } = await addModel();
    for (const path of [`${MODELS}/${model.id}`, `${PROVIDERS}/${provider.id}`]) {
      const answer = await admin.delete(path);
      expect(answer).toMatchObject(refusal(409, 'in_use'));
      expect(answer.body.error.message).toMatch(/Disable it/);
    }
  });
});

describe('the models of a level', () => {
  it('are the only ones its users call, and null is all of them', async () => {
    const { model } = await addModel();
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
    expect(await run(newcomer, 'gpt-5-mini')).toMatchObject(refusal(404, 'unknown_model'));
    expect(
      await newcomer.post('/api/api-keys', { name: 'wide', allowed_models: ['gpt-5-mini'] }),
    ).toMatchObject(refusal(400, 'invalid_request'));
    expect(await user.patch(path, { allowed_models: null })).toMatchObject(refusal(403, 'forbidden'));
    expect(await foreignAdmin.patch(path, { allowed_models: null })).toMatchObject(refusal(404, 'not_found'));
    for (const body of [{}, { allowed_models: 'all' }, { allowed_models: ['a', 'a'] }, { name: 'Gold' }])
      expect(await admin.patch(path, body)).toMatchObject(refusal(400, 'invalid_request'));
    expect(await admin.patch(path, { allowed_models: null })).toMatchObject({
      body: { allowed_models: null },
    });
    expect((await run(await registerSomebody(stack.port, ACME), 'gpt-5-mini')).status).toBe(201);
  });
});
