import { describe, expect, it } from 'vitest';
import type { DocumentSchema, NamedSchemas } from '../../../../web/src/features/api-reference/document.ts';
import { type Shape, shapeOf } from '../../../../web/src/features/api-reference/shape.ts';

/** A shape in a line for itself, and one for each field and variant. */
function linesOf(shape: Shape): string[] {
  const { type, isNullable, facts, defaultValue, examples, values, fields, variants } = shape;
  const own = [
    type + (isNullable ? ' or null' : ''),
    ...facts,
    ...(defaultValue === null ? [] : [`default ${defaultValue}`]),
    ...examples.map((example) => `for example ${example}`),
    ...values,
  ].join('; ');
  const inner = [
    ...fields.map(({ name, isRequired, shape }) => [name + (isRequired ? '*' : ''), shape] as const),
    ...variants.map(({ name, shape }) => [`<${name}>`, shape] as const),
  ];
  return [
    own,
    ...inner.flatMap(([name, shape]) => {
      const [first, ...rest] = linesOf(shape);
      return [`  ${name}: ${first}`, ...rest.map((line) => `  ${line}`)];
    }),
  ];
}
const inWords = (schema: DocumentSchema, named: NamedSchemas = {}) => linesOf(shapeOf(schema, named));

const text: DocumentSchema = { type: 'string' };
const kind = (value: string): DocumentSchema => ({ type: 'string', enum: [value] });

describe('A schema in words', () => {
  it.each<[string, DocumentSchema, string]>([
    ['a type', text, 'string'],
    ['anything', {}, 'any'],
    ['a format', { type: 'string', format: 'uuid' }, 'string; uuid'],
    ['a type or null', { type: ['integer', 'null'] }, 'integer or null'],
    ['several types', { type: ['string', 'number'] }, 'string or number'],
    ['bounds', { type: 'integer', minimum: 1, maximum: 1_000 }, 'integer; 1 to 1,000'],
    ['a bound at zero', { type: 'integer', minimum: 0 }, 'integer; at least 0'],
    [
      'bounds that are excluded',
      { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.5 },
      'number; more than 0; less than 0.5',
    ],
    [
      'a bound that only keeps numbers exact',
      { type: 'integer', minimum: 1, maximum: 2 ** 53 - 1 },
      'integer; at least 1',
    ],
    ['a length', { type: 'string', minLength: 1, maxLength: 200 }, 'string; 1 to 200 characters'],
    ['a length of one', { type: 'string', maxLength: 1 }, 'string; at most 1 character'],
    ['an exact length', { type: 'string', minLength: 64, maxLength: 64 }, 'string; exactly 64 characters'],
    ['a length that is none', { type: 'string', minLength: 0 }, 'string'],
    [
      'a pattern and a default',
      { type: 'string', pattern: '^a', default: 'a' },
      'string; matches ^a; default "a"',
    ],
    ['a default of null', { type: ['string', 'null'], default: null }, 'string or null; default null'],
    ['an example', { type: 'string', examples: ['2026-11'] }, 'string; for example 2026-11'],
    ['examples of items', { type: 'array', items: { example: 7 } }, 'array of anything; for example 7'],
    ['its only values', { type: 'string', enum: ['a', 'b'] }, 'string; "a"; "b"'],
    ['its only value', { const: 1 }, 'integer; 1'],
    ['values and null', { enum: ['a', null] }, 'string or null; "a"'],
    ['an array', { type: 'array', items: text, minItems: 1 }, 'array of strings; at least 1 item'],
    [
      'an array and its items',
      { type: 'array', maxItems: 4, items: { type: ['string', 'null'], maxLength: 9 } },
      'array of strings; at most 4 items; each at most 9 characters; each may be null',
    ],
    [
      'arrays of arrays',
      { type: 'array', items: { type: 'array', items: text } },
      'array of arrays of strings',
    ],
    ['an array of anything', { type: 'array' }, 'array of anything'],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
      'map of integers; each at least 0',
    ],
    ['an object of any fields', { type: 'object', additionalProperties: {} }, 'object; any fields'],
    ['a union with null', { anyOf: [text, { type: 'null' }] }, 'string or null'],
    ['a union of plain types', { anyOf: [text, { type: 'integer' }] }, 'string or integer'],
  ])('tells %s', (_name, schema, words) => {
    expect(inWords(schema)).toEqual([words]);
  });

  it('names the fields of an object, and those of the objects in an array, with what is required', () => {
    const user: DocumentSchema = { type: 'object', properties: { id: text, name: text }, required: ['id'] };
    expect(inWords({ type: 'object', properties: { users: { type: 'array', items: user } } })).toEqual([
      'object',
      '  users: array of objects',
      '    id*: string',
      '    name: string',
    ]);
  });

  it('names the alternatives of a union by the field that tells them apart', () => {
    const part = (value: string, rest: Record<string, DocumentSchema>): DocumentSchema => ({
      type: 'object',
      properties: { type: kind(value), ...rest },
      required: ['type'],
    });
    expect(inWords({ oneOf: [part('text', { text }), part('image', { url: text })] })).toEqual([
      'object',
      '  <type: "text">: object',
      '    type*: string; "text"',
      '    text: string',
      '  <type: "image">: object',
      '    type*: string; "image"',
      '    url: string',
    ]);
  });

  it('keeps what each alternative demands where types differ', () => {
    expect(
      inWords({
        anyOf: [
          { type: 'string', maxLength: 5 },
          { type: 'array', items: text },
        ],
      }),
    ).toEqual([
      'string or array of strings',
      '  <string>: string; at most 5 characters',
      '  <array of strings>: array of strings',
    ]);
  });

  it('numbers alternatives that nothing tells apart', () => {
    const object = (name: string): DocumentSchema => ({ type: 'object', properties: { [name]: text } });
    const { variants } = shapeOf({ anyOf: [object('a'), object('b'), { type: 'string' }] }, {});
    expect(variants.map(({ name }) => name)).toEqual(['object', 'object 2', 'string']);
  });

  it('follows references, lays compositions together, and ends where a schema is inside itself', () => {
    const named: NamedSchemas = {
      base: { type: 'object', properties: { id: text }, required: ['id'] },
      tree: {
        allOf: [
          { $ref: '#/components/schemas/base' },
          {
            type: 'object',
            properties: { children: { type: 'array', items: { $ref: '#/components/schemas/tree' } } },
          },
        ],
      },
    };
    expect(inWords({ $ref: '#/components/schemas/tree' }, named)).toEqual([
      'object',
      '  children: array of anything',
      '  id*: string',
    ]);
    expect(inWords({ $ref: 'elsewhere.json#/x' })).toEqual(['any']);
    expect(inWords({ $ref: '#/components/schemas/unknown', type: 'string' })).toEqual(['string']);
  });

  it('says what a field is for, the outermost word first', () => {
    const item: DocumentSchema = { type: 'string', description: 'One of them' };
    expect(shapeOf({ anyOf: [item, { type: 'null' }] }, {}).description).toBe('One of them');
    expect(shapeOf({ type: 'array', items: item, description: 'All' }, {}).description).toBe('All');
  });

  it('says of an alternative what its tag says of it', () => {
    const part = (value: string, description?: string): DocumentSchema => ({
      type: 'object',
      properties: { type: { ...kind(value), description: `This is ${value}` } },
      ...(description !== undefined && { description }),
    });
    const { variants } = shapeOf({ oneOf: [part('text'), part('image', 'Seen by the model')] }, {});
    expect(variants.map(({ shape }) => shape.description)).toEqual(['This is text', 'Seen by the model']);
  });
});
