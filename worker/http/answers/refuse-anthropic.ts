import type { ClientErrorStatusCode } from 'hono/utils/http-status';
import type { ErrorCode } from '../../../contracts/errors.ts';
import { anthropicErrorOf } from '../../surfaces/anthropic/error.ts';
import type { RequestContext } from '../app-env.ts';
import { errorOf, type ProblemOptions, problem } from '../errors.ts';

/** Answers an error in Anthropic's format, with the status of its code. */
export function refuseAsAnthropic(c: RequestContext, code: ErrorCode, options: ProblemOptions = {}) {
  const { status } = problem(c, code, options);
  return c.json(anthropicErrorOf(errorOf(c, code, options), status), status as ClientErrorStatusCode);
}
