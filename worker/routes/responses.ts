import { z } from 'zod';
import { errorResponse } from '../../contracts/errors.ts';

/** A JSON body of a route's documentation and types. */
export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** A required JSON request body. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { 'application/json': { schema } } },
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

/** An id in a path. */
export const idParam = z.object({ id: z.uuid() });
