import { z } from 'zod';

/** A JSON Schema of the document (draft 2020-12, which OpenAPI 3.1 uses). */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Generators read an integer without a format as 32 bits. */
const INT32_MAX = 2 ** 31 - 1;

/** Formats that say all that zod's own pattern for them says. */
const plainFormats = new Set(['uuid', 'date-time', 'email', 'uri']);

/** Drops the bounds that every safe integer has, and gives larger integers their format. */
function tidyInteger(schema: JsonSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if ((schema.maximum ?? Number.POSITIVE_INFINITY) > INT32_MAX) schema.format = 'int64';
}

/** A record with a closed list of keys is an object with these optional properties. */
function tidyRecord(schema: JsonSchema): void {
  const { propertyNames, additionalProperties } = schema;
  if (typeof propertyNames !== 'object') return;
  if (propertyNames.enum !== undefined && typeof additionalProperties === 'object') {
    schema.properties = Object.fromEntries(
      propertyNames.enum.map((name) => [String(name), additionalProperties]),
    );
    delete schema.additionalProperties;
    delete schema.propertyNames;
  }
  if (propertyNames.type === 'string' && Object.keys(propertyNames).length === 1) delete schema.propertyNames;
}

/** Writes "X or null" with a simple X as one type of two. A name or a list of values stays an alternative. */
function tidyNullable(schema: JsonSchema): void {
  const [value, absent] = schema.anyOf ?? [];
  if (schema.anyOf?.length !== 2 || absent?.type !== 'null' || typeof value?.type !== 'string') return;
  if (value.enum !== undefined || value.const !== undefined) return;
  const { anyOf: _, ...own } = schema;
  for (const key of Object.keys(schema)) delete schema[key];
  Object.assign(schema, value, own, { type: [value.type, 'null'] });
}

/** Writes a property that is always null as a string that is: generators know no type without values. */
function tidyNulls({ properties = {} }: JsonSchema): void {
  for (const property of Object.values(properties))
    if (typeof property === 'object' && property.type === 'null')
      Object.assign(property, { type: ['string', 'null'], const: null });
}

function tidy(schema: JsonSchema): void {
  if (schema.type === 'integer') tidyInteger(schema);
  if (plainFormats.has(schema.format ?? '')) delete schema.pattern;
  tidyRecord(schema);
  tidyNullable(schema);
  tidyNulls(schema);
}

/**
 * Converts many zod schemas to JSON Schema at once, as a client sends or reads them. A schema with an `id` in its metadata is written
 * once, in `named`, and referred to everywhere else. Throws when two schemas have the same `id`. Pure.
 */
export function jsonSchemasOf(schemas: readonly z.ZodType[]): {
  schemas: JsonSchema[];
  named: Record<string, JsonSchema>;
} {
  const all = z.object(Object.fromEntries(schemas.map((schema, index) => [`s${index}`, schema])));
  const converted = z.toJSONSchema(all, { io: 'input', override: ({ jsonSchema }) => tidy(jsonSchema) });
  const text = JSON.stringify({ ...converted.properties, $defs: converted.$defs ?? {} });
  const { $defs: named, ...rest } = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/'));
  return { schemas: schemas.map((_, index) => rest[`s${index}`]), named };
}
