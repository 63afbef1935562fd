/** Makes values that satisfy a JSON Schema, for structured answers. The same schema always gets the same value. */

type Schema = Record<string, unknown>;

/** Limit for recursive schemas. Below this depth only required properties are written, and lists are as short as allowed. */
const DEPTH_MAX = 6;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

const stringOfFormat: Record<string, string> = {
  'date-time': '2026-01-01T12:00:00Z',
  date: '2026-01-01',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'someone@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000000',
};

function stringFor({ format, minLength, maxLength }: Schema): string {
  const known = typeof format === 'string' ? stringOfFormat[format] : undefined;
  const text = known ?? 'simulated';
  return text.padEnd(numberOr(minLength, 0), '.').slice(0, numberOr(maxLength, Number.POSITIVE_INFINITY));
}

function numberFor({ minimum, exclusiveMinimum, maximum, multipleOf }: Schema): number {
  const least = Math.max(numberOr(minimum, 0), numberOr(exclusiveMinimum, -1) + 1);
  const step = numberOr(multipleOf, 1);
  return Math.min(Math.ceil(least / step) * step, numberOr(maximum, Number.POSITIVE_INFINITY));
}

/** Resolves a reference such as `#/$defs/name`. */
function resolve(schema: Schema, root: Schema): Schema {
  if (typeof schema.$ref !== 'string') return schema;
  const steps = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean);
  const found = steps.reduce<unknown>((at, step) => (isSchema(at) ? at[step] : undefined), root);
  return isSchema(found) ? found : {};
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Merges the schema with the schemas in its `allOf`. */
function merged(schema: Schema, root: Schema): Schema {
  const all = [
    schema,
    ...listOf(schema.allOf)
      .filter(isSchema)
      .map((part) => resolve(part, root)),
  ];
  return Object.assign({}, ...all, {
    ...(all.some(({ properties }) => isSchema(properties)) && {
      properties: Object.assign({}, ...all.map(({ properties }) => properties)),
    }),
    required: all.flatMap(({ required }) => listOf(required)),
  });
}

function objectFor({ properties, required }: Schema, root: Schema, depth: number): Schema {
  const names = listOf(required);
  const written = Object.entries(isSchema(properties) ? properties : {}).filter(
    ([name]) => depth < DEPTH_MAX || names.includes(name),
  );
  return Object.fromEntries(written.map(([name, schema]) => [name, valueAt(schema, root, depth + 1)]));
}

function arrayFor({ items, prefixItems, minItems }: Schema, root: Schema, depth: number): unknown[] {
  if (Array.isArray(prefixItems)) return prefixItems.map((schema) => valueAt(schema, root, depth + 1));
  const length = Math.max(numberOr(minItems, 0), depth < DEPTH_MAX ? 1 : 0);
  return Array.from({ length }, () => valueAt(items, root, depth + 1));
}

function typeOf({ type, properties, items }: Schema): unknown {
  if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null';
  return type ?? (properties !== undefined ? 'object' : items !== undefined ? 'array' : 'string');
}

function valueAt(given: unknown, root: Schema, depth: number): unknown {
  if (!isSchema(given)) return 'simulated';
  const schema = merged(resolve(given, root), root);
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const either = [schema.anyOf, schema.oneOf].find(Array.isArray);
  // At the maximum depth take the last choice, which usually is null or the leaf of a tree.
  if (either !== undefined) return valueAt(depth < DEPTH_MAX ? either[0] : either.at(-1), root, depth + 1);
  switch (typeOf(schema)) {
    case 'object':
      return objectFor(schema, root, depth);
    case 'array':
      return arrayFor(schema, root, depth);
    case 'integer':
    case 'number':
      return numberFor(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return stringFor(schema);
  }
}

/** Returns a value for a whole schema. Ignores `pattern` and other less common keywords. */
export const valueFor = (schema: Schema): unknown => valueAt(schema, schema, 0);
