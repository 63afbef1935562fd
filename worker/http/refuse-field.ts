import type { RequestContext } from './app-env.ts';
import { problem } from './errors.ts';

type BrokenRule = { field: string; rule: string; message: string };

const refuse = (c: RequestContext, place: 'json' | 'query', { field, rule, message }: BrokenRule) =>
  problem(c, 'invalid_request', {
    message: `${field}: ${message}`,
    details: { in: place, issues: [{ field, rule, message }] },
  });

/** Answers a body whose field is valid by its schema and breaks another rule, in the same form. */
export const refuseField = (c: RequestContext, broken: BrokenRule) => refuse(c, 'json', broken);

/** Answers a query whose parameter is valid by its schema and breaks another rule, in the same form. */
export const refuseQuery = (c: RequestContext, broken: BrokenRule) => refuse(c, 'query', broken);
