/**
 * Google's APIs take JSON as protocol buffers do: names in camel case or with underscores, and one value in place of a list. Rewrites a
 * request to camel case and lists (protobuf.dev/programming-guides/json). Pure.
 */

/** Fields whose values are the client's own: arguments, results and schemas. */
const OPAQUE = new Set([
  ...['args', 'response', 'parameters', 'parametersJsonSchema', 'responseSchema', 'responseJsonSchema'],
  'labels',
]);

/** Fields that are lists. */
const LISTS = new Set([
  ...['contents', 'parts', 'tools', 'functionDeclarations', 'stopSequences', 'safetySettings', 'requests'],
  ...['allowedFunctionNames', 'responseModalities', 'models'],
]);

const camelCase = (name: string): string =>
  name.replace(/(?<=[a-z0-9])_([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function rewritten(name: string, value: unknown): unknown {
  if (OPAQUE.has(name)) return value;
  const inner = protoJson(value);
  return LISTS.has(name) && inner != null && !Array.isArray(inner) ? [inner] : inner;
}

export function protoJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(protoJson);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = camelCase(key);
      return [name, rewritten(name, inner)];
    }),
  );
}
