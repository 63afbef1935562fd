import type { Usage } from '../../../contracts/usage.ts';

/**
 * Reads the token counts of providers' usage reports. Charges are based on them and a tenant may name any server, so one
 * impossible count makes the whole report unusable. Pure.
 */

/** The largest plausible count. No model reads or writes a hundred million tokens in one call. */
const COUNT_MAX = 100_000_000;

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX;

/** A required count: null when it is missing or impossible. */
export const requiredCount = (value: unknown): number | null => (isCount(value) ? value : null);

/** An optional count: zero when it is missing, null when it is impossible. */
export const optionalCount = (value: unknown): number | null =>
  value === undefined || value === null ? 0 : requiredCount(value);

/** The fields of an object, or null for any other value. */
export const fieldsOf = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;

/**
 * The usage in disjoint classes, or null when a class is unusable: null, negative (a part exceeded its whole), above the largest
 * plausible count, or reasoning above the output that includes it.
 */
export function normalizedUsage(classes: { [Class in keyof Usage]: number | null }): Usage | null {
  const { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens } = classes;
  if (!isCount(input_tokens) || !isCount(output_tokens) || !isCount(reasoning_tokens)) return null;
  if (!isCount(cache_read_tokens) || !isCount(cache_write_tokens)) return null;
  if (reasoning_tokens > output_tokens) return null;
  return { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens };
}
