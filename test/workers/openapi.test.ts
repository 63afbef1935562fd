import { exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { errorCodes } from '../../contracts/errors.ts';

type Schema = {
  $ref?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};
type Content = Record<string, { schema?: Schema }>;
type Operation = {
  tags?: string[];
  summary?: string;
  security?: unknown;
  parameters?: { name: string; description?: string; schema?: Schema }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
};
type Document = {
  components: { schemas: Record<string, Schema> };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  'x-error-codes': { code: string; status: number; message: string }[];
};

const documentOfTheApi = async (): Promise<Document> => {
  const answer = await exports.default.fetch('http://anywhere.example/api/openapi.json');
  expect(answer.status).toBe(200);
  return answer.json();
};

/** A property that can hold one value only says what it is by that. */
const isTag = ({ const: value, enum: values }: Schema) => value !== undefined || values?.length === 1;

/** Every schema below one, with the path to it. References are followed once, and lead to a name of their own. */
function* schemasWithin(
  document: Document,
  schema: Schema,
  path: string,
  followed: Set<string>,
): Generator<[string, Schema]> {
  yield [path, schema];
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice('#/components/schemas/'.length);
    const target = document.components.schemas[name];
    expect(target, schema.$ref).toBeDefined();
    if (target !== undefined && !followed.has(name))
      yield* schemasWithin(document, target, name, followed.add(name));
  }
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    yield* schemasWithin(document, inner, `${path}.${name}`, followed);
  const { items, additionalProperties, anyOf = [], oneOf = [], allOf = [] } = schema;
  const others = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  for (const inner of [...(items ? [items] : []), ...others, ...anyOf, ...oneOf, ...allOf])
    yield* schemasWithin(document, inner, `${path}[]`, followed);
}

/** Every schema of every route. */
function* schemasOf(document: Document): Generator<[string, Schema]> {
  const followed = new Set<string>();
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { parameters = [], requestBody, responses }] of Object.entries(methods)) {
      const route = `${method.toUpperCase()} ${path}`;
      for (const { name, description, schema = {} } of parameters)
        yield [`${route} ?.${name}`, { ...schema, ...(description !== undefined && { description }) }];
      const bodies = [requestBody, ...Object.values(responses)];
      for (const { schema } of bodies.flatMap((body) => Object.values(body?.content ?? {})))
        if (schema !== undefined) yield* schemasWithin(document, schema, route, followed);
    }
}

it('the API says of every field and every parameter what it is', async () => {
  const undescribed = [...schemasOf(await documentOfTheApi())]
    .filter(
      ([path, schema]) =>
        /\.\w+$/.test(path.split(' ').at(-1) ?? '') && !schema.description && !isTag(schema),
    )
    .map(([path]) => path);
  expect([...new Set(undescribed)]).toEqual([]);
});

it('the API’s patterns are regular expressions as JSON Schema has them', async () => {
  for (const [path, { pattern }] of schemasOf(await documentOfTheApi())) {
    if (pattern === undefined) continue;
    expect(pattern, path).not.toMatch(/^\/.*\/[a-z]*$/);
    expect(() => new RegExp(pattern, 'u'), path).not.toThrow();
  }
});

it('the API documents every route, each with a sentence and the one error shape, on any hostname', async () => {
  const { tags, paths, 'x-error-codes': catalog } = await documentOfTheApi();
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
