import { exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { errorCodes } from '../../contracts/errors.ts';

type Operation = { tags?: string[]; summary?: string; security?: unknown; responses: object };
type Document = {
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  'x-error-codes': { code: string; status: number; message: string }[];
};

it('the API documents every route, each with a sentence and the one error shape, on any hostname', async () => {
  const answer = await exports.default.fetch('http://anywhere.example/api/openapi.json');
  expect(answer.status).toBe(200);
  const { tags, paths, 'x-error-codes': catalog } = (await answer.json()) as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
  expect(operations.map(({ name }) => name).sort()).toEqual([
    'DELETE /api/admin/models/{id}',
    'DELETE /api/admin/providers/{id}',
    'DELETE /api/ai/executions/{id}/content',
    'DELETE /api/api-keys/{id}',
    'GET /api/admin/models',
    'GET /api/admin/models/{id}',
    'GET /api/admin/models/{id}/prices',
    'GET /api/admin/providers',
    'GET /api/admin/providers/{id}',
    'GET /api/ai/executions',
    'GET /api/ai/executions/{id}',
    'GET /api/ai/executions/{id}/content',
    'GET /api/ai/models',
    'GET /api/api-keys',
    'GET /api/api-keys/{id}',
    'GET /api/auth/me',
    'GET /api/health',
    'GET /api/levels',
    'GET /api/reconciliation',
    'GET /api/tenant',
    'GET /api/tenant/settings',
    'GET /api/users',
    'GET /api/users/{id}',
    'GET /api/users/{id}/wallet/export',
    'GET /api/wallet',
    'GET /api/wallet/export',
    'GET /api/wallet/ledger',
    'GET /api/wallet/live',
    'GET /v1/models',
    'GET /v1/models/{model}',
    'PATCH /api/admin/models/{id}',
    'PATCH /api/admin/providers/{id}',
    'PATCH /api/api-keys/{id}',
    'PATCH /api/levels/{id}',
    'PATCH /api/tenant',
    'PATCH /api/users/{id}',
    'POST /api/admin/models',
    'POST /api/admin/models/{id}/prices',
    'POST /api/admin/providers',
    'POST /api/admin/providers/test',
    'POST /api/ai/executions',
    'POST /api/ai/executions/{id}/cancel',
    'POST /api/api-keys',
    'POST /api/api-keys/{id}/rotate',
    'POST /api/auth/login',
    'POST /api/auth/logout',
    'POST /api/auth/register',
    'POST /api/users/{id}/sign-out',
    'POST /api/users/{id}/wallet/adjustments',
    'POST /api/users/{id}/wallet/credits',
    'POST /api/users/{id}/wallet/reconciliation',
    'POST /api/users/{id}/wallet/repair',
    'POST /v1/chat/completions',
    'POST /v1/messages',
    'PUT /api/admin/models/order',
    'PUT /api/admin/providers/order',
    'PUT /api/levels/{id}/token-policy',
    'PUT /api/users/{id}/token-policy',
  ]);
  for (const { name, operation } of operations) {
    expect(operation.summary, name).toMatch(/\.$/);
    expect(tags.map((tag) => tag.name)).toEqual(expect.arrayContaining(operation.tags ?? ['a group']));
    if (name !== 'GET /api/health')
      expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(['4XX', '5XX']));
  }
  const open = operations.filter(({ operation }) => operation.security === undefined).map(({ name }) => name);
  expect(open.sort()).toEqual([
    'GET /api/health',
    'GET /api/tenant',
    'POST /api/auth/login',
    'POST /api/auth/register',
  ]);
  expect(catalog.map(({ code }) => code).sort()).toEqual([...errorCodes].sort());
});
