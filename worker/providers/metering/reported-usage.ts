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

/** Tokens of images and of audio. */
export type MediaTokens = { image: number; audio: number };

const noMedia: MediaTokens = { image: 0, audio: 0 };

/** The part of the tokens that is neither images nor audio, and both. Where more of them are told than there are tokens, they are cut. */
function partedByMedia(tokens: number, told: MediaTokens): MediaTokens & { rest: number } {
  const audio = Math.min(told.audio, tokens);
  const image = Math.min(told.image, tokens - audio);
  return { rest: tokens - audio - image, image, audio };
}

/** The classes that have tokens. Those that most calls do not have are missing where there are none. */
const present = (classes: Record<string, number>): Partial<Usage> =>
  Object.fromEntries(Object.entries(classes).filter(([, tokens]) => tokens > 0));

/** The counts of a report. Input and output are counted whole: their images and audio are told beside them. */
type Counts = {
  [Class in
    | 'input_tokens'
    | 'cache_read_tokens'
    | 'cache_write_tokens'
    | 'output_tokens'
    | 'reasoning_tokens']: number | null;
} & {
  /** Tokens written to a cache for an hour, which `cache_write_tokens` excludes. */
  cache_write_1h_tokens?: number | null;
};

/** Divides the tokens written to a cache by how long it keeps them. More for an hour than were written are cut; null if a count is impossible. */
export function partedByLifetime(written: number | null, hour: number | null) {
  if (written === null || hour === null) return { cache_write_tokens: null };
  const cache_write_1h_tokens = Math.min(hour, written);
  return { cache_write_tokens: written - cache_write_1h_tokens, cache_write_1h_tokens };
}

/**
 * The usage in disjoint classes, or null when a class is unusable: null, negative (a part exceeded its whole), above the largest
 * plausible count, or reasoning above the output that includes it.
 */
export function normalizedUsage(
  { input_tokens, output_tokens, reasoning_tokens, ...cached }: Counts,
  media: { input: MediaTokens; output: MediaTokens } = { input: noMedia, output: noMedia },
): Usage | null {
  if (!isCount(input_tokens) || !isCount(output_tokens) || !isCount(reasoning_tokens)) return null;
  const { cache_read_tokens, cache_write_tokens, cache_write_1h_tokens = 0 } = cached;
  if (!isCount(cache_read_tokens) || !isCount(cache_write_tokens) || !isCount(cache_write_1h_tokens))
    return null;
  if (reasoning_tokens > output_tokens) return null;
  const input = partedByMedia(input_tokens, media.input);
  const output = partedByMedia(output_tokens - reasoning_tokens, media.output);
  return {
    input_tokens: input.rest,
    ...present({ input_image_tokens: input.image, input_audio_tokens: input.audio }),
    cache_read_tokens,
    cache_write_tokens,
    ...present({ cache_write_1h_tokens }),
    output_tokens: output.rest + reasoning_tokens,
    ...present({ output_image_tokens: output.image, output_audio_tokens: output.audio }),
    reasoning_tokens,
  };
}
