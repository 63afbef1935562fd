import type { AnswerPlace, ChatMessage, ReasoningPart } from '../../../contracts/chat/chat.ts';
import { imageSourceOf } from '../../../contracts/v1/image-url.ts';
import { audioSourceOf } from '../../../contracts/v1/input-audio.ts';
import type { ResponseInputItem } from '../../../contracts/v1/responses-items.ts';
import { orderField } from '../../providers/chat/order.ts';
import { filePartOf } from '../file-part.ts';
import { customArguments } from './custom-tools.ts';
import { reasoningOf } from './reasoning.ts';
import { flatName } from './tools.ts';

/** Converts the items of an input to messages. The contract has validated them, so nothing is refused here. Pure. */

type Item<Type> = Extract<ResponseInputItem, { type: Type }>;
type Message = Extract<ResponseInputItem, { role: 'user' | 'assistant' | 'system' | 'developer' }>;
type MessagePart = Exclude<Message['content'], string>[number];
type Result = Item<'function_call_output'>['output'];
type UserPart = Extract<ChatMessage, { role: 'user' }>['content'][number];
type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;

const textPart = (text: string) => ({ type: 'text' as const, text });

function imagePart({ image_url, detail }: Extract<MessagePart, { type: 'input_image' }>): UserPart {
  const source = imageSourceOf(image_url ?? '');
  if (source === null)
    throw new Error('The contract lets no other image through, and uploaded ones are put in before');
  return {
    type: 'image',
    source,
    ...(detail != null && { detail: detail === 'original' ? ('high' as const) : detail }),
  };
}

function filePart({ file_data, file_url, filename }: Extract<MessagePart, { type: 'input_file' }>): UserPart {
  const part = filePartOf(file_data ?? file_url ?? '', filename);
  if (part === null)
    throw new Error('The contract lets no other file through, and uploaded ones are put in before');
  return part;
}

function partOf(part: MessagePart): UserPart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return textPart(part.text);
    case 'refusal':
      return textPart(part.refusal);
    case 'input_image':
      return imagePart(part);
    case 'input_file':
      return filePart(part);
    case 'input_audio':
      return { type: 'audio', source: audioSourceOf(part.input_audio) };
  }
}

function partsOf(content: Message['content'] | Result): UserPart[] {
  if (typeof content === 'string') return content === '' ? [] : [textPart(content)];
  return content.map(partOf);
}

const textsOf = (content: Message['content']) =>
  partsOf(content).flatMap((part) => (part.type === 'text' ? [part] : []));

/** The message that an assistant's items make together: those that no other message parts. */
class AssistantTurn {
  readonly #texts: { type: 'text'; text: string }[] = [];
  readonly #reasoning: ReasoningPart[] = [];
  readonly #calls: NonNullable<AssistantMessage['tool_calls']> = [];
  readonly #order: AnswerPlace[] = [];

  say(content: Message['content']): void {
    for (const part of textsOf(content)) {
      if (part.text === '') continue;
      this.#texts.push(part);
      this.#order.push({ type: 'text', length: part.text.length });
    }
  }

  reason(part: ReasoningPart | null): void {
    if (part === null) return;
    this.#reasoning.push(part);
    this.#order.push({ type: 'reasoning' });
  }

  call(id: string, name: string, json: string): void {
    this.#calls.push({ id, name, arguments: json });
    this.#order.push({ type: 'tool_call' });
  }

  /** The message; null if nothing was said. */
  message(): AssistantMessage | null {
    if (this.#order.length === 0) return null;
    return {
      role: 'assistant',
      content: this.#texts,
      ...(this.#reasoning.length > 0 && { reasoning: this.#reasoning }),
      ...(this.#calls.length > 0 && { tool_calls: this.#calls }),
      ...orderField(this.#order),
    };
  }
}

const isMessage = (item: ResponseInputItem): item is Message =>
  item.type === undefined || item.type === 'message';

function addTo(turn: AssistantTurn, item: ResponseInputItem): void {
  if (item.type === 'function_call') turn.call(item.call_id, flatName(item), item.arguments);
  else if (item.type === 'custom_tool_call')
    turn.call(item.call_id, flatName(item), customArguments(item.input));
  else if (item.type === 'reasoning') turn.reason(reasoningOf(item.summary, item.encrypted_content));
  else if (isMessage(item)) turn.say(item.content);
}

const isOfAssistant = (item: ResponseInputItem): boolean =>
  isMessage(item)
    ? item.role === 'assistant'
    : ['function_call', 'custom_tool_call', 'reasoning'].includes(item.type ?? 'message');

function otherMessage(item: ResponseInputItem): ChatMessage | null {
  if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output') {
    const content = partsOf(item.output);
    return {
      role: 'tool',
      tool_call_id: item.call_id,
      content: content.length > 0 ? content : [textPart('')],
    };
  }
  if (!isMessage(item)) return null;
  if (item.role === 'user') {
    const content = partsOf(item.content);
    return content.length === 0 ? null : { role: 'user', content };
  }
  const content = textsOf(item.content);
  return content.length === 0 ? null : { role: 'system', content };
}

/** True for an item without a place in the conversation. */
const isPassedOver = ({ type }: ResponseInputItem): boolean =>
  type === 'additional_tools' ||
  type === 'compaction' ||
  type === 'tool_search_call' ||
  type === 'tool_search_output' ||
  type === 'web_search_call';

/** Returns the messages of an input. */
export function messagesOf(input: string | ResponseInputItem[]): ChatMessage[] {
  if (typeof input === 'string') return [{ role: 'user', content: [textPart(input)] }];
  const messages: ChatMessage[] = [];
  let turn = new AssistantTurn();
  const endTurn = () => {
    const said = turn.message();
    if (said !== null) messages.push(said);
    turn = new AssistantTurn();
  };
  for (const item of input) {
    if (isPassedOver(item)) continue;
    if (isOfAssistant(item)) addTo(turn, item);
    else {
      endTurn();
      const message = otherMessage(item);
      if (message !== null) messages.push(message);
    }
  }
  endTurn();
  return messages;
}
