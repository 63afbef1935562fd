import type { ResponsesRequest } from '../../../contracts/v1/responses-request.ts';
import { jsonOf } from '../../providers/transport/stream-reader.ts';

/** Tools that take a text, as functions with one argument: providers know nothing else. Pure. */

/** The parameters of such a function. */
export const customParameters = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The text for the tool.' } },
  required: ['input'],
  additionalProperties: false,
};

/** The arguments of a call with a text. */
export const customArguments = (input: string): string => JSON.stringify({ input });

/** The text of a call; what the model wrote, if it is no such argument. */
export function customInput(json: string): string {
  const read = jsonOf(json) as { input?: unknown } | null | undefined;
  return typeof read?.input === 'string' ? read.input : json;
}

/** The names of the tools of a request that take a text. */
export const customToolsOf = ({ tools }: Pick<ResponsesRequest, 'tools'>): ReadonlySet<string> =>
  new Set(tools?.filter(({ type }) => type === 'custom').map(({ name }) => name));
