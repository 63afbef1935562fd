import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ACME, add, governAcme, named, PROVIDERS, refusal, run, withServer } from '../support/catalog.ts';
import { type Client, registerSomebody, signIn } from '../support/demo.ts';

const stack = inject('stack');

let acme: Awaited<ReturnType<typeof governAcme>>;
let admin: Client;
let superadmin: Client;
let user: Client;
beforeAll(async () => {
  acme = await governAcme(stack);
  admin = acme.admin;
  superadmin = await signIn(stack.port, 'localhost', 'super@vanilla.test');
  user = await registerSomebody(stack.port, ACME);
});

describe('the settings of a provider', () => {
  const withHeaders = { extra_headers: { 'X-Gateway': 'gateway-secret' }, stream_usage: false };

  it('are saved, shown without the values of headers, and changed one by one', async () => {
    const made = await add(admin, PROVIDERS, { ...acme.good(), settings: withHeaders });
    expect(made.settings).toMatchObject({
      ...{ extra_headers: { 'X-Gateway': '[hidden]' }, stream_usage: false },
      ...{ first_byte_timeout_ms: null, idle_timeout_ms: 60_000 },
    });
    const path = `${PROVIDERS}/${made.id}`;
    const patched = await admin.patch(path, { settings: { idle_timeout_ms: 90_000 } });
    expect(patched.body.settings).toEqual({ ...made.settings, idle_timeout_ms: 90_000 });
    expect((await admin.get(path)).body.settings).toEqual(patched.body.settings);
  });

  it('are refused by name', async () => {
    const settings = { extra_headers: { Authorization: 'mine' } };
    const answer = await admin.post(PROVIDERS, { ...acme.good(), settings });
    expect(answer).toMatchObject(refusal(400, 'invalid_request'));
    expect(answer.body.error.message).toContain('settings.extra_headers');
  });

  it('send no saved value to another address', async () => {
    const made = await add(admin, PROVIDERS, { ...acme.good(), settings: withHeaders });
    const elsewhere = { base_url: `${acme.baseUrl}/`, api_key: 'sk-acme-own-2' };
    const kept = await admin.patch(`${PROVIDERS}/${made.id}`, elsewhere);
    expect(kept).toMatchObject(refusal(400, 'invalid_request'));
    expect(kept.body.error.details.issues).toMatchObject([{ field: 'settings.extra_headers' }]);
    const told = { ...elsewhere, settings: { extra_headers: { 'X-Gateway': 'again' } } };
    expect((await admin.patch(`${PROVIDERS}/${made.id}`, told)).status).toBe(200);
  });
});

describe('a key', () => {
  it('that the provider refuses is not saved, and the reason is shown', async () => {
    for (const [body, code, words] of [
      [{ ...acme.good(), api_key: 'invalid-key' }, 'authentication', /refused the key \(401\)/],
      [
        { ...acme.good(), base_url: `${stack.simulatorOrigin}/nothing` },
        'invalid_request',
        /no such address/,
      ],
      [{ ...acme.good(), base_url: 'http://127.0.0.1:9/v1' }, 'network', /could not be reached/],
      [
        {
          ...acme.good(),
          kind: 'anthropic',
          base_url: `${stack.simulatorOrigin}/anthropic`,
          api_key: 'invalid-key',
        },
        'authentication',
        /refused the key/,
      ],
      [
        {
          ...acme.good(),
          kind: 'google',
          base_url: `${stack.simulatorOrigin}/google`,
          api_key: 'invalid-key',
        },
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

  it('can be tested without saving anything: with the list of models, or with a tiny prompt', async () => {
    for (const [kind, path] of [
      ['openai', '/openai/v1'],
      ['anthropic', '/anthropic'],
      ['google', '/google'],
    ]) {
      const target = { kind, base_url: `${stack.simulatorOrigin}${path}`, api_key: 'sk-any' };
      const listed = await admin.post(`${PROVIDERS}/test`, target);
      expect(listed.body).toMatchObject({ ok: true, models: expect.arrayContaining([expect.any(String)]) });
      const asked = await admin.post(`${PROVIDERS}/test`, { ...target, test_model: 'any-model' });
      expect(asked.body).toMatchObject({
        ...{ ok: true, models: null },
        findings: { streams: true, reports_usage: true, tools: 'called', quirks: [] },
      });
    }
    const refused = await admin.post(`${PROVIDERS}/test`, {
      ...{ kind: 'openai', base_url: acme.baseUrl, api_key: 'invalid-key' },
      test_model: 'any-model',
    });
    expect(refused).toMatchObject({ status: 200, body: { ok: false, failure: { kind: 'authentication' } } });
  });

  it('is not sent to a redirect, and not accepted because of an unrelated page with status 200', async () => {
    await withServer(
      { status: 302, headers: { location: `${acme.baseUrl}/models` }, body: '' },
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

  it('that a hostile server echoes is not shown', async () => {
    const body = JSON.stringify({ error: { message: 'I have seen sk-acme-own-9 and will tell' } });
    await withServer({ status: 401, body }, async (origin) => {
      const answer = await admin.post(PROVIDERS, {
        ...acme.good(),
        base_url: origin,
        api_key: 'sk-acme-own-9',
      });
      expect(answer).toMatchObject(refusal(422, 'provider_test_failed'));
      expect(JSON.stringify(answer.body)).not.toContain('sk-acme-own-9');
    });
  });

  it('must be entered again for another base URL, and is sent only there', async () => {
    const { provider, model } = await acme.addModel();
    const path = `${PROVIDERS}/${provider.id}`;
    for (const base_url of [`${acme.baseUrl}/`, null])
      expect(await admin.patch(path, { base_url })).toMatchObject(refusal(400, 'provider_key_required'));
    expect((await admin.patch(path, { base_url: acme.baseUrl, name: named('renamed') })).status).toBe(200);
    const moved = { base_url: `${acme.baseUrl}/`, api_key: 'sk-acme-own-3' };
    expect(await admin.patch(path, moved)).toMatchObject({ status: 200, body: { base_url: moved.base_url } });
    expect((await run(user, model.public_name)).status).toBe(201);
    expect(await admin.patch(path, { api_key: 'invalid-key' })).toMatchObject(
      refusal(422, 'provider_test_failed'),
    );
    expect((await run(user, model.public_name)).status).toBe(201);
  });

  it('is required: a tenant cannot use the platform’s, and neither can a base URL of the platform', async () => {
    const { api_key: _, ...keyless } = acme.good();
    for (const by of [admin, superadmin])
      expect(await by.post(PROVIDERS, keyless)).toMatchObject(refusal(400, 'provider_key_required'));
    expect(await admin.post(PROVIDERS, { ...keyless, base_url: null })).toMatchObject(
      refusal(400, 'provider_key_required'),
    );
    const official = await add(superadmin, PROVIDERS, { ...keyless, base_url: null, priority: 900 });
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
      await admin.post(PROVIDERS, { ...acme.good(), base_url }),
      await admin.post(`${PROVIDERS}/test`, { kind: 'openai', base_url, api_key: 'sk-x' }),
    ]) {
      expect(answer).toMatchObject(refusal(400, 'invalid_request'));
      expect(answer.body.error.details.issues[0].field).toBe('base_url');
    }
  });
});
