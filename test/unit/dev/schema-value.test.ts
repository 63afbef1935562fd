import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { valueFor } from '../../../dev/simulators/schema-value.ts';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

describe('a value for a JSON Schema', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a string', { type: 'string' }],
    ['a string of a length', { type: 'string', minLength: 20, maxLength: 24 }],
    ['a short string', { type: 'string', maxLength: 3 }],
    ['a date', { type: 'string', format: 'date' }],
    ['a uuid', { type: 'string', format: 'uuid' }],
    ['an email', { type: 'string', format: 'email' }],
    ['an integer', { type: 'integer', minimum: 3, maximum: 9 }],
    ['a number above another', { type: 'number', exclusiveMinimum: 5 }],
    ['a multiple', { type: 'integer', minimum: 7, multipleOf: 5 }],
    ['a boolean', { type: 'boolean' }],
    ['null', { type: 'null' }],
    ['a choice', { enum: ['red', 'green'] }],
    ['a constant', { const: 7 }],
    ['what may be null', { type: ['string', 'null'] }],
    ['one of several', { anyOf: [{ type: 'integer' }, { type: 'null' }] }],
    ['exactly one of several', { oneOf: [{ type: 'string' }, { type: 'integer' }] }],
    ['a list', { type: 'array', items: { type: 'integer' }, minItems: 3 }],
    ['a pair', { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] }],
    [
      'an object',
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'object', properties: { c: { type: 'number' } } } },
        required: ['a', 'b'],
        additionalProperties: false,
      },
    ],
    [
      'all of several',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { type: 'object', properties: { b: { type: 'integer' } }, required: ['b'] },
        ],
      },
    ],
    [
      'a schema that contains itself',
      {
        $ref: '#/$defs/tree',
        $defs: {
          tree: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              children: { type: 'array', items: { $ref: '#/$defs/tree' } },
              next: { anyOf: [{ $ref: '#/$defs/tree' }, { type: 'null' }] },
            },
            required: ['name', 'children', 'next'],
          },
        },
      },
    ],
  ])('is %s', (_what, schema) => {
    const value = valueFor(schema);
    expect(z.fromJSONSchema(schema as JsonSchema).safeParse(value)).toMatchObject({ success: true });
    expect(valueFor(schema)).toEqual(value);
  });
});
