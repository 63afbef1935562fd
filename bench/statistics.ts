/** Medians and spreads. Pure. */

/** The middle of several measurements, and how far they lie apart. */
export type Spread = { median: number; min: number; max: number };

/** Returns the value below which `share` of the ascending `values` lie; NaN when there are none. */
export const quantile = (values: readonly number[], share: number): number =>
  values[Math.floor((values.length - 1) * share)] ?? Number.NaN;

export function spreadOf(values: readonly number[]): Spread {
  const ascending = [...values].sort((one, other) => one - other);
  const middle = ascending.length / 2;
  const upper = ascending[Math.floor(middle)] ?? Number.NaN;
  const lower = ascending[Math.ceil(middle) - 1] ?? Number.NaN;
  return {
    median: (lower + upper) / 2,
    min: ascending[0] ?? Number.NaN,
    max: ascending.at(-1) ?? Number.NaN,
  };
}
