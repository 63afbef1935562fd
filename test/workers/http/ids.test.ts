import { expect, it } from 'vitest';
import { z } from 'zod';
import { app } from '../../../worker/http/app.ts';

const UPPER = '018F0000-0000-7000-8000-00000000ABCD';

/** The schemas that a schema is made of. */
function partsOf(schema: z.ZodType): z.ZodType[] {
  const def = schema._zod.def as unknown as Record<string, unknown>;
  const named = ['innerType', 'element', 'in', 'out', 'valueType', 'keyType'].map((name) => def[name]);
  const shape = Object.values((def.shape as Record<string, unknown> | undefined) ?? {});
  const options = (def.options as unknown[] | undefined) ?? [];
  return [...named, ...shape, ...options].filter((part) => part instanceof z.ZodType);
}

const idsIn = (schema: z.ZodType): z.ZodType[] =>
  schema instanceof z.ZodUUID ? [schema] : partsOf(schema).flatMap(idsIn);

const ids = app.openAPIRegistry.definitions.flatMap((definition) => {
  if (definition.type !== 'route') return [];
  const { method, path, request = {} } = definition.route;
  const body = Object.values(request.body?.content ?? {}).map((content) =>
    content !== undefined && 'schema' in content ? content.schema : undefined,
  );
  const schemas = [request.params, request.query, request.headers, ...body];
  return schemas
    .filter((schema): schema is z.ZodType => schema instanceof z.ZodType)
    .flatMap(idsIn)
    .map((schema, index) => [`${method.toUpperCase()} ${path} (${index})`, schema] as const);
});

it('there are ids in paths, queries and bodies', () => {
  expect(ids.length).toBeGreaterThan(50);
});

it.each(ids)('the id in %s is read in lower case', (_, schema) => {
  expect(schema.parse(UPPER)).toBe(UPPER.toLowerCase());
});

it('everything else in a path is no id', () => {
  const others = app.openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== 'route') return [];
    const { path, request } = definition.route;
    const params = request?.params as z.ZodObject | undefined;
    return [...path.matchAll(/\{(.+?)\}/g)].flatMap(([, name = '']) =>
      params?.shape[name] instanceof z.ZodUUID ? [] : [`${path}: ${name}`],
    );
  });
  expect([...new Set(others)].sort()).toEqual([
    '/api/admin/model-names/{name}: name',
    '/api/tenant/logo/{hash}: hash',
    '/v1/files/{file_id}/content: file_id',
    '/v1/files/{file_id}: file_id',
    '/v1/models/{model}: model',
    '/v1/responses/{response_id}/cancel: response_id',
    '/v1/responses/{response_id}/input_items: response_id',
    '/v1/responses/{response_id}: response_id',
    '/v1beta/models/{model}/batchEmbedContents: model',
    '/v1beta/models/{model}/countTokens: model',
    '/v1beta/models/{model}/embedContent: model',
    '/v1beta/models/{model}/generateContent: model',
    '/v1beta/models/{model}/streamGenerateContent: model',
    '/v1beta/models/{model}: model',
  ]);
});
