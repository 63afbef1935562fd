import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DocumentSchema } from '../../../../web/src/features/api-reference/document.ts';
import { exampleValue } from '../../../../web/src/features/api-reference/example-value.ts';

const size = fc.nat(6);
const between = (min: keyof DocumentSchema, max: keyof DocumentSchema) =>
  fc.tuple(size, size).map(([one, other]) => ({ [min]: Math.min(one, other), [max]: Math.max(one, other) }));
const maybe = (bounds: fc.Arbitrary<object>) => fc.oneof(fc.constant({}), bounds);
const typed = (type: string, ...bounds: fc.Arbitrary<object>[]): fc.Arbitrary<DocumentSchema> =>
  fc.tuple(...bounds.map(maybe)).map((parts) => Object.assign({ type }, ...parts));

const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 4 });

/** Schemas as zod writes them. */
const { schema } = fc.letrec<{ schema: DocumentSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    typed('string', between('minLength', 'maxLength')),
    typed('integer', between('minimum', 'maximum')),
    typed('number', between('minimum', 'maximum')),
    typed(
      'number',
      fc.nat(9).map((bound) => ({ exclusiveMinimum: bound / 10, exclusiveMaximum: bound / 10 + 0.2 })),
    ),
    fc.constant<DocumentSchema>({ type: 'boolean' }),
    fc.constant<DocumentSchema>({ type: ['string', 'null'] }),
    fc.constantFrom<DocumentSchema>(
      { type: 'string', format: 'uuid' },
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'email' },
    ),
    words.map((values) => ({ type: 'string', enum: values })),
    fc
      .tuple(tie('schema'), maybe(between('minItems', 'maxItems')))
      .map(([items, bounds]) => ({ type: 'array', items, ...bounds })),
    fc.tuple(tie('schema'), tie('schema')).map((anyOf) => ({ anyOf })),
    fc
      .tuple(words, fc.infiniteStream(tie('schema')), fc.infiniteStream(fc.boolean()))
      .map(([names, schemas, flips]) => ({
        type: 'object',
        properties: Object.fromEntries(names.map((name) => [name, schemas.next().value])),
        required: names.filter(() => flips.next().value),
        additionalProperties: false,
      })),
  ),
}));

describe('An example', () => {
  it('is a value that its schema takes', () => {
    fc.assert(
      fc.property(schema, (any) => {
        const check = z.fromJSONSchema(any as Parameters<typeof z.fromJSONSchema>[0]);
        expect(check.safeParse(exampleValue(any, {})).error).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, DocumentSchema, unknown]>([
    ['the one it is given', { type: 'string', example: 'Hello' }, 'Hello'],
    ['its only value', { const: 'text' }, 'text'],
    [
      'what is required and nothing else',
      { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string' } }, required: ['a'] },
      { a: 1 },
    ],
    ['the first alternative that is not null', { anyOf: [{ type: 'null' }, { type: 'boolean' }] }, true],
    ['null where anything goes', {}, null],
  ])('is %s', (_name, any, value) => {
    expect(exampleValue(any, {})).toEqual(value);
  });

  it('ends where a schema is inside itself', () => {
    const node: DocumentSchema = {
      type: 'object',
      properties: { next: { $ref: '#/components/schemas/node' } },
      required: ['next'],
    };
    expect(JSON.stringify(exampleValue(node, { node })).length).toBeLessThan(200);
  });
});
