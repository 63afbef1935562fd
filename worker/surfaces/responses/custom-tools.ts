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

/** The text of a call. Of arguments that are no such text: what the model wrote, or nothing if it was cut off, so that nobody runs half a text. */
export function customInput(json: string, isCut = false): string {
  const read = jsonOf(json) as { input?: unknown } | null | undefined;
  if (typeof read?.input === 'string') return read.input;
  return isCut ? '' : json;
}
