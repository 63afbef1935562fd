import type { ChatMessage } from '../../../contracts/chat.ts';

export type SpokenMessage = Exclude<ChatMessage, { role: 'system' }>;

/** One side's turn: everything it said before the other side spoke. What tools answer is the user's side. */
type Turn = { role: 'user' | 'assistant'; messages: SpokenMessage[] };

/**
 * A conversation as Anthropic and Google want it: instructions apart from the turns, and turns that alternate. System
 * messages keep their order among themselves, wherever they stood; consecutive messages of one side become one turn.
 */
export function alternateTurns(messages: readonly ChatMessage[]): { instructions: string[]; turns: Turn[] } {
  const instructions: string[] = [];
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'system') {
      instructions.push(...message.content.map(({ text }) => text));
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns.at(-1);
    if (last?.role === role) last.messages.push(message);
    else turns.push({ role, messages: [message] });
  }
  return { instructions, turns };
}

/** The text of a message, its parts put together. */
export const textOf = (content: readonly { type: 'text'; text: string }[]): string =>
  content.map(({ text }) => text).join('');

/**
 * Arguments of a tool call as an object, which is what Anthropic and Google want. Text that is no JSON object, as models
 * sometimes write, is kept under a name of its own: the conversation goes on, and nothing is lost.
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
