import { z } from 'zod';
import type { ApiKeyScope } from '../../../contracts/api/account/api-keys.ts';
import type { ManagementKeyScope } from '../../../contracts/api/tenant/management-keys.ts';
import { type ErrorCode, type ErrorResponse, errorResponse } from '../../../contracts/errors.ts';
import { resourceId } from '../../../contracts/resource-id.ts';
import { statusOf } from '../errors.ts';

/** Describes a JSON answer, for the document and for the handler's types. */
export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** Describes a JSON answer that the handler builds elsewhere. A record of any media types keeps it out of the handler's types. */
export const builtJson = (schema: z.ZodType, description: string) => ({
  description,
  content: { 'application/json': { schema } } as Record<string, { schema: z.ZodType }>,
});

/** Describes a required JSON body. `example` is a body that works as it is. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema, example?: z.input<Schema>) => ({
  body: {
    required: true,
    content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } },
  },
});

/** Refers to a header of `components/headers`. */
const header = (id: string) => ({ $ref: `#/components/headers/${id}` });

/** Headers of an answer in one piece that an execution gave. */
export const executionHeaders = {
  'x-execution-id': header('ExecutionId'),
  'x-wallet-tokens-reserved': header('WalletTokensReserved'),
  'x-wallet-tokens-charged': header('WalletTokensCharged'),
  'x-wallet-balance-after': header('WalletBalanceAfter'),
  'x-wallet-warning': header('WalletWarning'),
  'x-attempts': header('Attempts'),
  'x-max-output-tokens-fitted': header('MaxOutputTokensFitted'),
  'x-stop-sequences-fitted': header('StopSequencesFitted'),
  'x-response-cache': header('ResponseCache'),
  'x-tool-calls-fitted': header('ToolCallsFitted'),
  'idempotency-replayed': header('IdempotencyReplayed'),
};

/** Headers of a count of input tokens. */
export const countHeaders = { 'x-input-tokens-source': header('InputTokensSource') };

/** Headers of a streamed answer: the figures follow in its last events. */
export const streamHeaders = {
  'x-execution-id': header('ExecutionId'),
  'x-max-output-tokens-fitted': header('MaxOutputTokensFitted'),
  'x-stop-sequences-fitted': header('StopSequencesFitted'),
  'x-response-cache': header('ResponseCache'),
  'x-tool-calls-fitted': header('ToolCallsFitted'),
  'idempotency-replayed': header('IdempotencyReplayed'),
};

/** Headers of an execution that runs in the background. */
export const backgroundHeaders = { 'x-execution-id': header('ExecutionId'), location: header('Location') };

/** Errors of every operation: the hostname, the rate and the platform's parts are checked first. */
const everywhere = [
  'invalid_request',
  'unknown_host',
  'tenant_suspended',
  'rate_limited',
  'unavailable',
  'internal',
] as const satisfies ErrorCode[];

/** Errors of every operation that needs authentication. */
const onceSignedIn = [
  'unauthenticated',
  'token_expired',
  'session_revoked',
  'user_disabled',
  'api_key_revoked',
  'api_key_expired',
  'wrong_tenant',
  'forbidden',
  'feature_not_in_level',
] as const satisfies ErrorCode[];

/** Codes that `problems` adds by itself. */
export type CommonCode = (typeof everywhere)[number] | (typeof onceSignedIn)[number];

/** Errors of every operation that takes a body. */
export const ofBody = [
  'invalid_json',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies ErrorCode[];

export const CLIENT_ERROR_TEXT =
  'The request was refused. The code of the error gives the reason, and `details` the field or the limit.';
export const SERVER_ERROR_TEXT = 'The platform failed. Nothing was charged. Try again after `Retry-After`.';

/** Describes the errors of one class of statuses. The handler's types hold it to these codes. */
const errorsOfClass = <Code extends ErrorCode>(codes: readonly Code[], description: string) => ({
  ...json(errorResponse as z.ZodType as z.ZodType<ErrorResponse<Code>>, description),
  codes,
});

/** Describes the errors of an operation without authentication: the given codes and those of every operation. */
export const openProblems = <Code extends ErrorCode = never>(...codes: Code[]) => {
  const all = [...new Set([...codes, ...everywhere])];
  const ofClass = (statusClass: 4 | 5) =>
    all.filter((code) => Math.floor(statusOf(code) / 100) === statusClass);
  return {
    '4XX': errorsOfClass(ofClass(4), CLIENT_ERROR_TEXT),
    '5XX': errorsOfClass(ofClass(5), SERVER_ERROR_TEXT),
  } as const;
};

/** Describes the errors of an operation that needs authentication. */
export const problems = <Code extends ErrorCode = never>(...codes: Code[]) =>
  openProblems<CommonCode | Code>(...codes, ...onceSignedIn);

/** Access of a route that needs no authentication. */
export const open = [];

/** Access of a route that needs a session. */
export const session = [{ session: [] }];

/** Access of a route that takes a session or an API key with this scope. The middleware reads the scope from here. */
export const sessionOrKey = (scope: ApiKeyScope) => [{ session: [] }, { api_key: [scope] }];

/** Access of a route that takes a management key with this scope. */
export const managementKey = (scope: ManagementKeyScope) => [{ management_key: [scope] }];

/** Access of a route that takes a session or a management key with this scope. */
export const sessionOrManagementKey = (scope: ManagementKeyScope) => [...session, ...managementKey(scope)];

/** Describes the id in a path. */
export const idParam = (description: string) => z.object({ id: resourceId.describe(description) });

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,100}$/, '1 to 100 visible ASCII characters')
  .describe(
    'A unique key for this operation, 1 to 100 visible ASCII characters. If you send the request again with the same key, you get the first answer and are charged once.',
  )
  .meta({ examples: ['order-4711'] });

/** The optional Idempotency-Key: without it, every request is a new operation. */
export const idempotencyHeader = z.object({ 'idempotency-key': idempotencyKey.optional() });

const responseCacheChoice = z
  .enum(['skip', 'refresh'])
  .describe(
    "The choice about the tenant's response cache: `skip` neither reads nor keeps an answer; `refresh` reads none and keeps the new one. Without it a kept answer is read, and a new one kept.",
  );

/** The optional headers of an execution whose answer can be kept for equal requests. */
export const cachedHeader = idempotencyHeader.extend({ 'x-response-cache': responseCacheChoice.optional() });

/** The required Idempotency-Key of operations that add or remove tokens: a client without an answer must be able to try again safely. */
export const requiredIdempotencyHeader = z.object({ 'idempotency-key': idempotencyKey });

/** Describes the errors of a surface whose SDKs expect a shape of their own. */
export const surfaceProblems = <Schema extends z.ZodType>(schema: Schema) =>
  ({ '4XX': json(schema, CLIENT_ERROR_TEXT), '5XX': json(schema, SERVER_ERROR_TEXT) }) as const;
