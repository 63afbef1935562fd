import type { RequestContext } from './app-env.ts';
import { problem } from './errors.ts';

/** Answers a body whose field is valid by its schema and breaks another rule, in the same form. */
export const refuseField = (
  c: RequestContext,
  { field, rule, message }: { field: string; rule: string; message: string },
) =>
  problem(c, 'invalid_request', {
    message: `${field}: ${message}`,
    details: { in: 'json', issues: [{ field, rule, message }] },
  });
