import type { RequestContext } from './app-env.ts';
import { problem } from './errors.ts';

/** Refuses a query that is valid by its schema, with the field and the rule. */
export const refuseQuery = (c: RequestContext, field: string, rule: string, message: string) =>
  problem(c, 'invalid_request', {
    message: `${field}: ${message}`,
    details: { in: 'query', issues: [{ field, rule, message }] },
  });
