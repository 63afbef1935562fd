import { expect, it } from 'vitest';
import { app, authenticated } from '../../../worker/http/app.ts';
import { keyScopesOf, scopeOfMatched } from '../../../worker/http/middleware/key-scopes.ts';

const definitions = app.openAPIRegistry.definitions.flatMap((definition) =>
  definition.type === 'route' ? [definition.route] : [],
);
const scopes = keyScopesOf(definitions);
const managementScopes = keyScopesOf(definitions, 'management_key');

/** The routes that the app's own router finds; Hono answers HEAD by the route of GET. */
const matchedBy = (method: string, path: string) =>
  app.router
    .match(method === 'HEAD' ? 'GET' : method, path)[0]
    .map(([[handler, { method, path }]]) => ({ handler, method, path }));

const scopeOfRoute = (method: string, path: string) => scopeOfMatched(scopes, matchedBy(method, path));

const ID = '01900000-0000-7000-8000-000000000001';

it.each([
  ['GET', '/api/ai/models', 'models:read'],
  ['HEAD', '/v1/models', 'models:read'],
  ['POST', '/api/ai/executions', 'executions:write'],
  ['GET', '/api/ai/executions', 'executions:read'],
  ['GET', `/api/ai/executions/${ID}`, 'executions:read'],
  ['GET', '/api/wallet', 'wallet:read'],
  ['GET', '/api/wallet/ledger', 'wallet:read'],
])('%s %s is opened by a key of the scope %s', (method, path, scope) => {
  expect(scopeOfRoute(method, path)).toBe(scope);
});

it.each([
  ['DELETE', `/api/ai/executions/${ID}`],
  ['POST', '/api/ai/models'],
  ['GET', `/api/ai/executions/${ID}/anything`],
  ['GET', '/api/ai/executions/'],
  ['GET', '/api/ai/executions%2F'],
  ['GET', '//api/wallet'],
  ['GET', '/api/wallet/live'],
  ['GET', '/api/wallet/export'],
  ['get', '/api/wallet'],
  ['GET', '/api/api-keys'],
  ['GET', '/api/users'],
  ['GET', '/api/admin/providers'],
  ['GET', '/api/auth/me'],
  ['POST', '/api/auth/logout'],
])('%s %s is opened by no key', (method, path) => {
  expect(scopeOfRoute(method, path)).toBeNull();
});

/** A path of the route, with something in the place of its parameters. */
const pathOf = (pattern: string) => pattern.replaceAll(/\{.+?\}/g, ID);

it('every registered route is documented, but for the document itself and the pages', () => {
  const documented = definitions.map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ':$1')}`,
  );
  const registered = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(registered)].sort()).toEqual([...documented, 'GET /api/openapi.json', 'GET /*'].sort());
});

it('every operation is public, or takes a session, a key with one scope, a management key with one scope, or several of these', () => {
  for (const { method, path, security } of definitions) {
    const scope = scopeOfRoute(method.toUpperCase(), pathOf(path));
    const managed = managementScopes.get(`${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ':$1')}`);
    const byManagement = managed === undefined ? [] : [{ management_key: [managed] }];
    const bySession = [{ session: [] }, ...(scope === null ? [] : [{ api_key: [scope] }])];
    expect([byManagement, [...bySession, ...byManagement]], `${method} ${path}`).toContainEqual(security);
  }
});

it('authentication stands before every operation that does not say it is public, and before no other', () => {
  for (const { method, path, security } of definitions) {
    const pattern = path.replaceAll(/\{(.+?)\}/g, ':$1');
    const matched = matchedBy(method.toUpperCase(), pathOf(path));
    const before = matched.slice(
      0,
      matched.findIndex((route) => route.path === pattern),
    );
    const isGuarded = before.some(({ handler }) => handler === authenticated);
    expect(isGuarded, `${method} ${path}`).toBe(JSON.stringify(security) !== '[]');
  }
});

it('a management key opens these routes, and no other', () => {
  expect(Object.fromEntries(managementScopes)).toEqual({
    'DELETE /api/tenant/webhooks/:id': 'webhooks:manage',
    'GET /api/ai/executions': 'usage:read',
    'GET /api/ai/executions/export': 'usage:read',
    'GET /api/tenant/webhooks': 'webhooks:manage',
    'GET /api/tenant/webhooks/:id/deliveries': 'webhooks:manage',
    'GET /api/usage': 'usage:read',
    'GET /api/usage/export': 'usage:read',
    'GET /api/usage/summary': 'usage:read',
    'GET /api/users': 'users:read',
    'GET /api/users/:id': 'users:read',
    'GET /api/wallet/ledger': 'usage:read',
    'PATCH /api/tenant/webhooks/:id': 'webhooks:manage',
    'PATCH /api/users/:id': 'users:write',
    'POST /api/tenant/webhooks': 'webhooks:manage',
    'POST /api/tenant/webhooks/:id/deliveries/:event_id/replay': 'webhooks:manage',
    'POST /api/tenant/webhooks/:id/rotate': 'webhooks:manage',
    'POST /api/users': 'users:write',
    'POST /api/users/:id/wallet/adjustments': 'wallets:write',
    'POST /api/users/:id/wallet/credits': 'wallets:write',
  });
});
