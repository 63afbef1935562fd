import { expect, it } from 'vitest';
import { catalogFile } from '../../../contracts/catalog/catalog-file.ts';
import { marginOf, walletRatesOf } from '../../../contracts/catalog/markup.ts';

const list = { input: 750_000, cache_read: 75_000, cache_write: 750_000, output: 4_500_000 };

it('a price without a markup is worth the list price, and one with 25% leaves a fifth of itself', () => {
  expect(walletRatesOf(list, 1_000_000)).toEqual({
    input: 750,
    cache_read: 75,
    cache_write: 750,
    output: 4_500,
  });
  const marked = walletRatesOf(list, 1_000_000, 2_500);
  expect(marked).toEqual({ input: 938, cache_read: 94, cache_write: 938, output: 5_625 });
  expect(marginOf(5_625, 4_500_000, 1_000_000)).toBeCloseTo(0.2, 10);
});

it('rates round up, so that no markup of nothing makes a loss', () => {
  expect(walletRatesOf({ ...list, input: 1 }, 1_000).input).toBe(1);
  expect(walletRatesOf({ ...list, input: 0 }, 1_000_000_000, 1_000_000).input).toBe(0);
});

it('tiers and rates of images are marked up like the others, and stay absent where they are', () => {
  const tier = { above_input_tokens: 200_000, ...list, output_image: 1_000_000 };
  expect(walletRatesOf({ ...list, tiers: [tier] }, 1_000_000, 10_000)).toEqual({
    ...{ input: 1_500, cache_read: 150, cache_write: 1_500, output: 9_000 },
    tiers: [
      {
        above_input_tokens: 200_000,
        ...{ input: 1_500, cache_read: 150, cache_write: 1_500, output: 9_000, output_image: 2_000 },
      },
    ],
  });
});

it('a price below its cost has a negative margin, and a price of nothing has none', () => {
  expect(marginOf(4_000, 4_500_000, 1_000_000)).toBeCloseTo(-0.125, 10);
  expect(marginOf(0, 4_500_000, 1_000_000)).toBeNull();
});

it('a catalog file without prices in their order is refused', () => {
  const model = {
    ...{ provider_model: 'm', public_names: ['m'], context_window_tokens: 1, max_output_tokens: 1 },
    ...{ source: 'https://example.com', as_of: '2026-11' },
    prices: [{ effective_from: '2026-12-01T00:00:00Z', micro_usd_per_million: list }],
  };
  const provider = { id: '00000000-0000-7000-8000-000000000011', name: 'P', kind: 'openai', priority: 1 };
  const file = {
    version: '2026-11-29',
    wallet_tokens_per_usd: 1,
    providers: [{ ...provider, models: [model] }],
  };
  expect(catalogFile.safeParse(file).success).toBe(false);
});
