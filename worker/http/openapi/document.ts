import type { RouteConfig } from '@hono/zod-openapi';
import type { z } from 'zod';
import { writtenPath } from '../routing-path.ts';
import { components, sharedParameters, sharedResponses } from './components.ts';
import { openApiHead } from './head.ts';
import { type JsonSchema, jsonSchemasOf } from './schemas.ts';

/**
 * The API's OpenAPI 3.1 document, written from the definitions of its routes. Named schemas, parameters and headers stand once in
 * `components`. The shapes below are the parts of a definition that our routes use.
 */

type Content = Record<string, { schema: z.ZodType; [field: string]: unknown }>;
type Answer = { description: string; content?: Content; headers?: object; codes?: readonly string[] };
type Request = {
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { content: Content };
};

const parts = ({ request, responses }: RouteConfig) => ({
  request: (request ?? {}) as Request,
  responses: responses as Record<string, Answer>,
});

const places = { params: 'path', query: 'query', headers: 'header' } as const;

type Parameter = { name: string; in: string; schema: z.ZodType };

const parametersOf = (request: Request): Parameter[] =>
  (['params', 'query', 'headers'] as const).flatMap((place) =>
    Object.entries(request[place]?.shape ?? {}).map(([name, schema]) => ({
      name,
      in: places[place],
      schema: schema as z.ZodType,
    })),
  );

const contentsOf = (route: RouteConfig): Content[] => {
  const { request, responses } = parts(route);
  return [request.body?.content ?? {}, ...Object.values(responses).map(({ content }) => content ?? {})];
};

/** Every schema that a route mentions. */
const schemasIn = (route: RouteConfig): z.ZodType[] => [
  ...parametersOf(parts(route).request).map(({ schema }) => schema),
  ...contentsOf(route).flatMap((content) => Object.values(content).map(({ schema }) => schema)),
];

type SchemaOf = (schema: z.ZodType) => JsonSchema;

function parameterObject({ name, in: place, schema }: Parameter, schemaOf: SchemaOf) {
  const { description, ...rest } = schemaOf(schema);
  return { name, in: place, required: !schema.safeParse(undefined).success, description, schema: rest };
}

const contentObject = (content: Content, schemaOf: SchemaOf) =>
  Object.fromEntries(
    Object.entries(content).map(([mediaType, { schema, ...rest }]) => [
      mediaType,
      { schema: schemaOf(schema), ...rest },
    ]),
  );

/** Every answer has the request's id; errors may say when to try again. */
const headersOf = (status: string, { headers }: Answer) => ({
  'x-request-id': { $ref: '#/components/headers/RequestId' },
  ...(status.endsWith('XX') && { 'retry-after': { $ref: '#/components/headers/RetryAfter' } }),
  ...headers,
});

const answerObject = (status: string, answer: Answer, schemaOf: SchemaOf) => ({
  description: answer.description,
  headers: headersOf(status, answer),
  ...(answer.content !== undefined && { content: contentObject(answer.content, schemaOf) }),
});

/** An answer of an operation: by reference where several operations share it. */
function answerOf(status: string, answer: Answer, schemaOf: SchemaOf) {
  const schema = answer.content?.['application/json']?.schema;
  const shared = sharedResponses.find((other) => other.status === status && other.schema === schema);
  return shared === undefined
    ? answerObject(status, answer, schemaOf)
    : { $ref: `#/components/responses/${shared.id}` };
}

function operationObject(route: RouteConfig, schemaOf: SchemaOf) {
  const { method: _method, path: _path, request: _request, responses: _responses, ...head } = route;
  const { request, responses } = parts(route);
  const parameters = parametersOf(request).map((parameter) => {
    const shared = sharedParameters.get(parameter.schema);
    return shared === undefined
      ? parameterObject(parameter, schemaOf)
      : { $ref: `#/components/parameters/${shared.id}` };
  });
  const { body } = request;
  const answers = Object.entries(responses);
  const codes = answers.flatMap(([, answer]) => answer.codes ?? []);
  return {
    ...head,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { ...body, content: contentObject(body.content, schemaOf) } }),
    responses: Object.fromEntries(
      answers.map(([status, answer]) => [status, answerOf(status, answer, schemaOf)]),
    ),
    ...(codes.length > 0 && { 'x-error-codes': codes }),
  };
}

/** Writes the document of these routes, but for the server it is read from. Pure. */
export function openApiDocument(routes: readonly RouteConfig[]) {
  const shared = [...sharedParameters];
  const used = [
    ...routes.flatMap(schemasIn),
    ...shared.map(([schema]) => schema),
    ...sharedResponses.map(({ schema }) => schema),
  ];
  const { schemas, named } = jsonSchemasOf(used);
  const converted = new Map(used.map((schema, index) => [schema, schemas[index] ?? {}]));
  const schemaOf: SchemaOf = (schema) => converted.get(schema) ?? {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = writtenPath(route.path);
    paths[path] = { ...paths[path], [route.method]: operationObject(route, schemaOf) };
  }
  return {
    ...openApiHead,
    paths,
    components: {
      ...components,
      schemas: Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1))),
      responses: Object.fromEntries(
        sharedResponses.map(({ id, status, answer }) => [id, answerObject(status, answer, schemaOf)]),
      ),
      parameters: Object.fromEntries(
        shared.map(([schema, { id, ...place }]) => [id, parameterObject({ ...place, schema }, schemaOf)]),
      ),
    },
  };
}
