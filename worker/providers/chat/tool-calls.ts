import { z } from 'zod';
import { toolCallId } from '../../../contracts/chat/chat.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import { jsonOf } from '../transport/stream-reader.ts';

/** Ids and arguments of tool calls. Pure. */

/** The id of a call as a server sends it: some send none, or an empty one. */
export const givenCallId = z.union([z.literal(''), toolCallId]).nullish();

/** The id of a call. A random one is made where the server sent none. */
export const callIdOf = (id: z.infer<typeof givenCallId>): string =>
  id || `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;

/**
 * Arguments of a tool call as an object, as Anthropic and Google take them. Models sometimes write text that is not a JSON
 * object: it is kept under `unparsed_arguments`. Numbers are written again as they came.
 */
export function argumentsObject(json: string): Record<string, unknown> {
  const text = json.trim();
  if (text === '') return {};
  return (text.startsWith('{') ? fieldsOf(jsonOf(text)) : null) ?? { unparsed_arguments: json };
}
