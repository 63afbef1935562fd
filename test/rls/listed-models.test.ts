import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { addListedModelsRequest } from '../../contracts/api/list-prices.ts';
import {
  addListedModels,
  decideListPrice,
  listListedModels,
} from '../../worker/catalog/add-listed-models.ts';
import { presentCatalogModel } from '../../worker/catalog/list-prices.ts';
import { getCatalogModel, listCatalogModels } from '../../worker/db/catalog/models.ts';
import { listPrices } from '../../worker/db/catalog/price-versions.ts';
import type { Dependencies } from '../../worker/runtime/dependencies.ts';
import { roundTripsOf } from './database.ts';
import { governedCatalog } from './governed-catalog.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, admin, auditOf } = world;
afterAll(() => database.stop());

const { makeProvider, makeModel } = governedCatalog(worker, admin);
/** What these use cases need of their dependencies. */
const dependencies = (requestId: string = uuidv7()) =>
  ({ database: worker, requestId, settings: { OPENAI_BASE_URL: null } }) as unknown as Dependencies;
const official = () => makeProvider(admin, { base_url: null });
const asked = (...models: object[]) => addListedModelsRequest.parse({ models });
const add = (id: string, models: object[], by: SessionClaims = admin, requestId?: string) =>
  addListedModels(dependencies(requestId), by, id, asked(...models));
const present = async (id: string) =>
  presentCatalogModel(got(await getCatalogModel(worker, admin, id)), dependencies().settings);

/** Writes the list price that a model was last compared with, as an earlier catalog file had it. */
const rememberListPrice = (id: string, list_price: object) =>
  owner.query('update ai_models set list_price = $2 where id = $1', [id, list_price]);

describe('the catalog of a provider', () => {
  it('has the models of its official address, and none of another server', async () => {
    const { id } = await official();
    const listed = got(await listListedModels(dependencies(), admin, id));
    expect(listed.find(({ provider_model }) => provider_model === 'gpt-5.4-mini')).toMatchObject({
      ...{ kind: 'chat', context_window_tokens: 400_000, max_output_tokens: 128_000, added_as: [] },
      micro_usd_per_million: { input: 750_000, output: 4_500_000 },
    });
    const elsewhere = await makeProvider();
    expect(got(await listListedModels(dependencies(), admin, elsewhere.id))).toEqual([]);
  });

  it('gives several models at once, each priced by its markup and the worth of a wallet token', async () => {
    const { id } = await official();
    await owner.query('update tenants set wallet_tokens_per_usd = 100000 where id = $1', [own.tenant_id]);
    const requestId = uuidv7();
    const sent = [
      { provider_model: 'gpt-5.4-mini', markup_basis_points: 2_500 },
      {
        provider_model: 'gpt-6-luna',
        public_name: 'luna',
        wallet_tokens_per_1000: { input: 1, cache_read: 2, cache_write: 3, output: 4 },
      },
    ];
    const models = got(await add(id, sent, admin, requestId));
    await owner.query('update tenants set wallet_tokens_per_usd = 1000000 where id = $1', [own.tenant_id]);
    expect(models).toMatchObject([
      {
        ...{
          public_name: 'gpt-5.4-mini',
          context_window_tokens: 400_000,
          enabled: true,
          list_price_change: null,
        },
        price: {
          ...{ version: 1, list: 'tenant' },
          wallet_tokens_per_1000: { input: 94, cache_read: 10, cache_write: 94, output: 563 },
          micro_usd_per_million: { input: 750_000, output: 4_500_000 },
        },
      },
      {
        public_name: 'luna',
        price: { wallet_tokens_per_1000: { input: 1, cache_read: 2, cache_write: 3, output: 4 } },
      },
    ]);
    const entries = await auditOf(requestId);
    expect(entries.map(({ action, target_id }) => [action, target_id]).sort()).toEqual(
      models.map((model) => ['ai_model.created', model.id]).sort(),
    );
    const listed = got(await listListedModels(dependencies(), admin, id));
    expect(listed.find(({ provider_model }) => provider_model === 'gpt-6-luna')?.added_as).toEqual(['luna']);
  });

  it('gives all models of a request or none', async () => {
    const { id } = await official();
    const priced = { markup_basis_points: 0 };
    got(await add(id, [{ provider_model: 'gpt-6-luna', ...priced }]));
    const before = got(await listCatalogModels(worker, admin)).length;
    const taken = [
      { provider_model: 'gpt-5.4-mini', ...priced },
      { provider_model: 'gpt-6-luna', ...priced },
    ];
    expect(await add(id, taken)).toEqual(refused('name_taken'));
    const [first] = taken;
    expect(await add(id, [{ ...first }, { provider_model: 'unheard-of', ...priced }])).toEqual({
      ok: false,
      failure: { code: 'not_listed', index: 1 },
    });
    expect(await add(id, [{ ...first }, { ...first }])).toEqual({
      ok: false,
      failure: { code: 'named_twice', index: 1 },
    });
    expect(got(await listCatalogModels(worker, admin))).toHaveLength(before);
  });

  it('is for admins of the tenant', async () => {
    const { id } = await official();
    const user = claimsOf(own);
    expect(await listListedModels(dependencies(), user, id)).toEqual(refused('forbidden'));
    expect(await add(id, [{ provider_model: 'gpt-6-luna', markup_basis_points: 0 }], user)).toEqual(
      refused('forbidden'),
    );
    expect(await listListedModels(dependencies(), admin, uuidv7())).toEqual(refused('not_found'));
  });

  it('takes two round trips to add from', async () => {
    const { id } = await official();
    expect(
      await roundTripsOf(database, () => add(id, [{ provider_model: 'gpt-6-luna', markup_basis_points: 0 }])),
    ).toBe(2);
  });
});

describe('a new list price', () => {
  const old = { input: 100, cache_read: 100, cache_write: 100, output: 100 };
  async function changed() {
    const { id: provider } = await official();
    const [model] = got(await add(provider, [{ provider_model: 'gpt-6-luna', markup_basis_points: 0 }]));
    const id = model?.id ?? '';
    await rememberListPrice(id, old);
    await owner.query('alter table ai_model_prices disable trigger user');
    await owner.query('update ai_model_prices set input_micro_usd_per_million = 100 where model_id = $1', [
      id,
    ]);
    await owner.query('alter table ai_model_prices enable trigger user');
    return id;
  }

  it('is told until it is accepted, which makes it the cost and leaves the price', async () => {
    const id = await changed();
    const before = await present(id);
    expect(before.list_price_change).toMatchObject({ before: old, after: { input: 100_000 } });
    const after = got(await decideListPrice(dependencies(), admin, id, { decision: 'accept' }));
    expect(after).toMatchObject({
      list_price_change: null,
      price: {
        version: 2,
        wallet_tokens_per_1000: before.price?.wallet_tokens_per_1000,
        micro_usd_per_million: { input: 100_000 },
      },
    });
    expect(await decideListPrice(dependencies(), admin, id, { decision: 'accept' })).toEqual(
      refused('no_change'),
    );
  });

  it('is not told again once it is declined, and the cost stays', async () => {
    const id = await changed();
    const requestId = uuidv7();
    const after = got(await decideListPrice(dependencies(requestId), admin, id, { decision: 'keep' }));
    expect(after).toMatchObject({
      list_price_change: null,
      price: { version: 1, micro_usd_per_million: { input: 100 } },
    });
    expect(got(await listPrices(worker, admin, id))).toHaveLength(1);
    expect(await auditOf(requestId)).toMatchObject([{ action: 'ai_model.list_price_kept', target_id: id }]);
  });

  it('is nothing to a model that was added by hand', async () => {
    const { model } = await makeModel();
    expect((await present(model.id)).list_price_change).toBeNull();
    expect(await decideListPrice(dependencies(), admin, model.id, { decision: 'keep' })).toEqual(
      refused('no_change'),
    );
  });
});
