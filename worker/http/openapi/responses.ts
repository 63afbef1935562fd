import { z } from 'zod';
import type { ApiKeyScope } from '../../../contracts/api/api-keys.ts';
import { type ErrorCode, errorResponse } from '../../../contracts/errors.ts';
import { statusOf } from '../errors.ts';

/** A JSON body of a route's documentation and types. */
export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** A required JSON request body, with one that works as it is, for who reads the description of the API. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema, example?: z.input<Schema>) => ({
  body: {
    required: true,
    content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } },
  },
});

/** What any route may answer: the hostname, the pace and the parts behind it are looked at before all else. */
const everywhere = [
  'invalid_request',
  'unknown_host',
  'tenant_suspended',
  'rate_limited',
  'unavailable',
  'internal',
] as const satisfies ErrorCode[];

/** What any route may answer that wants to know who asks. */
const onceSignedIn = [
  'unauthenticated',
  'token_expired',
  'session_revoked',
  'user_disabled',
  'api_key_revoked',
  'api_key_expired',
  'wrong_tenant',
  'forbidden',
] as const satisfies ErrorCode[];

/** The codes that need not be named of a route which needs a session or a key. */
export type CommonCode = (typeof everywhere)[number] | (typeof onceSignedIn)[number];

/** What any route may answer that takes a body. */
export const ofBody = [
  'invalid_json',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies ErrorCode[];

/** The one error shape, with the codes of one class of statuses: 4 or 5. */
const errorsOfClass = <Code extends ErrorCode>(statusClass: 4 | 5, codes: Code[], description: string) => {
  const code = z
    .enum(codes.filter((code) => Math.floor(statusOf(code) / 100) === statusClass))
    .describe(errorResponse.shape.error.shape.code.description ?? '');
  const error = errorResponse.shape.error
    .extend({ code })
    .describe(errorResponse.shape.error.description ?? '');
  return json(errorResponse.extend({ error }), description);
};

/** What an open route may answer besides success: what every route may, and codes of its own. The handler's types hold it to them. */
export const openProblems = <Code extends ErrorCode = never>(...codes: Code[]) => {
  const all = [...new Set([...codes, ...everywhere])];
  return {
    '4XX': errorsOfClass(
      4,
      all,
      'The request was refused: `error.code` says why, `error.details` names the field or the limit',
    ),
    '5XX': errorsOfClass(5, all, 'The platform failed: nothing was charged. Try again after Retry-After'),
  } as const;
};

/** The same for a route that needs a session or a key. */
export const problems = <Code extends ErrorCode = never>(...codes: Code[]) =>
  openProblems<CommonCode | Code>(...codes, ...onceSignedIn);

/** Routes that need a session. */
export const session = [{ session: [] }];

/** Routes that an API key of the scope opens as well. */
export const sessionOrKey = (scope: ApiKeyScope) => [{ session: [] }, { api_key: [scope] }];

/** An id in a path, of what is named. */
export const idParam = (what: string) => z.object({ id: z.uuid().describe(what) });

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,100}$/, '1 to 100 visible ASCII characters')
  .describe(
    'One of your own for each operation, 1 to 100 visible ASCII characters: sent again, it answers what the first request did, and charges once',
  )
  .meta({ examples: ['order-4711'] });

/** Sent by a client that may have to repeat itself; without it every request is its own operation. */
export const idempotencyHeader = z.object({ 'idempotency-key': idempotencyKey.optional() });

/** Where tokens are given or taken: who gets no answer must be able to repeat, and do it once. */
export const requiredIdempotencyHeader = z.object({ 'idempotency-key': idempotencyKey });
