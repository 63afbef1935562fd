import { createHash } from 'node:crypto';

/** The vectors of simulated embedding models. The same text always gets the same vector, and it has the length 1. */

/** Returns a generator of numbers from -1 to 1 that depend on the text alone. */
function numbersFrom(text: string): () => number {
  let state = createHash('sha256').update(text).digest().readUInt32LE(0) || 1;
  return () => {
    // Xorshift of 32 bits.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
}

/** Returns the vector of a text. */
export function vectorOf(text: string, dimensions: number): number[] {
  const next = numbersFrom(text);
  const numbers = Array.from({ length: dimensions }, next);
  const length = Math.hypot(...numbers);
  return numbers.map((number) => Math.fround(number / length));
}

/** Returns the numbers in 32 bits each, as base64. */
export const inBase64 = (numbers: readonly number[]): string =>
  Buffer.from(Float32Array.from(numbers).buffer).toString('base64');

const BYTES_PER_TOKEN = 4;

/** Returns the tokens of a text, as the simulated models count them. */
export const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
