import { describe, expect, it } from 'vitest';
import type { EffectivePrice, Provider } from '../../../../contracts/api/catalog.ts';
import { defaultSettings, withoutValues } from '../../../../contracts/catalog/provider-settings.ts';
import {
  missingCapabilities,
  modelStateOf,
  namedModels,
  priceStateOf,
  rateOf,
} from '../../../../web/src/features/models/model-catalog.ts';
import {
  draftOfModel,
  emptyModelDraft,
  readModelChange,
  readNewModel,
} from '../../../../web/src/features/models/model-draft.ts';
import {
  draftOfPrice,
  hasOptionalFigures,
  readPrice,
  withoutTier,
  withTier,
} from '../../../../web/src/features/models/price-draft.ts';

const at = '2026-11-01T00:00:00.000Z';
const PROVIDER_ID = '01900000-0000-7000-8000-000000000401';

const provider: Provider = {
  id: PROVIDER_ID,
  name: 'Acme OpenAI',
  kind: 'openai',
  base_url: 'https://ai.example.com/v1',
  priority: 10,
  enabled: true,
  key: 'own',
  settings: withoutValues(defaultSettings),
  model_count: 1,
  created_at: at,
  updated_at: at,
};

const classes = (figure: number) => ({
  input: figure,
  cache_read: figure,
  cache_write: figure,
  output: 4 * figure,
});
const price: EffectivePrice = {
  version: 1,
  cost_version: 1,
  list: 'tenant',
  effective_from: at,
  micro_usd_per_million: classes(250_000),
  wallet_tokens_per_1000: classes(1_000),
  created_at: at,
};

const model = {
  id: '01900000-0000-7000-8000-000000000501',
  owner: 'tenant',
  provider: { id: PROVIDER_ID, name: 'Acme OpenAI', kind: 'openai' },
  kind: 'chat',
  public_name: 'fast',
  provider_model: 'gpt-5-nano',
  context_window_tokens: 400_000,
  max_output_tokens: 64_000,
  capabilities: { images: false },
  priority: 0,
  weight: 1,
  list_price_change: null,
  enabled: true,
  price,
  created_at: at,
  updated_at: at,
} as const;

describe('The catalog', () => {
  it('is grouped by public name; a search that finds one candidate shows the others of its name too', () => {
    const other = { ...model, id: 'other', provider: null, provider_model: 'claude' };
    const alone = { ...model, id: 'alone', public_name: 'slow', provider_model: 'gemini' };
    const names = (search: string) =>
      namedModels([model, other, alone], search).map(
        ({ name, candidates }) => `${name} ${candidates.length}`,
      );
    expect(names('')).toEqual(['fast 2', 'slow 1']);
    expect(names(' CLAUDE ')).toEqual(['fast 2']);
    expect(names('the platform')).toEqual(['fast 2']);
    expect(names('nothing like it')).toEqual([]);
  });

  it('says what stands in the way of a model', () => {
    expect(modelStateOf(model, [provider])).toBe('ready');
    expect(modelStateOf({ ...model, price: null }, [provider])).toBe('unpriced');
    expect(modelStateOf({ ...model, price: null }, [{ ...provider, enabled: false }])).toBe(
      'provider_disabled',
    );
    expect(modelStateOf({ ...model, enabled: false }, [provider])).toBe('disabled');
    expect(missingCapabilities(model)).toEqual(['Images']);
  });

  it('tells the price in force from those to come, those past, and those another list overrules', () => {
    const nowMs = Date.parse('2026-11-20T00:00:00Z');
    const later = { ...price, version: 2, effective_from: '2027-01-01T00:00:00Z' };
    const overruled = { ...price, list: 'platform' as const, version: 4 };
    const states = [price, later, { ...price, version: 3 }, overruled].map((version) =>
      priceStateOf(version, price, nowMs),
    );
    expect(states).toEqual(['in_force', 'planned', 'past', 'overruled']);
  });

  it('tells that the platform’s list still says what a model costs, where the tenant’s says what users pay', () => {
    const nowMs = Date.parse('2026-11-20T00:00:00Z');
    const inForce = { ...price, version: 1, cost_version: 2 };
    const tenants = { ...price, micro_usd_per_million: null };
    const platforms = [3, 2, 1].map((version) => ({ ...price, list: 'platform' as const, version }));
    const states = [tenants, ...platforms].map((version) => priceStateOf(version, inForce, nowMs));
    expect(states).toEqual(['in_force', 'overruled', 'cost_in_force', 'overruled']);
  });
});

describe('A model', () => {
  it('names what it cannot do, and leaves the rest to its provider', () => {
    const read = readNewModel({
      ...emptyModelDraft(PROVIDER_ID),
      public_name: ' fast ',
      provider_model: 'gpt-5-nano',
      context_window_tokens: 8_000,
      max_output_tokens: 1_000,
      capabilities: ['tools'],
    });
    expect(read).toMatchObject({ ok: true, value: { public_name: 'fast' } });
    expect(read.ok && read.value.capabilities).toEqual({
      images: false,
      image_urls: false,
      documents: false,
      audio: false,
      json_object: false,
      json_schema: false,
    });
  });

  it('of a kind whose answers have no tokens has no output limit, and its price no rate but that of the input', () => {
    const draft = { ...emptyModelDraft(PROVIDER_ID), kind: 'embedding' as const };
    const read = readNewModel({
      ...{ ...draft, public_name: 'embed', provider_model: 'text-embedding-3-small' },
      context_window_tokens: 8_192,
    });
    expect(read).toMatchObject({ ok: true, value: { kind: 'embedding', max_output_tokens: 0 } });
    const embedding = { ...model, kind: 'embedding' as const, max_output_tokens: 0 };
    const changed = { ...draftOfModel(embedding), context_window_tokens: 4_096 };
    expect(readModelChange(embedding, changed)).toEqual({
      ...{ ok: true, value: { context_window_tokens: 4_096 } },
    });
    const priced = draftOfPrice(null);
    priced.wallet_tokens_per_1000.input = 20;
    priced.micro_usd_per_million.input = 0.02;
    const free = { cache_read: 0, cache_write: 0, output: 0 };
    expect(readPrice(priced, true, 'embedding')).toMatchObject({
      ok: true,
      value: {
        wallet_tokens_per_1000: { input: 20, ...free },
        micro_usd_per_million: { input: 20_000, ...free },
      },
    });
    const { price: inForce } = model;
    const currency = { currency_name: 'credits', currency_name_singular: 'credit' };
    expect(rateOf(inForce, embedding, currency)).toBe('1,000 credits in, per 1,000 tokens');
    expect(rateOf(inForce, model, currency)).toBe('1,000 credits in, 4,000 out, per 1,000 tokens');
  });

  it('cannot answer longer than its context window', () => {
    const draft = { ...draftOfModel(model), max_output_tokens: 400_001 };
    const read = readModelChange(model, draft);
    expect(read.ok ? [] : Object.keys(read.errors)).toEqual(['max_output_tokens']);
    expect(readModelChange(model, draftOfModel(model))).toEqual({ ok: true, value: {} });
  });
});

describe('A price', () => {
  it('keeps the rates for long prompts of the version it starts with, and their lengths for the cost', () => {
    const tier = { above_input_tokens: 200_000, input: 2, cache_read: 2, cache_write: 2, output: 2 };
    const tiered = {
      ...price,
      wallet_tokens_per_1000: { ...price.wallet_tokens_per_1000, tiers: [tier] },
    };
    const read = readPrice(draftOfPrice(tiered), true);
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    expect(read.value.wallet_tokens_per_1000).toEqual(tiered.wallet_tokens_per_1000);
    expect(read.value.micro_usd_per_million?.tiers).toEqual([
      { above_input_tokens: 200_000, ...price.micro_usd_per_million },
    ]);
  });

  it('needs tiers in ascending order, and every figure of them', () => {
    const draft = withTier(withTier(draftOfPrice(price)));
    expect(readPrice(draft, false)).toMatchObject({
      ok: false,
      errors: { 'wallet_tokens_per_1000.tiers.0.above_input_tokens': expect.any(String) },
    });
    const [first, second] = draft.wallet_tokens_per_1000.tiers;
    if (first === undefined || second === undefined) throw new Error('Two tiers were added');
    const filled = (tier: typeof first, above_input_tokens: number) => ({
      ...tier,
      ...{ input: 1, cache_read: 1, cache_write: 1, output: 1 },
      above_input_tokens,
    });
    const descending = {
      ...draft,
      wallet_tokens_per_1000: {
        ...draft.wallet_tokens_per_1000,
        tiers: [filled(first, 2), filled(second, 1)],
      },
    };
    expect(readPrice(descending, false)).toMatchObject({
      ok: false,
      errors: { 'wallet_tokens_per_1000.tiers': expect.any(String) },
    });
    expect(readPrice(withoutTier(descending, 0), false)).toMatchObject({ ok: true });
  });

  it('has rates of images and audio where they are filled in', () => {
    const draft = draftOfPrice(price);
    expect(hasOptionalFigures(draft, '')).toBe(false);
    draft.wallet_tokens_per_1000.input_audio = 7_000;
    draft.micro_usd_per_million.output_image = 30;
    const tiered = withTier(draft);
    Object.assign(tiered.wallet_tokens_per_1000.tiers[0] ?? {}, {
      ...{ above_input_tokens: 9, input: 1, cache_read: 1, cache_write: 1, output: 1, output_audio: 2 },
    });
    const read = readPrice(tiered, false);
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    const { tiers, ...base } = read.value.wallet_tokens_per_1000;
    expect(base).toEqual({ ...price.wallet_tokens_per_1000, input_audio: 7_000 });
    expect(tiers?.[0]).toMatchObject({ output_audio: 2 });
    expect(tiers?.[0]).not.toHaveProperty('input_audio');
    const costed = readPrice(draft, true);
    expect(costed.ok && costed.value.micro_usd_per_million).toMatchObject({ output_image: 30_000_000 });
    expect(hasOptionalFigures(tiered, '')).toBe(true);
    expect(hasOptionalFigures(tiered, 'tiers.0.')).toBe(true);
    const next = draftOfPrice({ ...price, wallet_tokens_per_1000: read.value.wallet_tokens_per_1000 });
    expect(next.wallet_tokens_per_1000).toMatchObject({ input_audio: 7_000, input_image: '' });
  });

  it('begins with the newest version, and sends dollars as micro-dollars', () => {
    const draft = draftOfPrice(price);
    draft.micro_usd_per_million.input = 0.3;
    const read = readPrice(draft, true);
    expect(read.ok && read.value).toEqual({
      wallet_tokens_per_1000: price.wallet_tokens_per_1000,
      micro_usd_per_million: { ...price.micro_usd_per_million, input: 300_000 },
      effective_from: null,
    });
  });

  it('says at each figure what is wrong with it, and at the moment that it must be to come', () => {
    const effective_from = { choice: 'later', at: '2020-01-01T00:00' } as const;
    const draft = { ...draftOfPrice(price), effective_from };
    draft.wallet_tokens_per_1000.output = '';
    const read = readPrice(draft, true);
    expect(read.ok ? [] : Object.keys(read.errors).sort()).toEqual([
      'effective_from',
      'wallet_tokens_per_1000.output',
    ]);
    expect(readPrice(draftOfPrice(null), true)).toMatchObject({ ok: false });
  });

  it('of the platform’s model says nothing of what it costs', () => {
    const draft = draftOfPrice({ ...price, micro_usd_per_million: null });
    draft.micro_usd_per_million.input = 7;
    const read = readPrice(draft, false);
    expect(read.ok && read.value).toEqual({
      wallet_tokens_per_1000: price.wallet_tokens_per_1000,
      effective_from: null,
    });
  });
});
