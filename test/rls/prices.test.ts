import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { updateLevel } from '../../worker/db/levels.ts';
import { getCatalogModel } from '../../worker/db/models.ts';
import { createPrice, listPrices } from '../../worker/db/price-versions.ts';
import { governedCatalog, priceOf } from './governed-catalog.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';

const { database, worker, own, foreign, admin, superadmin, auditOf } = await startGovernedWorld();
afterAll(() => database.stop());

const user = claimsOf(own);
const { makeModel } = governedCatalog(worker, admin);

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
    expect(got(await createPrice(worker, admin, model.id, priceOf(20), 'priced-1'))).toMatchObject({
      version: 1,
      list: 'tenant',
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

describe('the models of a level', () => {
  it('are named or all of them, by an admin of the tenant, and written down', async () => {
    const set = (by: typeof admin, allowed_models: string[] | null, requestId: string = uuidv7()) =>
      updateLevel(worker, by, own.level_id, { allowed_models }, requestId);
    expect(got(await set(admin, ['a', 'b, "c"'], 'level-1')).allowed_models).toEqual(['a', 'b, "c"']);
    expect(await auditOf('level-1')).toMatchObject([
      { action: 'level.models_changed', details: { before: null, after: ['a', 'b, "c"'] } },
    ]);
    expect(got(await set(admin, [])).allowed_models).toEqual([]);
    expect(got(await set(admin, null)).allowed_models).toBeNull();
    expect(await set(user, null)).toEqual(refused('forbidden'));
    expect(await updateLevel(worker, admin, foreign.level_id, { allowed_models: [] }, uuidv7())).toEqual(
      refused('not_found'),
    );
  });
});
