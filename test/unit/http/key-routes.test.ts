import { expect, it } from 'vitest';
import { scopeOfRoute } from '../../../worker/http/middleware/key-routes.ts';

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
