import { z } from 'zod';
import { toolCallId } from '../../../contracts/chat.ts';

/** Ids and arguments of tool calls. Pure. */

/** The id of a call as a server sends it: some send none, or an empty one. */
export const givenCallId = z.union([z.literal(''), toolCallId]).nullish();

/** The id of a call. A random one is made where the server sent none. */
export const callIdOf = (id: z.infer<typeof givenCallId>): string =>
  id || `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;

/**
 * Arguments of a tool call as an object, as Anthropic and Google take them. Models sometimes write text that is not a JSON
 * object: it is kept under `unparsed_arguments`.
 */
export function argumentsObject(json: string): Record<string, unknown> {
  if (json.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Not JSON: kept below.
  }
  return { unparsed_arguments: json };
}
