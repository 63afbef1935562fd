import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../contracts/catalog/provider-settings.ts';
import {
  createModel,
  deleteModel,
  getCatalogModel,
  listCatalogModels,
  orderModels,
  updateModel,
} from '../../worker/db/catalog/models.ts';
import { createPrice, listPrices } from '../../worker/db/catalog/price-versions.ts';
import {
  deleteProvider,
  getProvider,
  getSavedProvider,
  insertProvider,
  listProviders,
  mayCallHost,
  orderProviders,
  updateProvider,
} from '../../worker/db/catalog/providers.ts';
import { loadTenant } from '../../worker/db/load-snapshots.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { fixtures } from './fixtures.ts';
import { governedCatalog, modelOf, priceOf, rates, SECRET } from './governed-catalog.ts';
import { claimsOf, got, nobody, refused, startGovernedWorld } from './governed-world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, platform, admin, superadmin, auditOf } = world;
afterAll(() => database.stop());

const user = claimsOf(own);
const { makeProvider, makeModel } = governedCatalog(worker, admin);

/** Returns the catalog and its audit entries as one text. */
const catalog = async () => {
  const tables = [];
  for (const table of ['ai_providers', 'ai_models', 'ai_model_prices', 'audit_log'])
    tables.push((await owner.query(`select * from ${table} order by 1, 2, 3, 4`)).rows);
  return JSON.stringify(tables);
};

describe('a plain user, and an admin of another tenant', () => {
  it('govern nothing of a catalog: the one is told so, the other finds nothing', async () => {
    const { provider, model } = await makeModel();
    const { id } = provider;
    const before = await catalog();
    const attempts = (by: typeof admin): Promise<unknown>[] => [
      getProvider(worker, by, id),
      updateProvider(worker, by, id, { name: 'mine' }, uuidv7()),
      deleteProvider(worker, by, id, uuidv7()),
      orderProviders(worker, by, [id], uuidv7()),
      getCatalogModel(worker, by, model.id),
      updateModel(worker, by, model.id, { enabled: false }, uuidv7()),
      deleteModel(worker, by, model.id, uuidv7()),
      orderModels(worker, by, [model.id], uuidv7()),
      listPrices(worker, by, model.id),
      createPrice(worker, by, model.id, priceOf(), uuidv7()),
    ];
    for (const answer of await Promise.all(attempts(user))) expect(answer).toEqual(refused('forbidden'));
    expect(await listProviders(worker, user)).toEqual(refused('forbidden'));
    expect(await listCatalogModels(worker, user)).toEqual(refused('forbidden'));
    expect(await createModel(worker, user, modelOf(id), uuidv7())).toEqual(refused('forbidden'));
    const row = {
      id: uuidv7(),
      name: 'x',
      kind: 'openai' as const,
      base_url: null,
      priority: 1,
      enabled: true,
      settings: defaultSettings,
    };
    expect(await insertProvider(worker, user, { ...row, api_key_ciphertext: SECRET }, uuidv7())).toEqual(
      refused('forbidden'),
    );
    await owner.query(`update users set role = 'admin' where id = $1`, [foreign.user_id]);
    for (const answer of await Promise.all(attempts(claimsOf(foreign))))
      expect(answer).toEqual(refused('not_found'));
    expect(await createModel(worker, claimsOf(foreign), modelOf(id), uuidv7())).toEqual(
      refused('unknown_provider'),
    );
    await owner.query(`update users set role = 'user' where id = $1`, [foreign.user_id]);
    expect(await catalog()).toBe(before);
  });

  it('do not change the platform’s, which a tenant’s admin sees the models of, but not the providers', async () => {
    const { provider, model } = await makeModel(superadmin);
    const seen = got(await listCatalogModels(worker, admin)).find(({ id }) => id === model.id);
    expect(seen).toMatchObject({ owner: 'platform', provider: null, public_name: model.public_name });
    expect(got(await listProviders(worker, admin)).map(({ id }) => id)).not.toContain(provider.id);
    expect(await updateModel(worker, admin, model.id, { enabled: false }, uuidv7())).toEqual(
      refused('not_found'),
    );
    expect(await deleteModel(worker, admin, model.id, uuidv7())).toEqual(refused('not_found'));
    expect(await getProvider(worker, admin, provider.id)).toEqual(refused('not_found'));
    expect(got(await getCatalogModel(worker, superadmin, model.id))).toMatchObject({
      owner: 'platform',
      provider: { id: provider.id },
    });
  });
});

describe('a provider', () => {
  it('is shown without its key, and written down without it', async () => {
    const made = await makeProvider(admin, { name: 'Ours' }, 'provider-1');
    expect(made).toMatchObject({ name: 'Ours', key: 'own', model_count: 0, enabled: true });
    const changed = got(
      await updateProvider(
        worker,
        admin,
        made.id,
        { base_url: 'https://other.example', api_key_ciphertext: 'v1.1.another' },
        'provider-2',
      ),
    );
    expect(changed).toMatchObject({ name: 'Ours', base_url: 'https://other.example' });
    const { rows } = await owner.query(
      'select api_key_ciphertext, api_key_version from ai_providers where id = $1',
      [made.id],
    );
    expect(rows).toEqual([{ api_key_ciphertext: 'v1.1.another', api_key_version: 2 }]);
    const log = [...(await auditOf('provider-1')), ...(await auditOf('provider-2'))];
    expect(log).toMatchObject([
      { action: 'ai_provider.created', target_type: 'ai_provider', target_id: made.id },
      { action: 'ai_provider.changed', details: { before: { key: 1 }, after: { key: 2 } } },
    ]);
    expect(JSON.stringify([made, changed, log])).not.toMatch(/v1\.1/);
  });

  it('keeps its settings, and shows and writes down the names of its headers without their values', async () => {
    const settings = { ...defaultSettings, extra_headers: { 'X-Gateway': 'gateway-secret' } };
    const made = await makeProvider(admin, { settings }, 'settings-1');
    const changed = got(
      await updateProvider(
        worker,
        admin,
        made.id,
        { settings: { ...settings, idle_timeout_ms: 90_000 } },
        'settings-2',
      ),
    );
    expect(changed.settings).toMatchObject({
      extra_headers: { 'X-Gateway': '[hidden]' },
      idle_timeout_ms: 90_000,
    });
    expect(got(await getSavedProvider(worker, admin, made.id)).settings).toEqual({
      ...settings,
      idle_timeout_ms: 90_000,
    });
    const log = [...(await auditOf('settings-1')), ...(await auditOf('settings-2'))];
    expect(log[1]).toMatchObject({
      details: {
        before: { settings: { extra_headers: ['X-Gateway'], idle_timeout_ms: 60_000 } },
        after: { settings: { extra_headers: ['X-Gateway'], idle_timeout_ms: 90_000 } },
      },
    });
    expect(JSON.stringify([made, changed, log])).not.toMatch('gateway-secret');
  });

  it('from before there were settings has the defaults', async () => {
    const { provider } = await makeModel();
    await owner.query(`update ai_providers set settings = '{}' where id = $1`, [provider.id]);
    expect(got(await getSavedProvider(worker, admin, provider.id)).settings).toEqual(defaultSettings);
  });

  it('has a name of its own in its tenant', async () => {
    const first = await makeProvider();
    const row = { ...first, id: uuidv7(), api_key_ciphertext: SECRET, settings: defaultSettings };
    expect(await insertProvider(worker, admin, row, uuidv7())).toEqual(refused('name_taken'));
    const second = await makeProvider();
    expect(await updateProvider(worker, admin, second.id, { name: first.name }, uuidv7())).toEqual(
      refused('name_taken'),
    );
  });

  it('is removed while it serves nothing, and once it does it is disabled instead', async () => {
    const { provider, model } = await makeModel();
    expect(got(await getProvider(worker, admin, provider.id)).model_count).toBe(1);
    expect(await deleteProvider(worker, admin, provider.id, 'removed-1')).toEqual(refused('in_use'));
    expect(await auditOf('removed-1')).toEqual([]);
    got(await deleteModel(worker, admin, model.id, uuidv7()));
    got(await deleteProvider(worker, admin, provider.id, 'removed-2'));
    expect(await auditOf('removed-2')).toMatchObject([
      { action: 'ai_provider.deleted', target_id: provider.id },
    ]);
    expect(await deleteProvider(worker, admin, provider.id, uuidv7())).toEqual(refused('not_found'));
  });

  it('may be at nobody’s hostname of this platform', async () => {
    const domain = fixtures['public.tenant_domains']?.newRow(foreign, 'service');
    await insertRow(owner, 'tenant_domains', { ...domain, hostname: 'ai.foreign.example', status: 'active' });
    expect(await mayCallHost(worker, admin, 'ai.foreign.example')).toEqual(refused('own_host'));
    expect(await mayCallHost(worker, admin, 'ai.elsewhere.example')).toMatchObject({ ok: true });
    expect(await mayCallHost(worker, admin, null)).toMatchObject({ ok: true });
    expect(await mayCallHost(worker, user, 'ai.elsewhere.example')).toEqual(refused('forbidden'));
  });
});

describe('an order', () => {
  it('is the one in which providers and models are tried from then on, or none at all', async () => {
    const [first, second] = [await makeModel(), await makeModel()];
    const ids = [second.provider.id, first.provider.id];
    got(await orderProviders(worker, admin, ids, 'ordered-1'));
    const listed = got(await listProviders(worker, admin)).filter(({ id }) => ids.includes(id));
    expect(listed.map(({ id, priority }) => [id, priority])).toEqual([
      [second.provider.id, 10],
      [first.provider.id, 20],
    ]);
    expect(await auditOf('ordered-1')).toMatchObject([
      { action: 'ai_providers.ordered', target_id: own.tenant_id, details: { after: ids } },
    ]);
    const before = await catalog();
    for (const strange of [nobody, platform.provider_id])
      expect(await orderProviders(worker, admin, [strange, ...ids], uuidv7())).toEqual(refused('not_found'));
    expect(await catalog()).toBe(before);
    got(await orderModels(worker, admin, [second.model.id, first.model.id], uuidv7()));
    expect(got(await getCatalogModel(worker, admin, first.model.id)).priority).toBe(20);
  });
});

describe('a model', () => {
  it('never promises more output than it has room for, whichever of the two is changed', async () => {
    const { model } = await makeModel();
    for (const patch of [{ max_output_tokens: 1_001 }, { context_window_tokens: 99 }])
      expect(await updateModel(worker, admin, model.id, patch, uuidv7())).toEqual(
        refused('output_exceeds_context'),
      );
    const grown = { context_window_tokens: 4_000, max_output_tokens: 4_000, capabilities: { images: false } };
    expect(got(await updateModel(worker, admin, model.id, grown, 'grown-1'))).toMatchObject(grown);
    expect(await auditOf('grown-1')).toMatchObject([
      { details: { before: { max_output_tokens: 100 }, after: { max_output_tokens: 4_000 } } },
    ]);
  });

  it('serves a name once by the same provider under the same name of theirs', async () => {
    const { provider, model } = await makeModel();
    const again = modelOf(provider.id, { public_name: model.public_name });
    expect(await createModel(worker, admin, again, uuidv7())).toEqual(refused('name_taken'));
    expect(await createModel(worker, admin, { ...again, provider_model: 'n' }, uuidv7())).toMatchObject({
      ok: true,
    });
  });

  it('has a kind that its provider’s protocol serves, and executions find it by it', async () => {
    const provider = await makeProvider();
    const embedding = modelOf(provider.id, { kind: 'embedding', max_output_tokens: 0 });
    const made = got(await createModel(worker, admin, embedding, 'kind-1'));
    expect(made).toMatchObject({ kind: 'embedding', max_output_tokens: 0 });
    expect(await auditOf('kind-1')).toMatchObject([{ details: { after: { kind: 'embedding' } } }]);
    const { rows } = await owner.query('select slug from tenants where id = $1', [own.tenant_id]);
    const { tenant } = await loadTenant(worker, { slug: rows[0].slug }, null);
    const kindOf = (name: string) => tenant?.candidates.find(({ public_name }) => public_name === name)?.kind;
    expect(kindOf(made.public_name)).toBe('embedding');
    const anthropic = await makeProvider(admin, { kind: 'anthropic' });
    const unserved = modelOf(anthropic.id, { kind: 'embedding', max_output_tokens: 0 });
    expect(await createModel(worker, admin, unserved, uuidv7())).toEqual(refused('kind_not_served'));
    expect(await createModel(worker, admin, { ...unserved, provider_id: nobody }, uuidv7())).toEqual(
      refused('unknown_provider'),
    );
    expect(await createModel(worker, user, unserved, uuidv7())).toEqual(refused('forbidden'));
  });

  it('of before kinds is a chat model, and one that chats has an output limit', async () => {
    const { provider, model } = await makeModel();
    expect(model.kind).toBe('chat');
    const mute = { ...modelOf(provider.id), max_output_tokens: 0 };
    await expect(createModel(worker, admin, mute, uuidv7())).rejects.toThrow();
    const strange = owner.query("update ai_models set kind = 'painting' where id = $1", [model.id]);
    await expect(strange).rejects.toThrow(/ai_models_kind_is_known/);
  });

  it('cannot be used before it is priced, nor deleted after', async () => {
    const { model } = await makeModel();
    const { rows } = await owner.query('select slug from tenants where id = $1', [own.tenant_id]);
    const priceNow = async () => {
      const { tenant } = await loadTenant(worker, { slug: rows[0].slug }, null);
      return tenant?.candidates.find(({ public_name }) => public_name === model.public_name)?.price;
    };
    expect([model.price, await priceNow()]).toEqual([null, null]);
    got(await createPrice(worker, admin, model.id, priceOf(), uuidv7()));
    expect(await priceNow()).toEqual({
      list: 'tenant',
      model_id: model.id,
      version: 1,
      cost_list: 'tenant',
      cost_version: 1,
      micro_usd_per_million: rates,
      wallet_tokens_per_1000: rates,
    });
    expect(await deleteModel(worker, admin, model.id, uuidv7())).toEqual(refused('in_use'));
    got(await updateModel(worker, admin, model.id, { enabled: false }, uuidv7()));
    expect(await priceNow()).toBeUndefined();
  });
});

it('each step of governing a catalog is one round trip', async () => {
  const { provider, model } = await makeModel();
  const steps: (() => Promise<unknown>)[] = [
    () => listProviders(worker, admin),
    () => listCatalogModels(worker, admin),
    () => updateProvider(worker, admin, provider.id, { priority: 7 }, uuidv7()),
    () => createModel(worker, admin, modelOf(provider.id), uuidv7()),
    () => createPrice(worker, admin, model.id, priceOf(), uuidv7()),
    () => orderModels(worker, admin, [model.id], uuidv7()),
  ];
  for (const step of steps) expect(await roundTripsOf(database, step)).toBe(1);
});
