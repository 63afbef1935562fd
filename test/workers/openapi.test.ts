import { exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { errorCodes } from '../../contracts/errors.ts';

type Schema = {
  $ref?: string;
  description?: string;
  examples?: unknown[];
  enum?: unknown[];
  pattern?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};
type Content = Record<string, { schema?: Schema; example?: unknown }>;
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

const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );

/** A schema and its path. `isField`: it is a named property, which needs a description. */
type Found = { path: string; isField: boolean; schema: Schema };

/** Yields a schema and every schema inside it. A reference is followed once; its schemas have paths that begin with its name. */
function* schemasWithin(document: Document, found: Found, followed: Set<string>): Generator<Found> {
  yield found;
  const { path, schema } = found;
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice('#/components/schemas/'.length);
    const target = document.components.schemas[name];
    if (target === undefined) throw new Error(`${path}: nothing at ${schema.$ref}`);
    if (!followed.has(name))
      yield* schemasWithin(document, { path: name, isField: false, schema: target }, followed.add(name));
  }
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    yield* schemasWithin(document, { path: `${path}.${name}`, isField: true, schema: inner }, followed);
  const { items, additionalProperties, anyOf = [], oneOf = [], allOf = [] } = schema;
  const others = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  for (const inner of [...(items ? [items] : []), ...others, ...anyOf, ...oneOf, ...allOf])
    yield* schemasWithin(document, { path: `${path}[]`, isField: false, schema: inner }, followed);
}

/** Yields every parameter and every schema of every route. */
function* schemasOf(document: Document): Generator<Found> {
  const followed = new Set<string>();
  for (const { name, operation } of operationsOf(document)) {
    const { parameters = [], requestBody, responses } = operation;
    for (const { name: parameter, description, schema = {} } of parameters)
      yield {
        path: `${name} ?${parameter}`,
        isField: true,
        schema: { ...schema, ...(description !== undefined && { description }) },
      };
    const bodies = { request: requestBody, ...responses };
    for (const [status, body] of Object.entries(bodies))
      for (const { schema = {} } of Object.values(body?.content ?? {}))
        yield* schemasWithin(document, { path: `${name} ${status}`, isField: false, schema }, followed);
  }
}

it('the API describes every field, every parameter and every answer', async () => {
  const document = await documentOfTheApi();
  const silent = [...schemasOf(document)]
    .filter(({ isField, schema }) => isField && !schema.description?.trim())
    .map(({ path }) => path);
  const answers = operationsOf(document).flatMap(({ name, operation }) =>
    Object.entries(operation.responses)
      .filter(([, { description }]) => description.trim() === '')
      .map(([status]) => `${name} ${status}`),
  );
  expect([...new Set(silent), ...answers]).toEqual([]);
});

it('the API’s patterns are regular expressions as JSON Schema has them: without slashes around, and without flags', async () => {
  const patterns = [...schemasOf(await documentOfTheApi())].filter(({ schema }) => schema.pattern);
  expect(patterns.length).toBeGreaterThan(5);
  for (const { path, schema } of patterns) {
    expect(schema.pattern, path).not.toMatch(/^\/|\/[a-z]*$/);
    expect(() => new RegExp(schema.pattern ?? '', 'u'), path).not.toThrow();
  }
});

it('the API’s examples satisfy their schemas', async () => {
  const document = await documentOfTheApi();
  const ofFields = [...schemasOf(document)].flatMap(({ path, schema }) =>
    (schema.examples ?? []).map((example) => ({ path, schema, example })),
  );
  const ofBodies = operationsOf(document).flatMap(({ name, operation }) =>
    Object.values(operation.requestBody?.content ?? {}).flatMap(({ schema = {}, example }) =>
      example === undefined ? [] : [{ path: name, schema, example }],
    ),
  );
  expect(Math.min(ofFields.length, ofBodies.length)).toBeGreaterThan(4);
  for (const { path, schema, example } of [...ofFields, ...ofBodies])
    expect(z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema).safeParse(example).error, path).toBe(
      undefined,
    );
});

it('the API lists the error codes of each route by the class of their status, and every code has a route', async () => {
  const document = await documentOfTheApi();
  const classOf = new Map(
    document['x-error-codes'].map(({ code, status }) => [code, `${Math.floor(status / 100)}XX`]),
  );
  const named = operationsOf(document).flatMap(({ name, operation }) =>
    Object.entries(operation.responses).flatMap(([status, { content }]) => {
      const code = content?.['application/json']?.schema?.properties?.error?.properties?.code;
      return (code?.enum ?? []).map((value) => ({ name, status, code: String(value) }));
    }),
  );
  for (const { name, status, code } of named) expect(status, `${name} ${code}`).toBe(classOf.get(code));
  expect([...new Set(named.map(({ code }) => code))].sort()).toEqual([...errorCodes].sort());
  const ofCancel = named.filter(({ name }) => name === 'POST /api/ai/executions/{id}/cancel');
  expect(ofCancel.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['not_in_background', 'unauthenticated', 'internal']),
  );
  expect(ofCancel.map(({ code }) => code)).not.toContain('in_use');
});

it('answers that are not a JSON document are described by line, event or message', async () => {
  const { paths } = await documentOfTheApi();
  const answerOf = (path: string, method: string, status: number) =>
    Object.keys(paths[path]?.[method]?.responses[status]?.content ?? {});
  expect(answerOf('/api/wallet/export', 'get', 200)).toEqual(['application/x-ndjson']);
  expect(answerOf('/api/users/{id}/wallet/export', 'get', 200)).toEqual(['application/x-ndjson']);
  expect(answerOf('/api/ai/executions', 'post', 200)).toEqual(['text/event-stream']);
  expect(answerOf('/api/wallet/live', 'get', 101)).toEqual(['application/json']);
});

it('the API documents every route, each with a sentence and the one error shape, on any hostname', async () => {
  const document = await documentOfTheApi();
  const { tags, 'x-error-codes': catalog } = document;
  const operations = operationsOf(document);
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
