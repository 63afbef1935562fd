import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numbersOf, readVector, sizeOf, vectorOf } from '../../../../worker/providers/embedding/vector.ts';

const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 });

describe('a vector', () => {
  it('keeps every number of 32 bits', () => {
    fc.assert(
      fc.property(numbers, (given) => {
        expect(numbersOf(vectorOf(given))).toEqual(given);
      }),
    );
  });

  it('is read from a list of numbers and from base64 alike, with its size', () => {
    fc.assert(
      fc.property(numbers, (given) => {
        const vector = vectorOf(given);
        expect(readVector(given)).toBe(vector);
        expect(readVector(vector)).toBe(vector);
        expect(sizeOf(vector)).toBe(given.length);
      }),
    );
  });

  it('is what OpenAI’s SDK decodes', () => {
    // The SDK reads 32 bits each, little-endian.
    expect(vectorOf([1, -2])).toBe('AACAPwAAAMA=');
  });

  it('is read without its padding', () => {
    expect(readVector('AACAPwAAAMA')).toBe('AACAPwAAAMA=');
  });

  it.each([
    ['nothing', undefined],
    ['an empty list', []],
    ['an empty text', ''],
    ['a list of texts', ['1']],
    ['a list with null', [1, null]],
    ['numbers that are none', [Number.NaN]],
    ['bytes that are no whole number', 'AAAA'],
    ['a text that is no base64', 'not base64!'],
    ['an object', { 0: 1 }],
  ])('is not read from %s', (_name, value) => {
    expect(readVector(value)).toBeNull();
  });
});
