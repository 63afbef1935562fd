import { referenceDocument } from '../../../../web/src/features/api-reference/document.ts';
import {
  type Operation,
  type Reference,
  referenceOf,
} from '../../../../web/src/features/api-reference/reference.ts';

const ok = { 200: { description: 'Done' } };
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } };

const refusal = {
  description: 'Refused',
  content: {
    'application/json': {
      schema: { properties: { error: { type: 'object', properties: { code: { type: 'string' } } } } },
    },
  },
};

/** A small document with one of everything that a request can have. */
const small = {
  openapi: '3.1.0',
  info: { title: 'Test', version: '1', description: 'What it is.' },
  tags: [
    { name: 'Things', description: 'What there is.' },
    { name: 'Nobody', description: 'Used by no operation.' },
  ],
  components: {
    schemas: {
      Thing: { type: 'object', properties: { name: { type: 'string' }, count: { type: 'integer' } } },
    },
    parameters: { Limit: { name: 'limit', in: 'query', schema: { type: 'integer' } } },
    responses: { Refused: refusal },
    securitySchemes: {
      session: { type: 'http', scheme: 'bearer', description: 'A token' },
      api_key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    },
  },
  paths: {
    '/state': { get: { responses: ok } },
    '/things': {
      parameters: [],
      post: {
        tags: ['Things'],
        summary: 'Makes a thing. It is yours.',
        security: [{ session: [] }, { api_key: ['things:write'] }],
        parameters: [{ name: 'idempotency-key', in: 'header', required: true, schema: { type: 'string' } }],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/Thing' },
              example: { name: "It's one", model: 'auto' },
            },
          },
        },
        responses: { 201: { description: 'Made', content: { 'application/json': { schema: {} } } }, ...ok },
      },
      get: {
        tags: ['Things'],
        summary: 'Your things.',
        security: [{ session: [] }],
        parameters: [
          { name: 'of', in: 'query', required: true, schema: { type: 'string' } },
          { $ref: '#/components/parameters/Limit' },
        ],
        responses: { ...ok, '4XX': { $ref: '#/components/responses/Refused' } },
        'x-error-codes': ['unknown', 'invalid', 'unheard_of'],
      },
    },
    '/things/{id}': {
      patch: {
        tags: ['Things'],
        summary: 'Changes a thing.',
        parameters: [id],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
        responses: ok,
      },
      delete: { tags: ['Things'], summary: 'Removes a thing.', parameters: [id], responses: { 204: {} } },
    },
    '/things/live': {
      get: { tags: ['Late'], summary: 'Things as they come.', responses: { 101: { description: 'Speaks' } } },
    },
  },
  'x-error-codes': [
    { code: 'not_found', status: 404, message: 'There is none.' },
    { code: 'invalid', status: 400, message: 'Look at it again.' },
    { code: 'unknown', status: 404, message: 'Choose another.' },
  ],
};

export const reference: Reference = referenceOf(referenceDocument.parse(small));

export function operationOf(id: string): Operation {
  const found = reference.sections.flatMap(({ operations }) => operations).find((one) => one.id === id);
  if (found === undefined) throw new Error(`No operation ${id}`);
  return found;
}
