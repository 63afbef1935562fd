import { afterAll, expect, it } from 'vitest';
import { PERCENTILE_ERROR, percentilesOf } from '../../worker/db/usage/histogram.ts';
import { startTestDatabase } from './database.ts';

/** Histograms as the database makes them. */

const database = await startTestDatabase();
const { owner } = database;
afterAll(() => database.stop());

const histogramOf = async (durations: (number | null)[]): Promise<string> =>
  (
    await owner.query(
      'select coalesce(sum(app.histogram_of(ms)), 0)::text as histogram from unnest($1::bigint[]) ms',
      [durations],
    )
  ).rows[0].histogram;

it('every duration up to three hours is the percentiles of its histogram, within the stated error', async () => {
  const durations = Array.from({ length: 700 }, (_, at) => Math.floor(1.0233 ** at));
  expect(durations.at(-1)).toBeGreaterThan(9_000_000);
  const { rows } = await owner.query(
    'select ms::float8, app.histogram_of(ms)::text as histogram from unnest($1::bigint[]) ms',
    [durations],
  );
  expect(rows).toHaveLength(700);
  for (const { ms, histogram } of rows) {
    const found = percentilesOf(histogram);
    expect(found?.p50).toBeGreaterThanOrEqual(ms / (1 + PERCENTILE_ERROR) - 0.5);
    expect(found?.p99).toBeLessThanOrEqual(ms * (1 + PERCENTILE_ERROR) + 0.5);
  }
});

it('a clock that stepped back counts as one millisecond, a month as three hours, and no duration as nothing', async () => {
  expect(percentilesOf(await histogramOf([-5, 0, 1]))).toEqual({ p50: 1, p95: 1, p99: 1 });
  expect(percentilesOf(await histogramOf([30 * 86_400_000]))?.p50).toBe(Math.round(1.1 ** 170.5));
  expect(await histogramOf([null, null])).toBe('0');
});

it('differences of sums are exact, also where one is negative meanwhile', async () => {
  const [all, some, rest] = [
    await histogramOf([5, 70, 70, 4_000, 90_000]),
    await histogramOf([70, 90_000]),
    await histogramOf([5, 70, 4_000]),
  ];
  const { rows } = await owner.query(
    'select (0 - $1::numeric + $2::numeric)::text as back, ($2::numeric - $1::numeric)::text as left',
    [some, all],
  );
  expect(rows).toEqual([{ back: rest, left: rest }]);
});
