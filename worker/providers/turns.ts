import type { Message } from '../../contracts/api/executions.ts';

/** One side's turn: everything it said before the other side spoke. */
type Turn = { role: 'user' | 'assistant'; texts: string[] };

/**
 * A conversation as Anthropic and Google want it: instructions apart from the turns, and turns that alternate. System
 * messages keep their order among themselves, wherever they stood; consecutive messages of one side become one turn.
 */
export function alternateTurns(messages: readonly Message[]): { instructions: string[]; turns: Turn[] } {
  const instructions: string[] = [];
  const turns: Turn[] = [];
  for (const { role, content } of messages) {
    const last = turns.at(-1);
    if (role === 'system') instructions.push(content);
    else if (last?.role === role) last.texts.push(content);
    else turns.push({ role, texts: [content] });
  }
  return { instructions, turns };
}
