import { describe, expect, it } from 'vitest';
import type { EffectivePrice } from '../../../../contracts/api/catalog.ts';
import type { ListedModel } from '../../../../contracts/api/list-prices.ts';
import { changedClasses, rescaledRates } from '../../../../web/src/features/models/list-price-change.ts';
import {
  emptyPick,
  foundModels,
  pickedClasses,
  readPick,
  withTypedRate,
} from '../../../../web/src/features/models/picked-models.ts';

const list = { input: 2_000_000, cache_read: 200_000, cache_write: 2_000_000, output: 10_000_000 };
const model = (name: string, changes: Partial<ListedModel> = {}): ListedModel => ({
  ...{ provider_model: name, public_names: [name], kind: 'chat', context_window_tokens: 1_000 },
  ...{ max_output_tokens: 100, capabilities: {}, micro_usd_per_million: list },
  ...{ source: 'https://example.com', as_of: '2026-11', added_as: [] },
  ...changes,
});
const models = [model('large'), model('small')];
const picked = { ...emptyPick, picked: ['large', 'small'] };

describe('picked models', () => {
  it('are sent with the markup, which shows the margin of each class beforehand', () => {
    expect(readPick(picked, models, 1_000_000)).toEqual({
      ok: true,
      value: {
        models: [
          { provider_model: 'large', markup_basis_points: 2_500 },
          { provider_model: 'small', markup_basis_points: 2_500 },
        ],
      },
    });
    const [input] = pickedClasses(picked, models[0] as ListedModel, 1_000_000);
    expect(input).toMatchObject({
      name: 'input',
      wallet_tokens_per_1000: 2_500,
      micro_usd_per_million: 2_000_000,
    });
    expect(input?.margin).toBeCloseTo(0.2, 10);
  });

  it('can have prices by hand, which begin with those of the markup', () => {
    const typed = withTypedRate(
      { ...picked, picked: ['small'], pricing: 'by_hand' },
      'small',
      'output',
      9_000,
    );
    expect(readPick(typed, models, 1_000_000)).toEqual({
      ok: true,
      value: {
        models: [
          {
            provider_model: 'small',
            wallet_tokens_per_1000: { input: 2_500, cache_read: 250, cache_write: 2_500, output: 9_000 },
          },
        ],
      },
    });
    const output = pickedClasses(typed, models[1] as ListedModel, 1_000_000).find(
      ({ name }) => name === 'output',
    );
    expect(output?.margin).toBeLessThan(0);
  });

  it('of a kind without output show its input alone', () => {
    const names = pickedClasses(picked, model('vectors', { kind: 'embedding' }), 1_000_000).map(
      ({ name }) => name,
    );
    expect(names).toEqual(['input']);
  });

  it('are at least one, with a markup that is a percentage', () => {
    expect(readPick({ ...picked, picked: [] }, models, 1)).toMatchObject({
      ok: false,
      errors: { models: expect.any(String) },
    });
    for (const markup_percent of ['', -101, 10_001])
      expect(readPick({ ...picked, markup_percent }, models, 1)).toEqual({
        ok: false,
        errors: { markup_percent: 'Enter a percentage from -100 to 10,000' },
      });
  });

  it('are found by a part of a name', () => {
    expect(foundModels(models, ' LAR ').map(({ provider_model }) => provider_model)).toEqual(['large']);
  });
});

describe('a new list price', () => {
  const after = { ...list, input: 4_000_000 };
  const change = { changed_at: '2026-12-01T00:00:00.000Z', before: list, after };
  const wallet = { input: 2_500, cache_read: 250, cache_write: 2_500, output: 12_500 };
  const price = { wallet_tokens_per_1000: wallet, micro_usd_per_million: list } as EffectivePrice;

  it('shows the classes that changed, with the margin before and after', () => {
    const rows = changedClasses({ kind: 'chat', price }, change, 1_000_000);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ name: 'input', before: 2_000_000, after: 4_000_000 });
    expect(rows[0]?.margin_before).toBeCloseTo(0.2, 10);
    expect(rows[0]?.margin_after).toBeCloseTo(-0.6, 10);
  });

  it('keeps the margin with a price that grows as the cost does, in tiers too', () => {
    const tiers = [{ above_input_tokens: 1_000, ...wallet }];
    expect(rescaledRates({ ...price, wallet_tokens_per_1000: { ...wallet, tiers } }, change)).toEqual({
      ...wallet,
      input: 5_000,
      tiers: [{ above_input_tokens: 1_000, ...wallet, input: 5_000 }],
    });
  });
});
