import { describe, expect, it } from 'vitest';
import type { CatalogFile } from '../../../contracts/catalog/catalog-file.ts';
import { walletRatesOf } from '../../../contracts/catalog/markup.ts';
import { CATALOG_FILE, readCatalogFile } from '../../../dev/platform/catalog-file.ts';
import {
  type CatalogPlan,
  isEmptyPlan,
  planCatalog,
  type StoredCatalog,
  type StoredModel,
  type StoredPrice,
} from '../../../dev/platform/catalog-plan.ts';
import { describePlan } from '../../../dev/platform/describe-plan.ts';

const NOW = '2026-11-29T12:00:00.000Z';
const DECEMBER = '2026-12-01T00:00:00.000Z';
const PER_USD = 1_000_000;

const rates = (input: number) => ({ input, cache_read: input / 10, cache_write: input, output: input * 5 });

type Price = CatalogFile['providers'][number]['models'][number]['prices'][number];
const price = (input: number, effective_from: string | null = null): Price => ({
  effective_from,
  micro_usd_per_million: rates(input),
});

const model = (prices: Price[], names = ['one']): CatalogFile['providers'][number]['models'][number] => ({
  provider_model: 'one',
  public_names: names,
  kind: 'chat',
  capabilities: {},
  context_window_tokens: 1_000,
  max_output_tokens: 100,
  source: 'https://example.com/one',
  as_of: '2026-11',
  prices,
});

const fileOf = (...models: CatalogFile['providers'][number]['models']): CatalogFile => ({
  version: '2026-11-29',
  wallet_tokens_per_usd: PER_USD,
  providers: [{ id: 'p-1', name: 'Someone', kind: 'openai', priority: 10, models }],
});

const version = (number: number, input: number, effective_from: string, wallet = input): StoredPrice => ({
  version: number,
  effective_from,
  cost: rates(input),
  wallet: walletRatesOf(rates(wallet), PER_USD),
});

const stored = (prices: StoredPrice[], change: Partial<StoredModel> = {}): StoredCatalog => ({
  providers: [{ id: 'p-1', name: 'Someone', kind: 'openai' }],
  models: [
    {
      id: 'm-1',
      provider_id: 'p-1',
      public_name: 'one',
      provider_model: 'one',
      context_window_tokens: 1_000,
      max_output_tokens: 100,
      prices,
      ...change,
    },
  ],
});

/** The catalog after a plan. */
const after = (before: StoredCatalog, plan: CatalogPlan): StoredCatalog => ({
  ...before,
  models: before.models.map((one) => ({
    ...one,
    prices: [
      ...one.prices,
      ...plan.prices.filter(({ model_id }) => model_id === one.id).flatMap(({ prices }) => prices),
    ],
  })),
});

const START = '2026-01-01T00:00:00.000Z';

describe('the plan of a catalog', () => {
  it('for an empty database has every provider and every model under each of its names, priced', () => {
    const plan = planCatalog(
      fileOf(model([price(1_000)], ['one', 'auto'])),
      { providers: [], models: [] },
      NOW,
    );
    expect(plan.providers).toEqual([{ id: 'p-1', name: 'Someone', kind: 'openai', priority: 10 }]);
    expect(plan.models.map(({ public_name, provider_id }) => [public_name, provider_id])).toEqual([
      ['one', 'p-1'],
      ['auto', 'p-1'],
    ]);
    for (const { prices } of plan.models)
      expect(prices).toEqual([{ ...version(1, 1_000, NOW), effective_from: NOW }]);
  });

  it('is empty when nothing differs', () => {
    const plan = planCatalog(fileOf(model([price(1_000)])), stored([version(1, 1_000, START)]), NOW);
    expect(isEmptyPlan(plan)).toBe(true);
    expect(describePlan(plan, NOW)).toEqual(['The catalog is up to date.']);
  });

  it('adds a version for a new price, and one for each announced price, and then has nothing more to add', () => {
    const file = fileOf(model([price(2_000), price(4_000, DECEMBER)]));
    const before = stored([version(1, 1_000, START)]);
    const plan = planCatalog(file, before, NOW);
    expect(plan.prices[0]?.prices).toEqual([version(2, 2_000, NOW), version(3, 4_000, DECEMBER)]);
    const then = after(before, plan);
    for (const moment of [NOW, DECEMBER, '2027-05-01T00:00:00.000Z'])
      expect(isEmptyPlan(planCatalog(file, then, moment))).toBe(true);
  });

  it('takes an announced price back that the file no longer announces', () => {
    const before = stored([version(1, 1_000, START), version(2, 4_000, DECEMBER)]);
    const plan = planCatalog(fileOf(model([price(1_000)])), before, NOW);
    expect(plan.prices[0]?.prices).toEqual([version(3, 1_000, DECEMBER)]);
  });

  it('keeps the rates of the wallet where they were set by hand, and says so', () => {
    const plan = planCatalog(fileOf(model([price(2_000)])), stored([version(1, 1_000, START, 7_000)]), NOW);
    expect(plan.prices[0]).toMatchObject({
      prices: [version(2, 2_000, NOW, 7_000)],
      keeps_wallet_rates: true,
    });
    expect(describePlan(plan, NOW).join('\n')).toContain('set by hand');
  });

  it('leaves models alone that are excepted or not in the file, and names the latter', () => {
    const before = stored([version(1, 1_000, START)]);
    expect(isEmptyPlan(planCatalog(fileOf(model([price(9_000)])), before, NOW, ['one']))).toBe(true);
    const plan = planCatalog(fileOf(), before, NOW);
    expect(isEmptyPlan(plan)).toBe(true);
    expect(plan.unlisted).toMatchObject([{ public_name: 'one' }]);
  });

  it('changes limits, and finds a provider by its name when it was made by hand', () => {
    const before = stored([version(1, 1_000, START)], { max_output_tokens: 50, provider_id: 'by-hand' });
    before.providers = [{ id: 'by-hand', name: 'Someone', kind: 'openai' }];
    const plan = planCatalog(fileOf(model([price(1_000)])), before, NOW);
    expect(plan.providers).toEqual([]);
    expect(plan.limits).toMatchObject([
      { model_id: 'm-1', before: { max_output_tokens: 50 }, after: { max_output_tokens: 100 } },
    ]);
  });
});

it('a wallet token is a millionth of a dollar at the list price, rounded up, on every tier', () => {
  const cost = {
    ...rates(100_000),
    input_audio: 300_000,
    tiers: [{ above_input_tokens: 10, ...rates(100_500) }],
  };
  expect(walletRatesOf(cost, PER_USD)).toEqual({
    input: 100,
    input_audio: 300,
    cache_read: 10,
    cache_write: 100,
    output: 500,
    tiers: [{ above_input_tokens: 10, input: 101, cache_read: 11, cache_write: 101, output: 503 }],
  });
});

it('the catalog of the repository is well formed: no name twice at a provider, and no cache dearer to read than the prompt', async () => {
  const { providers } = await readCatalogFile(CATALOG_FILE);
  expect(providers.map(({ kind }) => kind)).toEqual(['openai', 'anthropic', 'google']);
  for (const { models } of providers) {
    const names = models.flatMap(({ public_names }) => public_names);
    expect(new Set(names).size).toBe(names.length);
    const chats = models.filter(({ kind }) => kind === 'chat');
    for (const { micro_usd_per_million: cost } of chats.flatMap(({ prices }) => prices))
      for (const { input, cache_read, cache_write, output } of [cost, ...(cost.tiers ?? [])]) {
        expect(cache_read).toBeLessThan(input);
        expect(cache_write).toBeGreaterThanOrEqual(input);
        expect(output).toBeGreaterThan(input);
      }
  }
});
