import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { createPriceRequest } from '../../contracts/api/catalog.ts';
import { getCatalogModel } from '../../worker/db/catalog/models.ts';
import { createPrice, listPrices } from '../../worker/db/catalog/price-versions.ts';
import { updateLevel } from '../../worker/db/levels/level-changes.ts';
import { governedCatalog, priceOf, rates } from './governed-catalog.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';

const { database, worker, own, foreign, admin, superadmin, auditOf } = await startGovernedWorld();
afterAll(() => database.stop());

const user = claimsOf(own);
const { makeModel } = governedCatalog(worker, admin);

/** A tenant's price for a platform model: the user's price without a cost. */
const forUsers = (output: number) =>
  createPriceRequest.parse({ wallet_tokens_per_1000: { ...rates, output } });
/** A price with a cost, which only the owner of the model can set. */
const costing = (input: number) =>
  createPriceRequest.parse({
    micro_usd_per_million: { ...rates, input },
    wallet_tokens_per_1000: rates,
  });

describe('a price', () => {
  it('is a new version each time, in force from its moment on, and every version stays', async () => {
    const { model } = await makeModel();
    const price = (output: number, from: string | null = null) =>
      createPrice(worker, admin, model.id, priceOf(output, from), uuidv7());
    expect(got(await price(1))).toMatchObject({ version: 1, list: 'tenant' });
    expect(got(await price(2))).toMatchObject({ version: 2 });
    expect(got(await price(3, '2999-01-01T00:00:00+01:00'))).toMatchObject({
      version: 3,
      effective_from: '2998-12-31T23:00:00.000Z',
    });
    expect(got(await getCatalogModel(worker, admin, model.id)).price).toMatchObject({
      version: 2,
      wallet_tokens_per_1000: { output: 2 },
    });
    const versions = got(await listPrices(worker, admin, model.id));
    expect(versions.map(({ version }) => version)).toEqual([3, 2, 1]);
  });

  it('that is sent twice, or many times at once, is one version', async () => {
    const { model } = await makeModel();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => createPrice(worker, admin, model.id, priceOf(5), uuidv7())),
    );
    expect(answers.map((answer) => got(answer).version)).toEqual([1, 1, 1, 1, 1, 1]);
    const different = await Promise.all(
      [6, 7, 8].map((output) => createPrice(worker, admin, model.id, priceOf(output), uuidv7())),
    );
    expect(different.map((answer) => got(answer).version).toSorted()).toEqual([2, 3, 4]);
  });

  it('of a tenant goes before the platform’s on the platform’s model, for that tenant alone', async () => {
    const { model } = await makeModel(superadmin);
    got(await createPrice(worker, superadmin, model.id, priceOf(10), uuidv7()));
    expect(got(await createPrice(worker, admin, model.id, forUsers(20), 'priced-1'))).toMatchObject({
      version: 1,
      list: 'tenant',
      micro_usd_per_million: null,
    });
    expect(got(await getCatalogModel(worker, admin, model.id)).price).toMatchObject({ list: 'tenant' });
    expect(got(await listPrices(worker, admin, model.id)).map(({ list }) => list)).toEqual([
      'tenant',
      'platform',
    ]);
    const forPlatform = got(await getCatalogModel(worker, superadmin, model.id)).price;
    expect(forPlatform).toMatchObject({ list: 'platform', wallet_tokens_per_1000: { output: 10 } });
    expect(await auditOf('priced-1')).toMatchObject([
      { action: 'ai_model.priced', target_id: model.id, details: { after: { version: 1 } } },
    ]);
  });
});

describe('rates for long prompts', () => {
  const tiers = [{ ...rates, above_input_tokens: 200_000, output: 9 }];

  it('are in force with their version, and make a new one when they change', async () => {
    const { model } = await makeModel();
    const request = createPriceRequest.parse({
      wallet_tokens_per_1000: { ...rates, tiers },
      micro_usd_per_million: { ...rates, tiers },
    });
    const price = (wanted: typeof request) => createPrice(worker, admin, model.id, wanted, uuidv7());
    expect(got(await price(request))).toMatchObject({ version: 1, wallet_tokens_per_1000: { tiers } });
    expect(got(await price(request))).toMatchObject({ version: 1 });
    const { price: inForce } = got(await getCatalogModel(worker, admin, model.id));
    expect(inForce?.wallet_tokens_per_1000).toEqual({ ...rates, tiers });
    expect(inForce?.micro_usd_per_million).toEqual({ ...rates, tiers });
    const plain = createPriceRequest.parse({ wallet_tokens_per_1000: rates, micro_usd_per_million: rates });
    expect(got(await price(plain))).toMatchObject({ version: 2, wallet_tokens_per_1000: rates });
    const { price: later } = got(await getCatalogModel(worker, admin, model.id));
    expect(later?.wallet_tokens_per_1000).not.toHaveProperty('tiers');
  });

  it('of the provider are the owner’s to set, like its other rates', async () => {
    const { model } = await makeModel(superadmin);
    got(await createPrice(worker, superadmin, model.id, priceOf(1), uuidv7()));
    await expect(
      database.owner.query(
        `insert into ai_model_prices (tenant_id, model_tenant_id, model_id, version, cost_tiers,
           input_wallet_tokens_per_1000, cache_read_wallet_tokens_per_1000,
           cache_write_wallet_tokens_per_1000, output_wallet_tokens_per_1000)
         select $1, tenant_id, id, 1, '[]', 1, 1, 1, 1 from ai_models where id = $2`,
        [admin.tenantId, model.id],
      ),
    ).rejects.toThrow('ai_model_prices_tiers_of_owners');
  });
});

describe('rates of images, audio and an hour in the cache', () => {
  it('are in force with their version, are missing where they are not set, and make a new one when they change', async () => {
    const { model } = await makeModel();
    const media = { input_image: 2, input_audio: 7, output_image: 30, output_audio: 0 };
    const wallet = { ...rates, ...media, cache_write_1h: 5 };
    const cost = { ...rates, output_image: 30_000_000, cache_write_1h: 6 };
    const request = (wallet_tokens_per_1000: object) =>
      createPriceRequest.parse({ wallet_tokens_per_1000, micro_usd_per_million: cost });
    const price = (wanted: object) => createPrice(worker, admin, model.id, request(wanted), uuidv7());
    expect(got(await price(wallet))).toMatchObject({ version: 1, wallet_tokens_per_1000: wallet });
    expect(got(await price(wallet))).toMatchObject({ version: 1 });
    const { price: inForce } = got(await getCatalogModel(worker, admin, model.id));
    expect(inForce?.wallet_tokens_per_1000).toEqual(wallet);
    expect(inForce?.micro_usd_per_million).toEqual(cost);
    expect(got(await price({ ...wallet, input_image: 3 }))).toMatchObject({ version: 2 });
    expect(got(await price(rates)).wallet_tokens_per_1000).toEqual(rates);
  });

  it('of the provider are the owner’s to set, and within the range of amounts', async () => {
    const { model } = await makeModel(superadmin);
    got(await createPrice(worker, superadmin, model.id, priceOf(1), uuidv7()));
    const insert = (column: string, value: string) =>
      database.owner.query(
        `insert into ai_model_prices (tenant_id, model_tenant_id, model_id, version, ${column},
           input_wallet_tokens_per_1000, cache_read_wallet_tokens_per_1000,
           cache_write_wallet_tokens_per_1000, output_wallet_tokens_per_1000)
         select $1, tenant_id, id, 1, ${value}, 1, 1, 1, 1 from ai_models where id = $2`,
        [admin.tenantId, model.id],
      );
    const media = ['media_costs_of_owners', 'media_in_range'] as const;
    for (const [name, ofOwners, inRange] of [
      ['input_image', ...media],
      ['input_audio', ...media],
      ['output_image', ...media],
      ['output_audio', ...media],
      ['cache_write_1h', 'hour_cost_of_owners', 'hour_in_range'],
    ] as const) {
      const cost = `${name}_micro_usd_per_million`;
      await expect(insert(cost, '1')).rejects.toThrow(`ai_model_prices_${ofOwners}`);
      const rate = `${name}_wallet_tokens_per_1000`;
      await expect(insert(rate, '-1')).rejects.toThrow(`ai_model_prices_${inRange}`);
    }
  });
});

describe('what a provider charges', () => {
  const costNow = async (by: typeof admin, id: string) => {
    const { price } = got(await getCatalogModel(worker, by, id));
    return [price?.micro_usd_per_million.input, price?.cost_version];
  };

  it('for the platform’s model is the platform’s newest word on it, whatever a tenant lets its users pay', async () => {
    const { model } = await makeModel(superadmin);
    got(await createPrice(worker, superadmin, model.id, costing(700), uuidv7()));
    got(await createPrice(worker, admin, model.id, forUsers(20), uuidv7()));
    expect(await costNow(admin, model.id)).toEqual([700, 1]);
    got(await createPrice(worker, superadmin, model.id, costing(900), uuidv7()));
    expect(await costNow(admin, model.id)).toEqual([900, 2]);
    const { price } = got(await getCatalogModel(worker, admin, model.id));
    expect(price).toMatchObject({ list: 'tenant', version: 1, wallet_tokens_per_1000: { output: 20 } });
  });

  it('for the platform’s model is not a tenant’s to say: nothing is written down', async () => {
    const { model } = await makeModel(superadmin);
    got(await createPrice(worker, superadmin, model.id, costing(700), uuidv7()));
    for (const request of [costing(0), costing(700)])
      expect(await createPrice(worker, admin, model.id, request, 'not-yours')).toEqual(
        refused('cost_not_yours'),
      );
    expect(got(await listPrices(worker, admin, model.id))).toHaveLength(1);
    expect(await auditOf('not-yours')).toEqual([]);
    expect(await costNow(admin, model.id)).toEqual([700, 1]);
  });

  it('for its own model each says itself', async () => {
    const own = await makeModel();
    const shared = await makeModel(superadmin);
    expect(await createPrice(worker, admin, own.model.id, forUsers(1), uuidv7())).toEqual(
      refused('cost_missing'),
    );
    expect(await createPrice(worker, superadmin, shared.model.id, forUsers(1), uuidv7())).toEqual(
      refused('cost_missing'),
    );
    got(await createPrice(worker, admin, own.model.id, costing(300), uuidv7()));
    expect(await costNow(admin, own.model.id)).toEqual([300, 1]);
  });

  it('is said before a tenant sells it: what the platform has not priced yet, nobody prices', async () => {
    const { model } = await makeModel(superadmin);
    expect(await createPrice(worker, admin, model.id, forUsers(1), uuidv7())).toEqual(
      refused('model_unpriced'),
    );
    got(await createPrice(worker, superadmin, model.id, priceOf(1, '2999-01-01T00:00:00Z'), uuidv7()));
    expect(await createPrice(worker, admin, model.id, forUsers(1), uuidv7())).toEqual(
      refused('model_unpriced'),
    );
  });

  it('may be nothing to users: wallet tokens are their tenant’s to give away', async () => {
    const { model } = await makeModel(superadmin);
    got(await createPrice(worker, superadmin, model.id, costing(700), uuidv7()));
    const free = createPriceRequest.parse({
      wallet_tokens_per_1000: { input: 0, cache_read: 0, cache_write: 0, output: 0 },
    });
    got(await createPrice(worker, admin, model.id, free, uuidv7()));
    expect(got(await createPrice(worker, admin, model.id, free, uuidv7())).version, 'sent twice').toBe(1);
    expect(await costNow(admin, model.id)).toEqual([700, 1]);
  });
});

describe('the models of a level', () => {
  it('are named or all of them, by an admin of the tenant, and written down', async () => {
    const set = (by: typeof admin, allowed_models: string[] | null, requestId: string = uuidv7()) =>
      updateLevel(worker, by, own.level_id, { allowed_models }, requestId);
    expect(got(await set(admin, ['a', 'b, "c"'], 'level-1')).allowed_models).toEqual(['a', 'b, "c"']);
    expect(await auditOf('level-1')).toMatchObject([
      {
        action: 'level.changed',
        details: { before: { allowed_models: null }, after: { allowed_models: ['a', 'b, "c"'] } },
      },
    ]);
    expect(got(await set(admin, [])).allowed_models).toEqual([]);
    expect(got(await set(admin, null)).allowed_models).toBeNull();
    expect(await set(user, null)).toEqual(refused('forbidden'));
    expect(await updateLevel(worker, admin, foreign.level_id, { allowed_models: [] }, uuidv7())).toEqual(
      refused('not_found'),
    );
  });
});
