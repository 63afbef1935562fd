import type { JsonSchema, NamedSchemas } from './document.ts';

/** Schemas as they stand, without references and compositions. Pure. */

const PREFIX = '#/components/schemas/';

/** The name that a reference points to, or null where it points elsewhere. */
const nameOf = (ref: string): string | null => (ref.startsWith(PREFIX) ? ref.slice(PREFIX.length) : null);

const joined = (first: JsonSchema, second: JsonSchema): JsonSchema => ({
  ...first,
  ...second,
  properties: { ...first.properties, ...second.properties },
  required: [...(first.required ?? []), ...(second.required ?? [])],
});

export type Resolved = {
  schema: JsonSchema;
  /** Names that led here: one that comes again is a cycle. */
  path: string[];
};

/**
 * Follows references and lays `allOf` together; what stands beside a reference goes before what it points to. A schema inside
 * itself, and a name that nobody knows, is one that takes anything.
 */
export function resolveSchema(schema: JsonSchema, named: NamedSchemas, path: string[] = []): Resolved {
  const { $ref, allOf, ...own } = schema;
  if ($ref !== undefined) {
    const name = nameOf($ref);
    const target = name === null || path.includes(name) ? undefined : named[name];
    if (name === null || target === undefined) return { schema: own, path };
    const found = resolveSchema(target, named, [...path, name]);
    return { schema: { ...found.schema, ...own }, path: found.path };
  }
  if (allOf === undefined) return { schema, path };
  return allOf.reduce<Resolved>(
    (known, part) => {
      const next = resolveSchema(part, named, known.path);
      return { schema: joined(next.schema, known.schema), path: next.path };
    },
    { schema: own, path },
  );
}

const isNull = ({ type, const: only, enum: values }: JsonSchema) =>
  type === 'null' || only === null || (values?.length === 1 && values[0] === null);

export type Alternatives = { schemas: JsonSchema[]; isNullable: boolean };

/** What a union chooses from, without null; null itself when the schema is no union. */
export function alternativesOf({ oneOf, anyOf }: JsonSchema): Alternatives | null {
  const all = oneOf ?? anyOf;
  if (all === undefined) return null;
  const schemas = all.filter((schema) => !isNull(schema));
  return { schemas, isNullable: schemas.length < all.length };
}

/** The types a schema names, without null. */
export function typesOf({ type, properties, items }: JsonSchema): string[] {
  const named = type === undefined ? [] : [type].flat();
  if (named.length > 0) return named.filter((name) => name !== 'null');
  if (properties !== undefined) return ['object'];
  return items === undefined ? [] : ['array'];
}
