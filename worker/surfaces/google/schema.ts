/**
 * Converts schemas in Google's dialect of OpenAPI (ai.google.dev/api/caching#Schema) to JSON Schema. What is JSON Schema already stays as it
 * is. Pure.
 */

type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names with underscores, as protocol buffers allow them. */
const names: Partial<Record<string, string>> = {
  any_of: 'anyOf',
  min_items: 'minItems',
  max_items: 'maxItems',
  min_length: 'minLength',
  max_length: 'maxLength',
  min_properties: 'minProperties',
  max_properties: 'maxProperties',
};

/** Counts, which protocol buffers write as texts. */
const counts = new Set([
  ...['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'],
]);

/** Fields that say nothing to other providers. */
const passedOver = new Set(['nullable', 'propertyOrdering', 'property_ordering', 'example']);

const mapped = (value: unknown): unknown => (isSchema(value) ? jsonSchemaOf(value) : value);

function convertedValue(name: string, value: unknown): unknown {
  if (name === 'type' && typeof value === 'string') return value.toLowerCase();
  if (counts.has(name) && typeof value === 'string') return Number(value);
  if (name === 'properties' && isSchema(value))
    return Object.fromEntries(Object.entries(value).map(([property, inner]) => [property, mapped(inner)]));
  if (name === 'items') return mapped(value);
  return name === 'anyOf' && Array.isArray(value) ? value.map(mapped) : value;
}

/** Adds null to the types of a schema. */
function nullable(schema: Schema): Schema {
  const { type, enum: values } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  return { ...schema, type: [type, 'null'], ...(Array.isArray(values) && { enum: [...values, null] }) };
}

export function jsonSchemaOf(schema: Schema): Schema {
  const fields = Object.entries(schema).flatMap(([written, value]) => {
    const name = names[written] ?? written;
    const isUnspecified = name === 'type' && value === 'TYPE_UNSPECIFIED';
    // Google marks strings with values by this format, which is none of JSON Schema.
    const isMark = name === 'format' && value === 'enum';
    if (passedOver.has(written) || isUnspecified || isMark || value === null) return [];
    return [[name, convertedValue(name, value)] as const];
  });
  const converted = Object.fromEntries(fields);
  return schema.nullable === true ? nullable(converted) : converted;
}
