import type { DocumentSchema, NamedSchemas } from './document.ts';
import { alternativesOf, resolveSchema, typesOf } from './resolve-schema.ts';

/** A minimal example value of a schema. Pure. */

const byFormat: Record<string, string> = {
  uuid: '01900000-0000-7000-8000-000000000000',
  'date-time': '2030-01-01T00:00:00Z',
  date: '2030-01-01',
  email: 'name@example.com',
  uri: 'https://example.com',
};

/** Ends recursive schemas. Deeper than any schema of ours. */
const DEPTH_MAX = 12;

function exampleString({ format, minLength = 0, maxLength }: DocumentSchema): string {
  const word = (format === undefined ? undefined : byFormat[format]) ?? 'string';
  return word.padEnd(minLength, 'x').slice(0, maxLength);
}

/** One, or the closest number within the bounds. Between two excluded bounds, their middle. */
function exampleNumber(schema: DocumentSchema, isWhole: boolean): number {
  const { minimum = -Infinity, exclusiveMinimum = -Infinity } = schema;
  const { maximum = Infinity, exclusiveMaximum = Infinity } = schema;
  const least = Math.max(minimum, isWhole ? exclusiveMinimum + 1 : exclusiveMinimum);
  const most = Math.min(maximum, isWhole ? exclusiveMaximum - 1 : exclusiveMaximum);
  if (isWhole) return Math.min(Math.max(1, Math.ceil(least)), Math.floor(most));
  if (least < 1 && 1 < most) return 1;
  if (Number.isFinite(least) && Number.isFinite(most)) return (least + most) / 2;
  return Number.isFinite(least) ? least + 1 : most - 1;
}

/**
 * An example value of a schema: its own example, its first value or alternative, or an object with its required fields.
 * Patterns are ignored: a schema with a pattern must have an example.
 */
export function exampleValue(schema: DocumentSchema, named: NamedSchemas, depth = 0): unknown {
  const { schema: known } = resolveSchema(schema, named);
  const own = known.example ?? known.examples?.[0];
  if (own !== undefined) return own;
  if (known.const !== undefined) return known.const;
  if (known.enum !== undefined) return known.enum[0];
  if (depth >= DEPTH_MAX) return null;
  const [alternative] = alternativesOf(known)?.schemas ?? [];
  if (alternative !== undefined) return exampleValue(alternative, named, depth + 1);
  switch (typesOf(known)[0]) {
    case 'string':
      return exampleString(known);
    case 'integer':
      return exampleNumber(known, true);
    case 'number':
      return exampleNumber(known, false);
    case 'boolean':
      return true;
    case 'array':
      return Array.from(
        { length: Math.min(Math.max(1, known.minItems ?? 0), known.maxItems ?? Infinity) },
        () => exampleValue(known.items ?? {}, named, depth + 1),
      );
    case 'object':
      return Object.fromEntries(
        (known.required ?? []).map((name) => [
          name,
          exampleValue(known.properties?.[name] ?? {}, named, depth + 1),
        ]),
      );
    default:
      return null;
  }
}
