import type { z } from 'zod';
import { pageParams } from '../../../contracts/api/paging.ts';
import { errorResponse } from '../../../contracts/errors.ts';
import { openAiError } from '../../../contracts/v1/chat-completions-answer.ts';
import { anthropicError } from '../../../contracts/v1/messages-answer.ts';
import { googleError } from '../../../contracts/v1beta/generate-content-answer.ts';
import {
  CLIENT_ERROR_TEXT,
  cachedHeader,
  idempotencyHeader,
  json,
  requiredIdempotencyHeader,
  SERVER_ERROR_TEXT,
} from './responses.ts';

/** Parameters that several operations take, each written once in `components/parameters`. */
export const sharedParameters = new Map<z.ZodType, { id: string; name: string; in: string }>([
  [pageParams.shape.cursor, { id: 'Cursor', name: 'cursor', in: 'query' }],
  [pageParams.shape.limit, { id: 'Limit', name: 'limit', in: 'query' }],
  [
    idempotencyHeader.shape['idempotency-key'],
    { id: 'IdempotencyKey', name: 'idempotency-key', in: 'header' },
  ],
  [
    cachedHeader.shape['x-response-cache'],
    { id: 'ResponseCacheChoice', name: 'x-response-cache', in: 'header' },
  ],
  [
    requiredIdempotencyHeader.shape['idempotency-key'],
    { id: 'RequiredIdempotencyKey', name: 'idempotency-key', in: 'header' },
  ],
]);

const errorResponses = (name: string, schema: z.ZodType) => [
  { id: `${name}ClientError`, status: '4XX', schema, answer: json(schema, CLIENT_ERROR_TEXT) },
  { id: `${name}ServerError`, status: '5XX', schema, answer: json(schema, SERVER_ERROR_TEXT) },
];

/** Error answers, each written once in `components/responses`: one shape for each surface. */
export const sharedResponses = [
  ...errorResponses('', errorResponse),
  ...errorResponses('OpenAi', openAiError),
  ...errorResponses('Anthropic', anthropicError),
  ...errorResponses('Google', googleError),
];

const tokens = { type: 'integer', format: 'int64', minimum: 0 };

/** Headers of answers and the two ways to authenticate. Schemas and parameters come from the routes. */
export const components = {
  headers: {
    RequestId: {
      description: 'The id of this request. Quote it when you ask for help.',
      schema: { type: 'string', format: 'uuid' },
    },
    RetryAfter: {
      description: 'Seconds to wait before you try again. Always present on 429 and 503.',
      schema: { type: 'integer', minimum: 1 },
    },
    Location: {
      description: 'The path of the execution, to be polled.',
      schema: { type: 'string' },
    },
    MaxOutputTokensFitted: {
      description: 'The output limit that fits the balance. Missing if the limit was not lowered.',
      schema: { type: 'integer', minimum: 1 },
    },
    InputTokensSource: {
      description:
        'The source of a count: `provider`: told by the provider; `tokenizer`: an estimate; `bound`: the most that it can be.',
      schema: { type: 'string', enum: ['provider', 'tokenizer', 'bound'] },
    },
    StopSequencesFitted: {
      description:
        'The number of stop sequences that are sent at least, if a provider of the model takes fewer than the request has. Missing if all are sent.',
      schema: { type: 'integer', minimum: 1 },
    },
    ToolCallsFitted: {
      description:
        'The number of tool calls that are delivered at most, if a provider of the model cannot be kept to it: later calls of the answer are left out. Missing if all are delivered.',
      schema: { type: 'integer', minimum: 1 },
    },
    ExecutionId: {
      description: 'The id of the execution.',
      schema: { type: 'string', format: 'uuid' },
    },
    WalletTokensReserved: {
      description: 'Wallet tokens reserved while the execution ran.',
      schema: tokens,
    },
    WalletTokensCharged: {
      description: 'Wallet tokens charged.',
      schema: tokens,
    },
    WalletBalanceAfter: {
      description: 'Wallet tokens available after the settlement.',
      schema: tokens,
    },
    WalletWarning: {
      description: 'The warning threshold that use has reached, as `used=82%; threshold=80%`.',
      schema: { type: 'string' },
    },
    Attempts: {
      description: 'Number of provider calls.',
      schema: { type: 'integer', minimum: 0 },
    },
    ResponseCache: {
      description:
        'The use of the response cache: `hit`: the answer was kept from an equal request; `miss`: a provider was asked. Missing if the tenant or the request does not use it.',
      schema: { type: 'string', enum: ['hit', 'miss'] },
    },
    IdempotencyReplayed: {
      description:
        'Always `true`: this is the stored answer to an earlier request with the same `Idempotency-Key`.',
      schema: { type: 'string' },
    },
  },
  securitySchemes: {
    session: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'A session token from `POST /api/auth/login`.',
    },
    api_key: {
      type: 'apiKey',
      in: 'header',
      name: 'x-api-key',
      description:
        'An API key from `POST /api/api-keys` with the scope that the operation names. You can also send it as `Authorization: Bearer`, as the SDKs do.',
    },
    management_key: {
      type: 'http',
      scheme: 'bearer',
      description:
        'A management key from `POST /api/management-keys` with the scope that the operation names. For servers of the tenant.',
    },
  },
};
