import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonDepth } from '../../../worker/http/json-depth.ts';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

it('is the depth of the value, whatever its strings contain', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8, noUnicodeString: false }), (value) => {
      expect(jsonDepth(JSON.stringify(value))).toBe(depthOf(value));
    }),
  );
  expect(jsonDepth(String.raw`["\\\"[[[", {"\\": "]"}]`)).toBe(2);
});

it('is returned even for a text that is not JSON or incomplete', () => {
  expect(jsonDepth('')).toBe(0);
  expect(jsonDepth('"never ends [[[')).toBe(0);
  expect(jsonDepth('['.repeat(1_000_000))).toBe(1_000_000);
});
