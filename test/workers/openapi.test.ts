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
type Parameter = { name: string; description?: string; schema?: Schema };
type Answer = { description: string; content?: Content; headers?: Record<string, { $ref: string }> };
type Ref = { $ref: string };
type Operation = {
  operationId?: string;
  tags?: string[];
  summary?: string;
  security?: unknown;
  parameters?: (Parameter | Ref)[];
  requestBody?: { content: Content };
  responses: Record<string, Answer | Ref>;
  'x-error-codes'?: string[];
  'x-confirm'?: boolean;
};
type Document = {
  servers: { url: string }[];
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Answer>;
    headers: Record<string, { description: string; schema: Schema }>;
  };
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

/** The part that a reference of the document names. */
function partAt(document: Document, ref: string): unknown {
  const part = ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((outer, name) => (outer as Record<string, unknown> | undefined)?.[name], document);
  if (part === undefined) throw new Error(`nothing at ${ref}`);
  return part;
}
const partOf = <Part extends object>(document: Document, part: Part | Ref): Part =>
  '$ref' in part ? (partAt(document, part.$ref) as Part) : part;

const answersOf = (document: Document, { responses }: Operation): [status: string, answer: Answer][] =>
  Object.entries(responses).map(([status, answer]) => [status, partOf(document, answer)]);

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
    const { parameters = [], requestBody } = operation;
    for (const { name: parameter, description, schema = {} } of parameters.map((one) =>
      partOf(document, one),
    ))
      yield {
        path: `${name} ?${parameter}`,
        isField: true,
        schema: { ...schema, ...(description !== undefined && { description }) },
      };
    const bodies = { request: requestBody, ...Object.fromEntries(answersOf(document, operation)) };
    for (const [status, body] of Object.entries(bodies))
      for (const { schema = {} } of Object.values(body?.content ?? {}))
        yield* schemasWithin(document, { path: `${name} ${status}`, isField: false, schema }, followed);
  }
}

it('the API describes every field, every parameter and every answer', async () => {
  const document = await documentOfTheApi();
  const describes = (schema: Schema): boolean =>
    Boolean(schema.description?.trim()) ||
    (schema.$ref !== undefined && describes(partAt(document, schema.$ref) as Schema));
  const silent = [...schemasOf(document)]
    .filter(({ isField, schema }) => isField && !describes(schema))
    .map(({ path }) => path);
  const answers = operationsOf(document).flatMap(({ name, operation }) =>
    answersOf(document, operation)
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
  const standingAlone = (schema: Schema): z.core.JSONSchema.JSONSchema =>
    JSON.parse(
      JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll(
        '"#/components/schemas/',
        '"#/$defs/',
      ),
    );
  for (const { path, schema, example } of [...ofFields, ...ofBodies])
    expect(z.fromJSONSchema(standingAlone(schema)).safeParse(example).error, path).toBe(undefined);
});

it('the API lists the error codes of each route by the class of their status, and every code has a route', async () => {
  const document = await documentOfTheApi();
  const classOf = new Map(
    document['x-error-codes'].map(({ code, status }) => [code, `${Math.floor(status / 100)}XX`]),
  );
  const named = operationsOf(document).flatMap(({ name, operation }) =>
    (operation['x-error-codes'] ?? []).map((code) => ({
      name,
      code,
      statuses: Object.keys(operation.responses),
    })),
  );
  for (const { name, code, statuses } of named)
    expect(statuses, `${name} ${code}`).toContain(classOf.get(code));
  const withoutCodes = operationsOf(document).filter(({ operation }) => !operation['x-error-codes']?.length);
  expect(withoutCodes.map(({ name }) => name).sort()).toEqual([
    'DELETE /v1/files/{file_id}',
    'DELETE /v1/responses/{response_id}',
    'GET /api/health',
    'GET /v1/files',
    'GET /v1/files/{file_id}',
    'GET /v1/files/{file_id}/content',
    'GET /v1/models',
    'GET /v1/models/{model}',
    'GET /v1/responses/{response_id}',
    'GET /v1/responses/{response_id}/input_items',
    'GET /v1beta/models',
    'GET /v1beta/models/{model}',
    'POST /v1/audio/speech',
    'POST /v1/audio/transcriptions',
    'POST /v1/chat/completions',
    'POST /v1/embeddings',
    'POST /v1/images/edits',
    'POST /v1/images/generations',
    'POST /v1/messages',
    'POST /v1/messages/count_tokens',
    'POST /v1/moderations',
    'POST /v1/responses',
    'POST /v1/responses/{response_id}/cancel',
    'POST /v1beta/models/{model}:batchEmbedContents',
    'POST /v1beta/models/{model}:countTokens',
    'POST /v1beta/models/{model}:embedContent',
    'POST /v1beta/models/{model}:generateContent',
    'POST /v1beta/models/{model}:streamGenerateContent',
  ]);
  expect(new Set(document.components.schemas.ErrorCode?.enum)).toEqual(new Set(errorCodes));
  // No operation answers a method that it does not take.
  const ofOperations = errorCodes.filter((code) => code !== 'method_not_allowed');
  expect([...new Set(named.map(({ code }) => code))].sort()).toEqual(ofOperations.sort());
  const ofCancel = named.filter(({ name }) => name === 'POST /api/ai/executions/{id}/cancel');
  expect(ofCancel.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['not_in_background', 'unauthenticated', 'internal']),
  );
  expect(ofCancel.map(({ code }) => code)).not.toContain('in_use');
});

it('the API tells which operations ask again who their caller is, by the error that they answer', async () => {
  const asking = operationsOf(await documentOfTheApi()).filter(({ operation }) => operation['x-confirm']);
  expect(asking.length).toBeGreaterThan(8);
  for (const { name, operation } of asking)
    expect(operation['x-error-codes'], name).toContain('confirmation_required');
});

it('answers that are not a JSON document are described by line, event or message', async () => {
  const document = await documentOfTheApi();
  const contentOf = (path: string, method: string, status: number) =>
    partOf(document, document.paths[path]?.[method]?.responses[status] ?? { description: '' }).content ?? {};
  const answerOf = (path: string, method: string, status: number) =>
    Object.keys(contentOf(path, method, status));
  expect(answerOf('/api/wallet/export', 'get', 200)).toEqual(['application/x-ndjson']);
  expect(answerOf('/api/users/{id}/wallet/export', 'get', 200)).toEqual(['application/x-ndjson']);
  expect(answerOf('/api/ai/executions', 'post', 200)).toEqual(['text/event-stream']);
  expect(answerOf('/api/wallet/live', 'get', 101)).toEqual(['application/json']);
  const eventsOf = (path: string) => contentOf(path, 'post', 200)['text/event-stream']?.schema?.$ref;
  expect(eventsOf('/api/ai/executions')).toBe('#/components/schemas/ExecutionEvent');
  expect(eventsOf('/v1/chat/completions')).toBe('#/components/schemas/ChatCompletionEvent');
  expect(eventsOf('/v1/messages')).toBe('#/components/schemas/MessageStreamEvent');
  expect(eventsOf('/v1/responses')).toBe('#/components/schemas/ResponseStreamEvent');
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
    'DELETE /api/auth/factors/{id}',
    'DELETE /api/auth/identities/{provider_id}',
    'DELETE /api/auth/sessions/current',
    'DELETE /api/auth/sessions/{id}',
    'DELETE /api/conversations',
    'DELETE /api/conversations/{id}',
    'DELETE /api/domains/{id}',
    'DELETE /api/invitations/{id}',
    'DELETE /api/management-keys/{id}',
    'DELETE /api/tenant/logo',
    'DELETE /api/tenant/sign-in-providers/{id}',
    'DELETE /api/tenant/webhooks/{id}',
    'DELETE /api/tenants/{id}',
    'DELETE /api/users/{id}/factors',
    'DELETE /v1/files/{file_id}',
    'DELETE /v1/responses/{response_id}',
    'GET /api/admin/model-names',
    'GET /api/admin/models',
    'GET /api/admin/models/{id}',
    'GET /api/admin/models/{id}/prices',
    'GET /api/admin/providers',
    'GET /api/admin/providers/{id}',
    'GET /api/admin/providers/{id}/catalog',
    'GET /api/ai/executions',
    'GET /api/ai/executions/export',
    'GET /api/ai/executions/{id}',
    'GET /api/ai/executions/{id}/content',
    'GET /api/ai/models',
    'GET /api/alerts',
    'GET /api/alerts/settings',
    'GET /api/api-keys',
    'GET /api/api-keys/{id}',
    'GET /api/audit-log',
    'GET /api/audit-log/export',
    'GET /api/auth/export',
    'GET /api/auth/factors',
    'GET /api/auth/identities',
    'GET /api/auth/me',
    'GET /api/auth/sessions',
    'GET /api/auth/sign-in/callback',
    'GET /api/auth/sign-in/{provider_id}',
    'GET /api/conversations',
    'GET /api/conversations/{id}',
    'GET /api/domains',
    'GET /api/domains/{id}',
    'GET /api/features',
    'GET /api/health',
    'GET /api/invitations',
    'GET /api/levels',
    'GET /api/management-keys',
    'GET /api/platform/audit-log',
    'GET /api/platform/health',
    'GET /api/platform/overview',
    'GET /api/platform/usage',
    'GET /api/platform/usage/export',
    'GET /api/reconciliation',
    'GET /api/reconciliation/tenants',
    'GET /api/tenant',
    'GET /api/tenant-signups',
    'GET /api/tenant/acting-sessions',
    'GET /api/tenant/alert-rules',
    'GET /api/tenant/budget',
    'GET /api/tenant/logo/{hash}',
    'GET /api/tenant/settings',
    'GET /api/tenant/sign-in-providers',
    'GET /api/tenant/webhooks',
    'GET /api/tenant/webhooks/{id}/deliveries',
    'GET /api/tenants',
    'GET /api/tenants/{id}',
    'GET /api/tenants/{id}/budget',
    'GET /api/tenants/{id}/export',
    'GET /api/tenants/{id}/ledger',
    'GET /api/tenants/{id}/ledger/export',
    'GET /api/tenants/{id}/self-made-changes',
    'GET /api/usage',
    'GET /api/usage/export',
    'GET /api/usage/summary',
    'GET /api/users',
    'GET /api/users/{id}',
    'GET /api/users/{id}/factors',
    'GET /api/users/{id}/wallet/export',
    'GET /api/wallet',
    'GET /api/wallet/export',
    'GET /api/wallet/ledger',
    'GET /api/wallet/live',
    'GET /v1/files',
    'GET /v1/files/{file_id}',
    'GET /v1/files/{file_id}/content',
    'GET /v1/models',
    'GET /v1/models/{model}',
    'GET /v1/responses/{response_id}',
    'GET /v1/responses/{response_id}/input_items',
    'GET /v1beta/models',
    'GET /v1beta/models/{model}',
    'PATCH /api/admin/models/{id}',
    'PATCH /api/admin/providers/{id}',
    'PATCH /api/api-keys/{id}',
    'PATCH /api/auth/factors/{id}',
    'PATCH /api/auth/profile',
    'PATCH /api/conversations/{id}',
    'PATCH /api/conversations/{id}/messages/{message_id}',
    'PATCH /api/levels/{id}',
    'PATCH /api/tenant',
    'PATCH /api/tenant/alert-rules',
    'PATCH /api/tenant/sign-in-providers/{id}',
    'PATCH /api/tenant/webhooks/{id}',
    'PATCH /api/tenants/{id}',
    'PATCH /api/users/{id}',
    'POST /api/admin/models',
    'POST /api/admin/models/{id}/prices',
    'POST /api/admin/providers',
    'POST /api/admin/providers/test',
    'POST /api/admin/providers/{id}/catalog',
    'POST /api/ai/executions',
    'POST /api/ai/executions/{id}/cancel',
    'POST /api/alerts/{id}/dismiss',
    'POST /api/api-keys',
    'POST /api/api-keys/{id}/rotate',
    'POST /api/auth/close',
    'POST /api/auth/confirm',
    'POST /api/auth/confirm/passkey/options',
    'POST /api/auth/email',
    'POST /api/auth/email/confirm',
    'POST /api/auth/factors/passkeys',
    'POST /api/auth/factors/passkeys/options',
    'POST /api/auth/factors/recovery-codes',
    'POST /api/auth/factors/totp',
    'POST /api/auth/factors/totp/confirm',
    'POST /api/auth/invitations/accept',
    'POST /api/auth/invitations/lookup',
    'POST /api/auth/login',
    'POST /api/auth/login/passkey',
    'POST /api/auth/login/passkey/options',
    'POST /api/auth/login/second-factor',
    'POST /api/auth/login/setup/passkey',
    'POST /api/auth/login/setup/passkey/options',
    'POST /api/auth/login/setup/totp',
    'POST /api/auth/login/setup/totp/confirm',
    'POST /api/auth/logout',
    'POST /api/auth/password',
    'POST /api/auth/password-reset',
    'POST /api/auth/password-reset/confirm',
    'POST /api/auth/register',
    'POST /api/auth/sign-in/complete',
    'POST /api/auth/verify-email',
    'POST /api/auth/verify-email/request',
    'POST /api/auth/verify-email/resend',
    'POST /api/conversations',
    'POST /api/conversations/{id}/messages',
    'POST /api/domains',
    'POST /api/domains/{id}/check',
    'POST /api/invitations',
    'POST /api/levels',
    'POST /api/management-keys',
    'POST /api/management-keys/{id}/rotate',
    'POST /api/tenant-signups',
    'POST /api/tenant/sign-in-providers',
    'POST /api/tenant/sign-in-providers/test',
    'POST /api/tenant/webhooks',
    'POST /api/tenant/webhooks/{id}/deliveries/{event_id}/replay',
    'POST /api/tenant/webhooks/{id}/rotate',
    'POST /api/tenants',
    'POST /api/tenants/{id}/budget/credits',
    'POST /api/tenants/{id}/budget/reconciliation',
    'POST /api/tenants/{id}/budget/repair',
    'POST /api/tenants/{id}/sessions',
    'POST /api/users',
    'POST /api/users/{id}/sign-out',
    'POST /api/users/{id}/wallet/adjustments',
    'POST /api/users/{id}/wallet/credits',
    'POST /api/users/{id}/wallet/reconciliation',
    'POST /api/users/{id}/wallet/repair',
    'POST /api/wallet/live/tickets',
    'POST /v1/audio/speech',
    'POST /v1/audio/transcriptions',
    'POST /v1/chat/completions',
    'POST /v1/embeddings',
    'POST /v1/files',
    'POST /v1/images/edits',
    'POST /v1/images/generations',
    'POST /v1/messages',
    'POST /v1/messages/count_tokens',
    'POST /v1/moderations',
    'POST /v1/responses',
    'POST /v1/responses/{response_id}/cancel',
    'POST /v1beta/models/{model}:batchEmbedContents',
    'POST /v1beta/models/{model}:countTokens',
    'POST /v1beta/models/{model}:embedContent',
    'POST /v1beta/models/{model}:generateContent',
    'POST /v1beta/models/{model}:streamGenerateContent',
    'PUT /api/admin/model-names/{name}',
    'PUT /api/admin/models/order',
    'PUT /api/admin/models/{id}/list-price',
    'PUT /api/admin/providers/order',
    'PUT /api/alerts/settings',
    'PUT /api/levels/order',
    'PUT /api/levels/{id}/token-policy',
    'PUT /api/tenant-signups',
    'PUT /api/tenant/logo',
    'PUT /api/tenants/{id}/budget',
    'PUT /api/tenants/{id}/self-made-changes',
    'PUT /api/users/{id}/token-policy',
  ]);
  for (const { name, operation } of operations) {
    expect(operation.summary, name).toMatch(/\.$/);
    expect(tags.map((tag) => tag.name)).toEqual(expect.arrayContaining(operation.tags ?? ['a group']));
    if (name !== 'GET /api/health')
      expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(['4XX', '5XX']));
  }
  const open = operations
    .filter(({ operation }) => JSON.stringify(operation.security) === '[]')
    .map(({ name }) => name);
  expect(open.sort()).toEqual([
    'GET /api/auth/sign-in/callback',
    'GET /api/auth/sign-in/{provider_id}',
    'GET /api/health',
    'GET /api/tenant',
    'GET /api/tenant-signups',
    'GET /api/tenant/logo/{hash}',
    'POST /api/auth/email/confirm',
    'POST /api/auth/invitations/accept',
    'POST /api/auth/invitations/lookup',
    'POST /api/auth/login',
    'POST /api/auth/login/passkey',
    'POST /api/auth/login/passkey/options',
    'POST /api/auth/login/second-factor',
    'POST /api/auth/login/setup/passkey',
    'POST /api/auth/login/setup/passkey/options',
    'POST /api/auth/login/setup/totp',
    'POST /api/auth/login/setup/totp/confirm',
    'POST /api/auth/password-reset',
    'POST /api/auth/password-reset/confirm',
    'POST /api/auth/register',
    'POST /api/auth/sign-in/complete',
    'POST /api/auth/verify-email',
    'POST /api/auth/verify-email/request',
    'POST /api/tenant-signups',
  ]);
  expect(catalog.map(({ code }) => code).sort()).toEqual([...errorCodes].sort());
});

/** Every object of the document that is not a name for something else, with the way to it. */
function* objectsWithin(
  value: unknown,
  path: string,
): Generator<[path: string, object: Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [path, value as Record<string, unknown>];
  for (const [name, inner] of Object.entries(value)) yield* objectsWithin(inner, `${path}/${name}`);
}

/** Larger objects have a name, so that generators make one type of each. */
const INLINE_PROPERTIES_MAX = 4;

it('the API’s document names its schemas: no large object is written twice, and every reference leads somewhere', async () => {
  const document = await documentOfTheApi();
  const seen = new Map<string, string>();
  for (const [path, object] of objectsWithin(document, '#')) {
    if (typeof object.$ref === 'string')
      expect(() => partAt(document, String(object.$ref)), path).not.toThrow();
    const { description: _, ...schema } = object;
    if (Object.keys(schema.properties ?? {}).length <= INLINE_PROPERTIES_MAX) continue;
    const text = JSON.stringify(schema);
    expect(seen.get(text), path).toBeUndefined();
    seen.set(text, path);
  }
  expect(seen.size).toBeGreaterThan(40);
  expect(Object.keys(document.components.schemas).length).toBeGreaterThan(100);
});

it('the API’s document stays small enough to be read by tools and models', async () => {
  const document = await documentOfTheApi();
  expect(JSON.stringify(document).length / operationsOf(document).length).toBeLessThan(4_000);
});

it('the API’s document gives generators what they need: a name for each operation, the server it was read from, and the headers', async () => {
  const document = await documentOfTheApi();
  const operations = operationsOf(document);
  const ids = operations.map(({ operation }) => operation.operationId ?? '');
  for (const id of ids) expect(id).toMatch(/^[a-z]+([A-Z][a-z]*)*$/);
  expect(new Set(ids).size).toBe(ids.length);
  expect(document.servers.map(({ url }) => url)).toEqual(['http://anywhere.example']);
  for (const { name, operation } of operations) {
    expect(operation.security, name).toBeInstanceOf(Array);
    for (const [status, { headers = {} }] of answersOf(document, operation)) {
      expect(Object.keys(headers), `${name} ${status}`).toContain('x-request-id');
      if (status.endsWith('XX')) expect(Object.keys(headers), `${name} ${status}`).toContain('retry-after');
    }
  }
});
