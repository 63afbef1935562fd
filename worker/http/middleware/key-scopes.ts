import type { RouteConfig } from '@hono/zod-openapi';
import { type ApiKeyScope, apiKeyScope } from '../../../contracts/api/api-keys.ts';

/** Scopes by route, as `GET /api/ai/executions/:id`. */
type KeyScopes = ReadonlyMap<string, ApiKeyScope>;

/** Reads each route's scope from the `api_key` entry of its `security`. A route without one is closed to API keys. */
export const keyScopesOf = (routes: readonly RouteConfig[]): KeyScopes =>
  new Map(
    routes.flatMap(({ method, path, security = [] }) => {
      const [scope] = security.flatMap(({ api_key = [] }) => api_key);
      const pattern = path.replaceAll(/\{(.+?)\}/g, ':$1');
      return scope === undefined
        ? []
        : [[`${method.toUpperCase()} ${pattern}`, apiKeyScope.parse(scope)] as const];
    }),
  );

/** Returns the scope that a key needs for the routes that the router matched, or null when no key opens them. */
export function scopeOfMatched(
  scopes: KeyScopes,
  matched: readonly { method: string; path: string }[],
): ApiKeyScope | null {
  for (const { method, path } of matched) {
    const scope = method === 'ALL' ? undefined : scopes.get(`${method} ${path}`);
    if (scope !== undefined) return scope;
  }
  return null;
}
