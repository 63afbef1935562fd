import type { DocumentSchema, NamedSchemas } from './document.ts';
import { alternativesOf, resolveSchema, typesOf } from './resolve-schema.ts';
import { factsOf } from './schema-facts.ts';

/** A schema in words, for the reference page. Pure. */

export type Shape = {
  /** The type in words, without null: "string", "array of objects", "string or integer". */
  type: string;
  isNullable: boolean;
  description: string | null;
  /** Constraints, each in a few words: "1 to 200 characters". */
  facts: string[];
  /** The default, as JSON. */
  defaultValue: string | null;
  /** Example values, as text. */
  examples: string[];
  /** The allowed values of an enum, as JSON. */
  values: string[];
  /** Fields of the object, or of the objects in an array or a map. */
  fields: Field[];
  /** Alternatives of a union, unless the names of their types say everything. */
  variants: Variant[];
};
export type Field = { name: string; isRequired: boolean; shape: Shape };
export type Variant = { name: string; shape: Shape };

const unique = (words: string[]) => [...new Set(words)];

/** "array of strings" becomes "arrays of strings". */
const plural = (type: string) =>
  type
    .split(' or ')
    .map((word) =>
      word === 'any' ? 'anything' : word.replace(/^[a-z]+/, (noun) => noun.replace(/s?$/, 's')),
    )
    .join(' or ');

const typeOfValue = (value: unknown) =>
  value === null ? 'null' : Number.isInteger(value) ? 'integer' : typeof value;

/** The name of a field that has a different constant in each of these objects, or null. */
function discriminatorOf(schemas: DocumentSchema[]): string | null {
  const [first] = schemas;
  if (first === undefined || schemas.length < 2) return null;
  const onlyValue = (schema: DocumentSchema, name: string) => {
    const field = schema.properties?.[name];
    return field?.const ?? (field?.enum?.length === 1 ? field.enum[0] : undefined);
  };
  const tellsApart = (name: string) => {
    const values = schemas.map((schema) => onlyValue(schema, name));
    return !values.includes(undefined) && new Set(values).size === values.length;
  };
  return Object.keys(first.properties ?? {}).find(tellsApart) ?? null;
}

const isPlain = ({ values, fields, variants, facts, examples, description }: Shape) =>
  values.length + fields.length + variants.length + facts.length + examples.length === 0 &&
  description === null;

/** Adds a number to a name that was used before. */
const numbered = (name: string, before: string[]) => {
  const count = before.filter((known) => known === name).length;
  return count === 0 ? name : `${name} ${count + 1}`;
};

/** Constraints of the items of an array or a map. */
const each = ({ facts, isNullable }: Shape) => [
  ...facts.map((fact) => `each ${fact}`),
  ...(isNullable ? ['each may be null'] : []),
];

/** The part of a shape that depends on the kind of schema. */
type Body = Partial<Shape> & Pick<Shape, 'type'>;
type Context = {
  named: NamedSchemas;
  /** Names of the references that led here. */
  path: string[];
};

function unionBody(schemas: DocumentSchema[], { named, path }: Context): Body {
  const [only] = schemas;
  if (only !== undefined && schemas.length === 1) return read(only, { named, path });
  const resolved = schemas.map((schema) => resolveSchema(schema, named, path));
  const discriminator = discriminatorOf(resolved.map(({ schema }) => schema));
  const variants = resolved.map(({ schema, path: itsPath }) => {
    const shape = read(schema, { named, path: itsPath });
    const tag = shape.fields.find(({ name }) => name === discriminator)?.shape;
    return {
      name: tag?.values[0] === undefined ? shape.type : `${discriminator}: ${tag.values[0]}`,
      shape: { ...shape, description: shape.description ?? tag?.description ?? null },
    };
  });
  const names = variants.map(({ name }) => name);
  return {
    type: unique(variants.map(({ shape }) => shape.type)).join(' or '),
    variants: variants.every(({ shape }) => isPlain(shape))
      ? []
      : variants.map(({ name, shape }, index) => ({ name: numbered(name, names.slice(0, index)), shape })),
  };
}

function objectBody(schema: DocumentSchema, context: Context): Body {
  const required = schema.required ?? [];
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    name,
    isRequired: required.includes(name),
    shape: read(field, context),
  }));
  const rest = schema.additionalProperties;
  if (fields.length > 0 || typeof rest !== 'object') return { type: 'object', fields };
  const value = read(rest, context);
  if (value.type === 'any') return { type: 'object', facts: ['any fields'] };
  return { ...value, type: `map of ${plural(value.type)}`, facts: each(value), isNullable: false };
}

function valuesBody(values: unknown[], types: string[]): Body {
  const known = values.filter((value) => value !== null);
  return {
    type: (types.length > 0 ? types : unique(known.map(typeOfValue))).join(' or '),
    values: known.map((value) => JSON.stringify(value)),
    isNullable: known.length < values.length,
  };
}

function bodyOf(schema: DocumentSchema, context: Context): Body {
  const alternatives = alternativesOf(schema);
  if (alternatives !== null) {
    const body = unionBody(alternatives.schemas, context);
    return { ...body, isNullable: alternatives.isNullable || (body.isNullable ?? false) };
  }
  const types = typesOf(schema);
  const values = schema.const === undefined ? schema.enum : [schema.const];
  if (values !== undefined) return valuesBody(values, types);
  const type = types.join(' or ') || 'any';
  if (type === 'object') return objectBody(schema, context);
  if (type !== 'array') return { type };
  const item = read(schema.items ?? {}, context);
  return { ...item, type: `array of ${plural(item.type)}`, facts: each(item), isNullable: false };
}

const written = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

const examplesOf = ({ example, examples }: DocumentSchema): string[] =>
  (examples ?? (example === undefined ? [] : [example])).map(written);

function read(unresolved: DocumentSchema, { named, path: before }: Context): Shape {
  const { schema, path } = resolveSchema(unresolved, named, before);
  const body = bodyOf(schema, { named, path });
  const ownExamples = examplesOf(schema);
  return {
    type: body.type,
    isNullable: (body.isNullable ?? false) || (Array.isArray(schema.type) && schema.type.includes('null')),
    description: schema.description ?? body.description ?? null,
    facts: [...factsOf(schema), ...(body.facts ?? [])],
    defaultValue: schema.default === undefined ? null : JSON.stringify(schema.default),
    examples: ownExamples.length > 0 ? ownExamples : (body.examples ?? []),
    values: body.values ?? [],
    fields: body.fields ?? [],
    variants: body.variants ?? [],
  };
}

/** The shape of a schema, whose references are in `named`. */
export const shapeOf = (schema: DocumentSchema, named: NamedSchemas): Shape =>
  read(schema, { named, path: [] });
