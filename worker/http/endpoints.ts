import type { RouteConfig } from '@hono/zod-openapi';
import { writtenPath } from './routing-path.ts';

/** Finds what a request probably meant whose path or method does not exist. Pure. */

/** A route's path as a client writes it, with the methods that it takes. */
type Endpoint = { path: string; methods: string[] };

/** Base URLs are often off by one of these parts, a slash, or a letter's case. */
const strayParts = new Set(['api', 'openai', 'anthropic', 'google', 'gemini', 'v1', 'v1beta', '']);

/** The paths that clients of other APIs look for first. */
const MAIN_PATHS = ['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/models'];

/** The APIs of other providers, whose base URLs are often off by a part. */
const isSurface = (path: string): boolean => /^\/v1(beta)?\//.test(path);

const partsOf = (path: string): string[] =>
  path
    .toLowerCase()
    .split('/')
    .filter((part) => !strayParts.has(part));

const withoutStrays = (path: string): string => `/${partsOf(path).join('/')}`;

const isPattern = (part: string): boolean => part.startsWith('{');

/** True if a path has the form of a pattern such as `/v1/models/{model}`. */
function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (isPattern(part) ? given[index] !== '' : part === given[index]))
  );
}

/** Returns the paths of routes, each once, with all methods. */
export function endpointsOf(routes: readonly Pick<RouteConfig, 'method' | 'path'>[]): Endpoint[] {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  return [...byPath].map(([path, same]) => ({
    path,
    methods: same.map(({ method }) => method.toUpperCase()).sort(),
  }));
}

/** Returns the methods that a path takes; none if no endpoint has it. */
export const methodsOf = (endpoints: readonly Endpoint[], path: string): string[] =>
  endpoints.find((endpoint) => matches(endpoint.path, path))?.methods ?? [];

/** Returns the endpoint of another provider's API that a path means but for stray parts; undefined if there is none. */
function surfaceMeant(endpoints: readonly Endpoint[], path: string): string | undefined {
  const surfaces = [...MAIN_PATHS, ...endpoints.map((endpoint) => endpoint.path).filter(isSurface)];
  const find = (wanted: string) => surfaces.find((known) => matches(withoutStrays(known), wanted));
  // A method of Google's API stands after a colon, as a part of a name can.
  return find(withoutStrays(path.replace(/:(\w+)$/, '/$1'))) ?? find(withoutStrays(path));
}

/** Returns a sentence that names the endpoint that a path probably meant, or where the API is. */
export function hintOf(endpoints: readonly Endpoint[], path: string): string {
  const known =
    surfaceMeant(endpoints, path) ??
    endpoints.find((endpoint) => matches(endpoint.path, path.replace(/\/+$/, '')))?.path;
  return known === undefined
    ? `The API is at ${MAIN_PATHS.join(', ')}, and described at /api/openapi.json.`
    : `Did you mean ${writtenPath(known)}?`;
}
