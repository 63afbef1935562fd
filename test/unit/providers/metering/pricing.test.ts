import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WALLET_TOKENS_MAX } from '../../../../contracts/amounts.ts';
import type { Usage } from '../../../../contracts/usage.ts';
import {
  chargeOf,
  costMicroUsd,
  type RatesByClass,
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
