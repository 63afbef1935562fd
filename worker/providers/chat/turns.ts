import type { ChatMessage } from '../../../contracts/chat/chat.ts';

/** The turns of a conversation for providers that take instructions apart from them. Pure. */

type TextPart = Extract<Extract<ChatMessage, { role: 'user' }>['content'][number], { type: 'text' }>;

/** A message that is not an instruction. */
export type TurnMessage = Exclude<ChatMessage, { role: 'system' }>;

/**
 * All consecutive messages of one side. The answers of tools belong to the user's side, and come first in it. `instructions` follow the
 * turn, at a provider that takes them there.
 */
export type Turn = { role: 'user' | 'assistant'; messages: TurnMessage[]; instructions?: TextPart[] };

/** The tags around instructions that stand in the text of the user. */
const [OPENING, CLOSING] = ['<system>\n', '\n</system>'];

/** The most tokens that the tags of one message have. */
export const TAGS_TOKENS_MAX = OPENING.length + CLOSING.length;

/** Instructions as text of the user: between tags that tell the model whose words they are. */
export const tagged = <Part extends { text: string }>(parts: readonly Part[]): Part[] =>
  parts.map((part, at) => ({
    ...part,
    text: `${at === 0 ? OPENING : ''}${part.text}${at === parts.length - 1 ? CLOSING : ''}`,
  }));

const isReadable = ({ text }: TextPart): boolean => text.trim() !== '';

const sideOf = ({ role }: ChatMessage): Turn['role'] => (role === 'assistant' ? 'assistant' : 'user');

/** Adds a message to the last turn if it is of the same side, else as a turn of its own. The answers of tools go before other messages. */
function addTo(turns: Turn[], message: TurnMessage): void {
  const last = turns.at(-1);
  if (last?.role !== sideOf(message)) turns.push({ role: sideOf(message), messages: [message] });
  else if (message.role !== 'tool') last.messages.push(message);
  else {
    const answers = last.messages.filter(({ role }) => role === 'tool').length;
    last.messages.splice(answers, 0, message);
  }
}

/**
 * Parts a conversation into instructions and turns that alternate. Instructions at its beginning stand apart. Later ones stay in their
 * place: as text of the user between tags, or, where `follows` allows it, after the turn of the user that is before them, if the model
 * comes next. Those without anything to read are left out.
 */
export function alternateTurns(
  messages: readonly ChatMessage[],
  { follows = false }: { follows?: boolean } = {},
): { instructions: TextPart[]; turns: Turn[] } {
  const instructions: TextPart[] = [];
  const turns: Turn[] = [];
  let pending: TextPart[] = [];
  const place = (next: ChatMessage | null) => {
    const last = turns.at(-1);
    if (pending.length === 0) return;
    const isFollowed = next === null || sideOf(next) === 'assistant';
    if (follows && last?.role === 'user' && isFollowed) last.instructions = pending;
    else addTo(turns, { role: 'user', content: tagged(pending) });
    pending = [];
  };
  for (const message of messages) {
    if (message.role === 'system') {
      if (turns.length === 0) instructions.push(...message.content);
      else pending.push(...message.content.filter(isReadable));
      continue;
    }
    place(message);
    addTo(turns, message);
  }
  place(null);
  return { instructions, turns };
}
