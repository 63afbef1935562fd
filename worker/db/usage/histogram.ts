import type { Percentiles } from '../../../contracts/api/usage.ts';

/**
 * Histograms of durations that are one number each: the count of bucket b times 10^(12 b). They add up as numbers do, so the database sums
 * them with `sum`. Bucket b has the durations of 1.1^b to 1.1^(b+1) ms, and holds up to 10^12 - 1 of them. 0 ms counts as 1 ms, and all
 * above 1.1^170 ms, about three hours, as that (migrations: app.histogram_of).
 */

/** Decimal digits of a bucket's count. */
const DIGITS = 12;
/** The end of a bucket by its beginning. */
const GROWTH = 1.1;

/** The largest error of a percentile, as a share of its value, before it is rounded to a whole millisecond. */
export const PERCENTILE_ERROR = Math.sqrt(GROWTH) - 1;

/** Returns the counts of the buckets, from the shortest durations. Pure. */
function countsOf(histogram: string): number[] {
  const counts: number[] = [];
  for (let end = histogram.length; end > 0; end -= DIGITS)
    counts.push(Number(histogram.slice(Math.max(0, end - DIGITS), end)));
  return counts;
}

/** Returns the middle, by ratio, of the bucket with the duration that a share of all durations does not exceed. Pure. */
function percentileOf(counts: number[], share: number): number {
  const rank = Math.ceil(share * counts.reduce((sum, count) => sum + count, 0));
  let passed = 0;
  const bucket = counts.findIndex((count) => {
    passed += count;
    return passed >= rank;
  });
  return Math.round(GROWTH ** (bucket + 0.5));
}

/** Returns percentiles in milliseconds, or null without durations. Pure. `histogram` is a decimal integer of at least 0. */
export function percentilesOf(histogram: string): Percentiles | null {
  const counts = countsOf(histogram);
  if (counts.every((count) => count === 0)) return null;
  const at = (share: number) => percentileOf(counts, share);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
