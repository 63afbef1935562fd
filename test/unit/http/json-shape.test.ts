import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonShape } from '../../../worker/http/json-shape.ts';

const unlimited = { depth: Number.POSITIVE_INFINITY, values: Number.POSITIVE_INFINITY };
const childrenOf = (value: unknown): unknown[] | null =>
  typeof value === 'object' && value !== null ? Object.values(value) : null;

const depthOf = (value: unknown): number => {
  const children = childrenOf(value);
  return children === null ? 0 : 1 + Math.max(0, ...children.map(depthOf));
};

const valuesOf = (value: unknown): number => {
  const children = childrenOf(value);
  if (children === null) return 0;
  return children.reduce((sum: number, child) => sum + valuesOf(child), Math.max(1, children.length));
};

it('is the depth and the number of values, whatever the strings contain', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8, noUnicodeString: false }), (value) => {
      expect(jsonShape(JSON.stringify(value), unlimited)).toEqual({
        depth: depthOf(value),
        values: valuesOf(value),
      });
    }),
  );
  expect(jsonShape(String.raw`["\\\"[[[,", {"\\": "],"}]`, unlimited)).toEqual({ depth: 2, values: 3 });
});

it('is returned even for a text that is not JSON or incomplete', () => {
  expect(jsonShape('', unlimited).depth).toBe(0);
  expect(jsonShape('"never ends [[[', unlimited).depth).toBe(0);
  expect(jsonShape('['.repeat(1_000_000), unlimited).depth).toBe(1_000_000);
});

it('is read no further than its limits', () => {
  const limits = { depth: 100, values: 50_000 };
  expect(jsonShape('['.repeat(1_000_000), limits).depth).toBe(101);
  expect(jsonShape(`[${'1,'.repeat(4_000_000)}1]`, limits).values).toBe(50_001);
});
