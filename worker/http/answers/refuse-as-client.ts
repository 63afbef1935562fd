import type { ErrorCode } from '../../../contracts/errors.ts';
import type { RequestContext } from '../app-env.ts';
import type { ProblemOptions } from '../errors.ts';
import { refuseAsAnthropic } from './refuse-anthropic.ts';
import { refuseAsOpenAi } from './refuse-openai.ts';

/** Tells which API a client of a path speaks that both have: Anthropic's if it sends the header of its version. */
export const isOfAnthropic = ({ req }: Pick<RequestContext, 'req'>): boolean =>
  req.header('anthropic-version') !== undefined;

/** Answers an error in the format of the client's API. */
export const refuseAsClient = (c: RequestContext, code: ErrorCode, options: ProblemOptions = {}) =>
  isOfAnthropic(c) ? refuseAsAnthropic(c, code, options) : refuseAsOpenAi(c, code, options);
