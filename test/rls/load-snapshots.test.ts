import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCaller, loadTenant } from '../../worker/db/load-snapshots.ts';
import { callerSnapshot, tenantSnapshot } from '../../worker/db/snapshots.ts';
import { insertRow } from '../support/test-database.ts';
import { connectAsWorker, roundTripsOf, startTestDatabase } from './database.ts';
import { fixtures } from './fixtures.ts';
import { makeWorld, modelRow, type Place, providerRow } from './world.ts';

const database = await startTestDatabase();
const { owner } = database;
const { places } = await makeWorld(owner);
const { own, foreign, platform } = places;
const worker = connectAsWorker(database);
afterAll(() => database.stop());

const claimsOf = ({ tenant_id, user_id }: Place, iat = 1_000_000) => ({
  tenantId: tenant_id,
  userId: user_id,
  iat,
  exp: iat + 60,
});
const slugOf = async ({ tenant_id }: Place): Promise<string> =>
  (await owner.query('select slug from tenants where id = $1', [tenant_id])).rows[0].slug;
const slug = await slugOf(own);
const hostname = 'ai.own.example';

const withoutCost = {
  input_micro_usd_per_million: null,
  cache_read_micro_usd_per_million: null,
  cache_write_micro_usd_per_million: null,
  output_micro_usd_per_million: null,
};
const priceRow = (list: string, model: { tenant_id: string; id: string }, version: number, change = {}) => ({
  ...fixtures['public.ai_model_prices']?.newRow(own, 'service'),
  tenant_id: list,
  model_tenant_id: model.tenant_id,
  model_id: model.id,
  version,
  ...(list === model.tenant_id ? {} : withoutCost),
  ...change,
});

const firstProvider = { ...providerRow(own.tenant_id), name: 'first', priority: 1 };
const lastProvider = {
  ...providerRow(platform.tenant_id),
  name: 'last',
  priority: 900,
  api_key_ciphertext: null,
};
const disabledProvider = { ...providerRow(own.tenant_id), name: 'off', priority: 1, enabled: false };
const model = (provider: { tenant_id: string; id: string }, priority: number) => ({
  ...modelRow(provider.tenant_id, provider.id),
  public_name: 'smart',
  provider_model: `smart-${priority}`,
  priority,
});
const models = [
  model(lastProvider, 1),
  model(firstProvider, 2),
  model(firstProvider, 1),
  model(disabledProvider, 1),
];

beforeAll(async () => {
  const level = {
    ...fixtures['public.level_token_policies']?.newRow(own, 'service'),
    allocation_tokens: 500,
  };
  await insertRow(owner, 'level_token_policies', level);
  const domain = fixtures['public.tenant_domains']?.newRow(own, 'service');
  await insertRow(owner, 'tenant_domains', { ...domain, hostname, status: 'active' });
  for (const row of [firstProvider, lastProvider, disabledProvider])
    await insertRow(owner, 'ai_providers', row);
  for (const row of models) await insertRow(owner, 'ai_models', row);
});

const smart = async () => {
  const { tenant } = await loadTenant(worker, { slug }, null);
  return tenant?.candidates.filter(({ public_name }) => public_name === 'smart') ?? [];
};

describe('a tenant', () => {
  it('is loaded by hostname or slug together with its caller, in one round trip', async () => {
    for (const key of [{ hostname }, { slug }]) {
      let loaded: Awaited<ReturnType<typeof loadTenant>> | undefined;
      const trips = await roundTripsOf(database, async () => {
        loaded = await loadTenant(worker, key, claimsOf(own));
      });
      expect(trips).toBe(1);
      expect(loaded?.tenant?.id).toBe(own.tenant_id);
      expect(loaded?.caller).toMatchObject({ ok: true, value: { user: { id: own.user_id }, api_key: null } });
    }
  });

  it('and its caller survive the cache: what JSON gives back parses to the same', async () => {
    const { tenant, caller } = await loadTenant(worker, { slug }, claimsOf(own));
    expect(tenantSnapshot.parse(JSON.parse(JSON.stringify(tenant)))).toEqual(tenant);
    const known = caller?.ok === true ? caller.value : null;
    expect(callerSnapshot.parse(JSON.parse(JSON.stringify(known)))).toEqual(known);
  });

  it('that nobody has is null', async () => {
    expect(await loadTenant(worker, { hostname: 'nobody.example' }, null)).toEqual({
      tenant: null,
      caller: null,
    });
    expect(await loadTenant(worker, { slug: 'nobody' }, claimsOf(own))).toMatchObject({ tenant: null });
  });

  it('is there for a caller whom the database refuses, without them', async () => {
    const stranger = { ...claimsOf(own), userId: foreign.user_id };
    const { tenant, caller } = await loadTenant(worker, { slug }, stranger);
    const refusal = { ok: false, failure: { code: 'unauthenticated' } };
    expect([tenant?.id, caller]).toEqual([own.tenant_id, refusal]);
  });

  it('that is suspended says so', async () => {
    await owner.query(`update tenants set status = 'suspended' where id = $1`, [foreign.tenant_id]);
    const { tenant } = await loadTenant(worker, { slug: await slugOf(foreign) }, null);
    expect(tenant?.status).toBe('suspended');
    await owner.query(`update tenants set status = 'active' where id = $1`, [foreign.tenant_id]);
  });
});

describe('candidates', () => {
  it('come by priority of provider, then of model, from the tenant and the platform, without what is disabled', async () => {
    expect((await smart()).map(({ provider, provider_model }) => [provider.name, provider_model])).toEqual([
      ['first', 'smart-1'],
      ['first', 'smart-2'],
      ['last', 'smart-1'],
    ]);
    const { tenant } = await loadTenant(worker, { slug }, null);
    const owners = new Set(tenant?.candidates.map(({ provider }) => provider.tenant_id));
    expect(owners).toEqual(new Set([own.tenant_id, platform.tenant_id]));
  });

  it('have no price until somebody gives them one', async () => {
    expect((await smart()).map(({ price }) => price)).toEqual([null, null, null]);
  });

  it('cost what the newest price in force says, on the tenant’s own list before the platform’s', async () => {
    const [shared] = models;
    if (shared === undefined) throw new Error('no model');
    const versionNow = async () => (await smart())[2]?.price?.version;
    await insertRow(owner, 'ai_model_prices', priceRow(platform.tenant_id, shared, 1));
    expect(await versionNow()).toBe(1);
    await insertRow(owner, 'ai_model_prices', priceRow(platform.tenant_id, shared, 2));
    expect(await versionNow()).toBe(2);
    const later = { effective_from: '2999-01-01T00:00:00Z' };
    await insertRow(owner, 'ai_model_prices', priceRow(platform.tenant_id, shared, 3, later));
    expect(await versionNow()).toBe(2);
    const earlier = { effective_from: '2020-01-01T00:00:00Z', output_wallet_tokens_per_1000: 77 };
    await insertRow(owner, 'ai_model_prices', priceRow(own.tenant_id, shared, 9, earlier));
    await insertRow(owner, 'ai_model_prices', priceRow(foreign.tenant_id, shared, 10));
    expect((await smart())[2]?.price).toMatchObject({
      ...{ list: 'tenant', model_id: shared.id, version: 9, wallet_tokens_per_1000: { output: 77 } },
      // The cost is the newest on the platform's list.
      ...{ cost_list: 'platform', cost_version: 2, micro_usd_per_million: { output: 1 } },
    });
    await insertRow(
      owner,
      'ai_model_prices',
      priceRow(platform.tenant_id, shared, 4, { output_micro_usd_per_million: 5 }),
    );
    expect((await smart())[2]?.price).toMatchObject({
      ...{ version: 9, cost_version: 4, micro_usd_per_million: { output: 5 } },
    });
  });
});

describe('a caller', () => {
  it('lives by their level’s policy, with their own override laid over it field by field', async () => {
    const before = await loadCaller(worker, claimsOf(own));
    expect(before).toMatchObject({
      ok: true,
      value: { policy: { allocation_tokens: 500, enforcement: 'hard' } },
    });
    const override = { tenant_id: own.tenant_id, user_id: own.user_id, enforcement: 'warn' };
    await insertRow(owner, 'user_token_policies', override);
    const after = await loadCaller(worker, claimsOf(own));
    expect(after).toMatchObject({
      ok: true,
      value: { policy: { allocation_tokens: 500, enforcement: 'warn' } },
    });
    const versions = [before, after].map((caller) => (caller.ok ? caller.value.policy.version : 0));
    expect(versions[1]).toBeGreaterThan(versions[0] ?? 0);
    expect(Math.abs((versions[1] ?? 0) / 1_000 - Date.now())).toBeLessThan(60_000);
  });

  it.each([
    ['session_revoked', 'users', `signed_out_at = '2026-11-01T12:00:00Z'`, 'signed_out_at = null'],
    ['user_disabled', 'users', `status = 'disabled'`, `status = 'active'`],
    ['tenant_suspended', 'tenants', `status = 'suspended'`, `status = 'active'`],
  ])('is refused as %s', async (code, table, change, undo) => {
    const id = table === 'users' ? own.user_id : own.tenant_id;
    await owner.query(`update ${table} set ${change} where id = $1`, [id]);
    expect(await loadCaller(worker, claimsOf(own))).toEqual({ ok: false, failure: { code } });
    await owner.query(`update ${table} set ${undo} where id = $1`, [id]);
  });

  it('is refused as unauthenticated in a tenant that is not theirs', async () => {
    const elsewhere = { ...claimsOf(own), tenantId: foreign.tenant_id };
    expect(await loadCaller(worker, elsewhere)).toEqual({ ok: false, failure: { code: 'unauthenticated' } });
  });
});
