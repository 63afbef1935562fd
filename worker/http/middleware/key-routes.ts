import type { ApiKeyScope } from '../../../contracts/api/api-keys.ts';

/**
 * The routes that an API key opens, each by name, with the scope it takes. All others take a session: a new route
 * is closed to keys until it is named here.
 */
const keyRoutes: [method: string, path: RegExp, scope: ApiKeyScope][] = [
  ['GET', /^\/api\/ai\/models$/, 'models:read'],
  ['POST', /^\/api\/ai\/executions$/, 'executions:write'],
  ['POST', /^\/api\/ai\/executions\/[^/]+\/cancel$/, 'executions:write'],
  ['DELETE', /^\/api\/ai\/executions\/[^/]+\/content$/, 'executions:write'],
  ['GET', /^\/api\/ai\/executions$/, 'executions:read'],
  ['GET', /^\/api\/ai\/executions\/[^/]+(\/content)?$/, 'executions:read'],
  ['POST', /^\/v1\/chat\/completions$/, 'executions:write'],
  ['POST', /^\/v1\/messages$/, 'executions:write'],
  ['GET', /^\/v1\/models(\/[^/]+)?$/, 'models:read'],
  ['GET', /^\/api\/wallet$/, 'wallet:read'],
  ['GET', /^\/api\/wallet\/ledger$/, 'wallet:read'],
];

/** The scope a key needs for a route, or null when no key opens it. */
export function scopeOfRoute(method: string, path: string): ApiKeyScope | null {
  // A HEAD is a GET whose body is not sent.
  const asked = method === 'HEAD' ? 'GET' : method;
  const route = keyRoutes.find(([itsMethod, itsPath]) => itsMethod === asked && itsPath.test(path));
  return route?.[2] ?? null;
}
