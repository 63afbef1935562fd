import { z } from 'zod';
import type { ApiKeyScope } from '../../contracts/api/api-keys.ts';
import { errorResponse } from '../../contracts/errors.ts';

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

/** What every route may answer besides success: the one error shape. */
export const problems = {
  '4XX': json(
    errorResponse,
    'The request was refused: `error.code` says why, `error.details` names the field or the limit',
  ),
  '5XX': json(errorResponse, 'The platform failed: nothing was charged. Try again after Retry-After'),
} as const;

/** Routes that need a session. */
export const session = [{ session: [] }];

/** Routes that an API key of the scope opens as well. */
export const sessionOrKey = (scope: ApiKeyScope) => [{ session: [] }, { api_key: [scope] }];

/** An id in a path. */
export const idParam = z.object({ id: z.uuid().describe('Which one') });

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,100}$/, '1 to 100 visible ASCII characters')
  .describe(
    'One of your own for each operation: sent again, it answers what the first request did, and charges once',
  );

/** Sent by a client that may have to repeat itself; without it every request is its own operation. */
export const idempotencyHeader = z.object({ 'idempotency-key': idempotencyKey.optional() });

/** Where tokens are given or taken: who gets no answer must be able to repeat, and do it once. */
export const requiredIdempotencyHeader = z.object({ 'idempotency-key': idempotencyKey });
