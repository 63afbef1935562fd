import type { DocumentSchema, NamedSchemas } from './document.ts';

/** Resolves references and `allOf` in schemas. Pure. */

const PREFIX = '#/components/schemas/';

/** The schema's name in a reference, or null for any other reference. */
const nameOf = (ref: string): string | null => (ref.startsWith(PREFIX) ? ref.slice(PREFIX.length) : null);

const joined = (first: DocumentSchema, second: DocumentSchema): DocumentSchema => ({
  ...first,
  ...second,
  properties: { ...first.properties, ...second.properties },
  required: [...(first.required ?? []), ...(second.required ?? [])],
});

export type Resolved = {
  schema: DocumentSchema;
  /** Names of the references followed. A repeated name is a cycle. */
  path: string[];
};

/**
 * Follows references and merges `allOf`. Keywords beside a reference override those of its target. A cycle or an unknown name becomes
 * a schema that accepts any value.
 */
export function resolveSchema(schema: DocumentSchema, named: NamedSchemas, path: string[] = []): Resolved {
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

const isNull = ({ type, const: only, enum: values }: DocumentSchema) =>
  type === 'null' || only === null || (values?.length === 1 && values[0] === null);

export type Alternatives = { schemas: DocumentSchema[]; isNullable: boolean };

/** The alternatives of a union, without null. Returns null for a schema that is no union. */
export function alternativesOf({ oneOf, anyOf }: DocumentSchema): Alternatives | null {
  const all = oneOf ?? anyOf;
  if (all === undefined) return null;
  const schemas = all.filter((schema) => !isNull(schema));
  return { schemas, isNullable: schemas.length < all.length };
}

/** The types a schema names, without null. */
export function typesOf({ type, properties, items }: DocumentSchema): string[] {
  const named = type === undefined ? [] : [type].flat();
  if (named.length > 0) return named.filter((name) => name !== 'null');
  if (properties !== undefined) return ['object'];
  return items === undefined ? [] : ['array'];
}
