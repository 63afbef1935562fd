import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WALLET_TOKENS_MAX } from '../../../../contracts/amounts.ts';
import type { AppliedPrice } from '../../../../contracts/catalog/price.ts';
import type { Usage } from '../../../../contracts/usage.ts';
import { workedCharge, workedCost } from '../../../../web/src/features/executions/worked-price.ts';
import { chargeOf, costMicroUsd } from '../../../../worker/providers/metering/pricing.ts';

const usage: Usage = {
  input_tokens: 1_200,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 35,
  reasoning_tokens: 30,
};
const price: AppliedPrice = {
  list: 'tenant',
  model_id: '01900000-0000-7000-8000-000000000501',
  version: 3,
  wallet_tokens_per_1000: { input: 2, cache_read: 1, cache_write: 2, output: 4_000 },
  cost_list: 'platform',
  cost_version: 1,
  micro_usd_per_million: { input: 250_000, cache_read: 25_000, cache_write: 250_000, output: 2_000_001 },
};
const charged = { usage, price, tokens_charged: 143, cost_micro_usd: 371, response_cache: null };

describe('What was charged', () => {
  it('is worked out class by class, and rounded up once', () => {
    expect(workedCharge(charged)).toEqual({
      source: 'Version 3 on the tenant’s own list',
      classes: [
        { label: 'Input', factors: '1,200 tokens × 2 per 1,000', product: '2.4' },
        { label: 'Output', factors: '35 tokens × 4,000 per 1,000', product: '140' },
      ],
      sum: '142.4',
      total: '143',
      difference: 'Rounded up to a whole number, once',
    });
  });

  it('has images and audio at their own rate, or at that of input and output', () => {
    const media = { ...usage, input_image_tokens: 1_000, output_audio_tokens: 10 };
    const wallet_tokens_per_1000 = { ...price.wallet_tokens_per_1000, output_audio: 9_000 };
    const execution = { ...charged, usage: media, price: { ...price, wallet_tokens_per_1000 } };
    expect(workedCharge({ ...execution, tokens_charged: 235 })).toMatchObject({
      classes: [
        { label: 'Input' },
        { label: 'Images in the input', factors: '1,000 tokens × 2 per 1,000', product: '2' },
        { label: 'Output' },
        { label: 'Audio in the output', factors: '10 tokens × 9,000 per 1,000', product: '90' },
      ],
      sum: '234.4',
      difference: 'Rounded up to a whole number, once',
    });
  });

  it('is a part of the sum for an answer from the response cache, which costs no provider anything', () => {
    const response_cache = { result: 'hit' as const, price_percent: 25 };
    const hit = { ...charged, response_cache, cost_micro_usd: 0 };
    expect(workedCharge({ ...hit, tokens_charged: 36 })).toMatchObject({
      ...{ sum: '142.4', total: '36' },
      difference:
        '25 % of the sum, for an answer from the response cache. Rounded up to a whole number, once',
    });
    expect(workedCharge({ ...hit, tokens_charged: 30 })?.difference).toContain('Never more than was held');
    expect(workedCost(hit)).toBeNull();
  });

  it('says nothing of rounding where nothing was rounded', () => {
    const whole = { ...charged, usage: { ...usage, input_tokens: 0 }, tokens_charged: 140 };
    expect(workedCharge(whole)).toMatchObject({ sum: '140', total: '140', difference: null });
  });

  it('says why it is less, where a provider reported more than can be', () => {
    const hostile = { ...charged, tokens_charged: 100 };
    expect(workedCharge(hostile)).toMatchObject({ total: '100', difference: 'Never more than was held' });
  });

  it('and what it cost agree with how they are priced, exactly, whatever was used', () => {
    const any = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: WALLET_TOKENS_MAX }));
    const anyRates = fc.record({ input: any, cache_read: any, cache_write: any, output: any });
    const anyUsage = fc.record({
      ...{ input_tokens: any, cache_read_tokens: any, cache_write_tokens: any },
      ...{ output_tokens: any, reasoning_tokens: any },
    });
    fc.assert(
      fc.property(anyUsage, anyRates, anyRates, (used, wallet_tokens_per_1000, micro_usd_per_million) => {
        const charge = chargeOf(used, wallet_tokens_per_1000);
        const cost = costMicroUsd(used, micro_usd_per_million);
        fc.pre(charge.ok && cost.ok);
        if (!charge.ok || !cost.ok) return;
        const execution = {
          usage: used,
          price: { ...price, wallet_tokens_per_1000, micro_usd_per_million },
          tokens_charged: charge.value,
          cost_micro_usd: cost.value,
          response_cache: null,
        };
        for (const worked of [workedCharge(execution), workedCost(execution)])
          expect(worked?.difference ?? 'Rounded').toMatch(/^Rounded/);
      }),
    );
  });

  it('is not worked out where nothing was used, or by a price that nobody wrote down', () => {
    for (const missing of [{ usage: null }, { price: null }]) {
      expect(workedCharge({ ...charged, ...missing })).toBeNull();
      expect(workedCost({ ...charged, ...missing })).toBeNull();
    }
  });
});

describe('What the provider took', () => {
  it('is worked out in dollars, to the last digit, by the list of whoever the model belongs to', () => {
    expect(workedCost(charged)).toEqual({
      source: 'Version 1 on the platform’s list',
      classes: [
        { label: 'Input', factors: '1,200 tokens × $0.25 per million', product: '$0.0003' },
        { label: 'Output', factors: '35 tokens × $2.000001 per million', product: '$0.000070000035' },
      ],
      sum: '$0.000370000035',
      total: '$0.000371',
      difference: 'Rounded up to a millionth of a dollar, once',
    });
  });
});
