import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PERCENTILE_ERROR, percentilesOf } from '../../../worker/db/usage/histogram.ts';

/** The histogram of durations in milliseconds, as the database adds it up. */
const histogramOf = (durations: number[]): bigint =>
  durations.reduce(
    (sum, ms) => sum + 10n ** BigInt(12 * Math.floor(Math.log(Math.max(1, ms)) / Math.log(1.1))),
    0n,
  );

/** The duration that a share of all durations does not exceed, exactly. */
const exactly = (durations: number[], share: number): number =>
  durations.toSorted((one, other) => one - other)[Math.ceil(share * durations.length) - 1] ?? Number.NaN;

const durations = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 10_000_000 })),
  { minLength: 1, maxLength: 300 },
);
const shares = { p50: 0.5, p95: 0.95, p99: 0.99 };

const expectNear = (found: number | undefined, exact: number) => {
  expect(found).toBeGreaterThanOrEqual(exact / (1 + PERCENTILE_ERROR) - 0.5);
  expect(found).toBeLessThanOrEqual(exact * (1 + PERCENTILE_ERROR) + 0.5);
};

describe('percentiles of a histogram', () => {
  it('are within the stated error of those of the durations, and half a millisecond', () => {
    expect(PERCENTILE_ERROR).toBeLessThan(0.05);
    fc.assert(
      fc.property(durations, (all) => {
        const found = percentilesOf(String(histogramOf(all)));
        for (const [name, share] of Object.entries(shares))
          expectNear(found?.[name as keyof typeof shares], exactly(all, share));
      }),
    );
  });

  it('of sums are those of all durations together', () => {
    fc.assert(
      fc.property(durations, durations, (some, others) => {
        const sum = histogramOf(some) + histogramOf(others);
        expect(sum).toBe(histogramOf([...some, ...others]));
        expect(percentilesOf(String(sum))).toEqual(percentilesOf(String(histogramOf([...some, ...others]))));
      }),
    );
  });

  it('are exact for counts of a bucket up to a trillion', () => {
    const most = 10n ** 12n - 1n;
    const slow = 10n ** BigInt(12 * 96);
    expect(percentilesOf(String(most))).toEqual({ p50: 1, p95: 1, p99: 1 });
    expect(percentilesOf(String(most * slow + most))?.p50).toBe(1);
    expectNear(percentilesOf(String(most * slow + most))?.p95, 9_800);
  });

  it('do not exist without durations', () => {
    expect(percentilesOf('0')).toBeNull();
  });
});
