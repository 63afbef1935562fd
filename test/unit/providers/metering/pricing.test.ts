import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WALLET_TOKENS_MAX } from '../../../../contracts/amounts.ts';
import {
  answerTokensOf,
  promptTokensOf,
  type RatesByClass,
  type TieredRates,
} from '../../../../contracts/catalog/price.ts';
import type { Usage } from '../../../../contracts/usage.ts';
import {
  chargeOf,
  chargeOfTold,
  costMicroUsd,
  type InputClass,
  worstCaseCharge,
} from '../../../../worker/providers/metering/pricing.ts';

const usage = (changes: Partial<Usage>): Usage => ({
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  ...changes,
});
const rates: RatesByClass = { input: 1_000, cache_read: 100, cache_write: 1_250, output: 4_000 };

const anyTokens = fc.integer({ min: 0, max: 1_000_000 });
const anyRate = fc.integer({ min: 0, max: 10_000_000 });
const anyRates = fc.record({ input: anyRate, cache_read: anyRate, cache_write: anyRate, output: anyRate });
const anyUsage = fc.record({
  input_tokens: anyTokens,
  cache_read_tokens: anyTokens,
  cache_write_tokens: anyTokens,
  output_tokens: anyTokens,
  reasoning_tokens: anyTokens,
});

const amountOf = (result: ReturnType<typeof chargeOf>): number => {
  if (!result.ok) throw new Error(result.failure.code);
  return result.value;
};
const inputOf = ({ input_tokens, cache_read_tokens, cache_write_tokens }: Usage) =>
  input_tokens + cache_read_tokens + cache_write_tokens;

describe('the charge for a call', () => {
  it.each([
    [{ input_tokens: 1 }, 1],
    [{ cache_read_tokens: 1 }, 1],
    [{ cache_read_tokens: 10 }, 1],
    [{ cache_read_tokens: 11 }, 2],
    [{ cache_write_tokens: 4 }, 5],
    [{ output_tokens: 3 }, 12],
    [{ output_tokens: 3, reasoning_tokens: 3 }, 12],
    [{ input_tokens: 10, cache_read_tokens: 5, output_tokens: 7 }, 39],
    [{}, 0],
  ])('of %j is %i wallet tokens', (used, charged) => {
    expect(chargeOf(usage(used), rates)).toEqual({ ok: true, value: charged });
  });

  it('is exact where numbers are not', () => {
    // 3 x 333333333333333 is past what a float divides without error.
    expect(chargeOf(usage({ input_tokens: 3_001 }), { ...rates, input: 333_333_333_333_333 })).toEqual({
      ok: true,
      value: 1_000_333_333_333_333,
    });
  });

  it('is a whole number that is never negative, and at least what it must be', () => {
    fc.assert(
      fc.property(anyUsage, anyRates, (used, prices) => {
        const charged = amountOf(chargeOf(used, prices));
        const exact =
          BigInt(used.input_tokens) * BigInt(prices.input) +
          BigInt(used.cache_read_tokens) * BigInt(prices.cache_read) +
          BigInt(used.cache_write_tokens) * BigInt(prices.cache_write) +
          BigInt(used.output_tokens) * BigInt(prices.output);
        expect(Number.isSafeInteger(charged)).toBe(true);
        expect(BigInt(charged) * 1_000n >= exact).toBe(true);
        expect(BigInt(charged) * 1_000n - exact < 1_000n).toBe(true);
      }),
    );
  });

  it('never falls when more was used', () => {
    fc.assert(
      fc.property(anyUsage, anyUsage, anyRates, (used, more, prices) => {
        const sum = usage({
          input_tokens: used.input_tokens + more.input_tokens,
          cache_read_tokens: used.cache_read_tokens + more.cache_read_tokens,
          cache_write_tokens: used.cache_write_tokens + more.cache_write_tokens,
          output_tokens: used.output_tokens + more.output_tokens,
        });
        expect(amountOf(chargeOf(sum, prices))).toBeGreaterThanOrEqual(amountOf(chargeOf(used, prices)));
      }),
    );
  });

  it('is at most the worst case when the call stayed within its bounds', () => {
    fc.assert(
      fc.property(anyUsage, anyRates, anyTokens, anyTokens, (used, prices, spareInput, spareOutput) => {
        const worst = worstCaseCharge(inputOf(used) + spareInput, used.output_tokens + spareOutput, prices);
        expect(amountOf(chargeOf(used, prices))).toBeLessThanOrEqual(amountOf(worst));
      }),
    );
  });

  it.each([
    [usage({ output_tokens: 1_000 }), { ...rates, output: WALLET_TOKENS_MAX }, true],
    [usage({ output_tokens: 1_001 }), { ...rates, output: WALLET_TOKENS_MAX }, false],
    [usage({ output_tokens: WALLET_TOKENS_MAX }), { ...rates, output: WALLET_TOKENS_MAX }, false],
    [usage({ input_tokens: -1 }), rates, false],
    [usage({ input_tokens: 0.5 }), rates, false],
    [usage({ input_tokens: Number.NaN }), rates, false],
    [usage({}), { ...rates, input: -1 }, false],
  ])('of %j at %j is an amount: %s', (used, prices, fits) => {
    const result = chargeOf(used, prices);
    expect(result.ok).toBe(fits);
    if (!result.ok) expect(result.failure).toEqual({ code: 'amount_out_of_range' });
  });
});

describe('the worst case', () => {
  it('takes every input token to be of the dearest class', () => {
    expect(worstCaseCharge(1_000, 10, rates)).toEqual({ ok: true, value: 1_250 + 40 });
    expect(worstCaseCharge(1_000, 0, { ...rates, cache_read: 9_000 })).toEqual({ ok: true, value: 9_000 });
  });

  it('is refused when it is no amount', () => {
    expect(worstCaseCharge(1_000_000, 1, { ...rates, input: WALLET_TOKENS_MAX })).toMatchObject({
      ok: false,
    });
  });
});

describe('what a call costs us', () => {
  it('is in micro-USD, rounded up once', () => {
    const prices = { input: 3_000_000, cache_read: 300_000, cache_write: 3_750_000, output: 15_000_000 };
    expect(costMicroUsd(usage({ input_tokens: 1_000, output_tokens: 200 }), prices)).toEqual({
      ok: true,
      value: 6_000,
    });
    expect(costMicroUsd(usage({ cache_read_tokens: 1 }), prices)).toEqual({ ok: true, value: 1 });
    expect(costMicroUsd(usage({}), prices)).toEqual({ ok: true, value: 0 });
  });
});

describe('a price with rates for long prompts', () => {
  const long = {
    above_input_tokens: 200_000,
    input: 2_000,
    cache_read: 200,
    cache_write: 2_500,
    output: 6_000,
  };
  const longest = { ...long, above_input_tokens: 500_000, input: 100 };
  const tiered: TieredRates = { ...rates, tiers: [long, longest] };

  it.each([
    [{ input_tokens: 200_000 }, 200_000],
    [{ input_tokens: 200_001 }, 400_002],
    [{ input_tokens: 1, cache_read_tokens: 200_000 }, 40_002],
    [{ input_tokens: 200_001, output_tokens: 1 }, 400_008],
    [{ input_tokens: 500_001 }, 50_001],
  ])('charges all of %j by the tier of its prompt: %i', (used, charged) => {
    expect(amountOf(chargeOf(usage(used), tiered))).toBe(charged);
    expect(amountOf(costMicroUsd(usage(used), tiered))).toBe(Math.ceil(charged / 1_000));
  });

  it('is never above the worst case, at whatever length and whatever the tiers', () => {
    const anyTiers = fc
      .uniqueArray(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 1, maxLength: 4 })
      .chain((lengths) =>
        fc.tuple(
          ...lengths
            .sort((a, b) => a - b)
            .map((above_input_tokens) => anyRates.map((tier) => ({ ...tier, above_input_tokens }))),
        ),
      );
    fc.assert(
      fc.property(anyUsage, anyRates, anyTiers, fc.nat(1_000_000), (used, base, tiers, slack) => {
        const price = { ...base, tiers };
        const worst = worstCaseCharge(inputOf(used) + slack, used.output_tokens, price);
        expect(amountOf(chargeOf(used, price))).toBeLessThanOrEqual(amountOf(worst));
      }),
    );
  });
});

describe('the rate of what a cache keeps for an hour', () => {
  const withHour: TieredRates = { ...rates, cache_write_1h: 2_000 };

  it('prices those tokens alone, or is that of all writes', () => {
    const used = usage({ cache_write_tokens: 4, cache_write_1h_tokens: 6 });
    expect(amountOf(chargeOf(used, withHour))).toBe(5 + 12);
    expect(amountOf(chargeOf(used, rates))).toBe(Math.ceil(12.5));
    expect(promptTokensOf(used)).toBe(10);
  });

  it('is held only where a prompt can have them', () => {
    expect(amountOf(worstCaseCharge(1_000, 0, withHour, []))).toBe(1_250);
    expect(amountOf(worstCaseCharge(1_000, 0, withHour, ['cache_write_1h']))).toBe(2_000);
  });
});

describe('rates of images and audio', () => {
  const withMedia: TieredRates = { ...rates, input_audio: 7_000, output_image: 30_000 };

  it.each([
    [{ input_tokens: 10, input_audio_tokens: 2 }, 10 + 14],
    [{ input_image_tokens: 10 }, 10],
    [{ output_tokens: 1, output_image_tokens: 3 }, 4 + 90],
    [{ output_audio_tokens: 3 }, 12],
    [{ input_image_tokens: 1, input_audio_tokens: 1, output_image_tokens: 1, output_audio_tokens: 1 }, 42],
  ])('price %j at their own rate, or as input and output: %i', (used, charged) => {
    expect(amountOf(chargeOf(usage(used), withMedia))).toBe(charged);
    expect(amountOf(costMicroUsd(usage(used), withMedia))).toBe(Math.ceil(charged / 1_000));
  });

  it('count towards the length of the prompt', () => {
    const tiered = { ...rates, tiers: [{ ...rates, input: 2_000, above_input_tokens: 10 }] };
    expect(amountOf(chargeOf(usage({ input_tokens: 6, input_image_tokens: 5 }), tiered))).toBe(22);
  });

  it('are held for prompts with such media only, and for all answers of a model that has them', () => {
    expect(amountOf(worstCaseCharge(1_000, 0, withMedia, []))).toBe(1_250);
    expect(amountOf(worstCaseCharge(1_000, 0, withMedia, ['input_image']))).toBe(1_250);
    expect(amountOf(worstCaseCharge(1_000, 0, withMedia, ['input_audio']))).toBe(7_000);
    expect(amountOf(worstCaseCharge(1_000, 0, withMedia))).toBe(7_000);
    expect(amountOf(worstCaseCharge(0, 10, withMedia, []))).toBe(300);
    expect(amountOf(chargeOfTold(usage({ input_tokens: 10 }), 10, withMedia))).toBe(10 + 300);
  });

  it('never make a charge that is above the worst case, whatever the prompt holds and the model answers', () => {
    const own = fc.option(anyRate, { nil: undefined });
    const anyOptionalRates = fc
      .tuple(
        anyRates,
        fc.record({
          ...{ input_image: own, input_audio: own, output_image: own, output_audio: own },
          cache_write_1h: own,
        }),
      )
      .map(([base, media]) => ({ ...base, ...media }) as RatesByClass);
    const anyOptionalUsage = fc.record({
      ...{
        base: anyUsage,
        classes: fc.subarray<InputClass>(['input_image', 'input_audio', 'cache_write_1h']),
      },
      ...{ tokens: fc.tuple(anyTokens, anyTokens, anyTokens, anyTokens, anyTokens) },
    });
    const above = fc.integer({ min: 1, max: 3_000_000 });
    fc.assert(
      fc.property(
        anyOptionalUsage,
        anyOptionalRates,
        anyOptionalRates,
        above,
        (given, base, tier, above_input_tokens) => {
          const [image, audio, output_image_tokens, output_audio_tokens, cache_write_1h_tokens] =
            given.tokens;
          const used = {
            ...given.base,
            ...(given.classes.includes('input_image') && { input_image_tokens: image }),
            ...(given.classes.includes('input_audio') && { input_audio_tokens: audio }),
            ...(given.classes.includes('cache_write_1h') && { cache_write_1h_tokens }),
            ...{ output_image_tokens, output_audio_tokens },
          };
          const price = { ...base, tiers: [{ ...tier, above_input_tokens }] };
          const [input, output] = [promptTokensOf(used), answerTokensOf(used)];
          const charged = amountOf(chargeOf(used, price));
          expect(charged).toBeLessThanOrEqual(amountOf(worstCaseCharge(input, output, price, given.classes)));
          const told = { ...used, output_tokens: 0, output_image_tokens: 0, output_audio_tokens: 0 };
          expect(charged).toBeLessThanOrEqual(amountOf(chargeOfTold(told, output, price)));
        },
      ),
    );
  });
});
