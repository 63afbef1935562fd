import type { Vector } from './embedding.ts';

/** Converts vectors between their forms. Pure. */

const BYTES_PER_NUMBER = 4;

/** Characters of base64 that hold a number. */
const CHARS_PER_NUMBER = (BYTES_PER_NUMBER * 4) / 3;

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Returns the numbers that a vector has, without decoding it. */
export const sizeOf = (vector: Vector): number => Math.floor(vector.length / CHARS_PER_NUMBER);

/** Returns the vector of numbers, each rounded to 32 bits. */
export const vectorOf = (numbers: readonly number[]): Vector =>
  Buffer.from(Float32Array.from(numbers).buffer).toString('base64');

/** Returns the numbers of a vector. */
export function numbersOf(vector: Vector): number[] {
  const bytes = Buffer.from(vector, 'base64');
  return Array.from({ length: bytes.byteLength / BYTES_PER_NUMBER }, (_, at) =>
    bytes.readFloatLE(at * BYTES_PER_NUMBER),
  );
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Reads a vector in either form in which servers write it: a list of numbers, or base64. Null if it is empty or neither. */
export function readVector(value: unknown): Vector | null {
  if (Array.isArray(value)) return value.length > 0 && value.every(isNumber) ? vectorOf(value) : null;
  if (typeof value !== 'string' || !base64.test(value)) return null;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.byteLength === 0 || bytes.byteLength % BYTES_PER_NUMBER !== 0) return null;
  // Written anew, so that every vector has the same alphabet and padding.
  return bytes.toString('base64');
}
