import type { RouteConfig } from '@hono/zod-openapi';
import { apiKeyScope } from '../../../contracts/api/account/api-keys.ts';
import { managementKeyScope } from '../../../contracts/api/tenant/management-keys.ts';

/** The kinds of keys, by their name in the `security` of a route, and the scopes that each has. */
const kinds = { api_key: apiKeyScope, management_key: managementKeyScope };
export type KeyKind = keyof typeof kinds;

/** Scopes by route, as `GET /api/ai/executions/:id`. */
type KeyScopes = ReadonlyMap<string, string>;

/** Reads each route's scope for a kind of key from its `security`. A route without one is closed to such keys. */
export const keyScopesOf = (routes: readonly RouteConfig[], kind: KeyKind = 'api_key'): KeyScopes =>
  new Map(
    routes.flatMap(({ method, path, security = [] }) => {
      const [scope] = security.flatMap((access) => access[kind] ?? []);
      const pattern = path.replaceAll(/\{(.+?)\}/g, ':$1');
      return scope === undefined
        ? []
        : [[`${method.toUpperCase()} ${pattern}`, kinds[kind].parse(scope)] as const];
    }),
  );

/** Returns the scope that a key needs for the routes that the router matched, or null when no key opens them. */
export function scopeOfMatched(
  scopes: KeyScopes,
  matched: readonly { method: string; path: string }[],
): string | null {
  for (const { method, path } of matched) {
    const scope = method === 'ALL' ? undefined : scopes.get(`${method} ${path}`);
    if (scope !== undefined) return scope;
  }
  return null;
}
