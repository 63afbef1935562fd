import type { Usage } from '../../../contracts/usage.ts';

/**
 * Reads the token counts a provider reports. They decide what is charged, and a tenant may point us at any server, so
 * nothing that cannot be a count gets past this file: one bad count makes the whole report worthless.
 */

/** No model reads or writes a hundred million tokens in one call: a larger count is a lie or a mistake. */
const COUNT_MAX = 100_000_000;

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX;

/** A count that must be there: null when it is missing or cannot be one. */
export const requiredCount = (value: unknown): number | null => (isCount(value) ? value : null);

/** A count that may be left out, which means zero: null only when it is there and cannot be one. */
export const optionalCount = (value: unknown): number | null =>
  value === undefined || value === null ? 0 : requiredCount(value);

/** The fields of a report, or null when it is not an object. */
export const fieldsOf = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;

/**
 * The normalized report, or null when a class is unusable: null, negative (a part larger than its whole), past what any
 * call can use, or reasoning larger than the output it is part of.
 */
export function usageOf(classes: { [Class in keyof Usage]: number | null }): Usage | null {
  const { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens } = classes;
  if (!isCount(input_tokens) || !isCount(output_tokens) || !isCount(reasoning_tokens)) return null;
  if (!isCount(cache_read_tokens) || !isCount(cache_write_tokens)) return null;
  if (reasoning_tokens > output_tokens) return null;
  return { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens };
}
