import type {
  ContentBlockParam,
  DocumentBlockParam,
  ImageBlockParam,
  TextBlockParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { ChatMessage, ReasoningPart } from '../../../contracts/chat/chat.ts';
import type { CacheControl } from '../../../contracts/chat/chat-parts.ts';
import { type DocumentPart, textOf } from '../chat/conversation.ts';
import { blocksInOrder } from '../chat/order.ts';
import { argumentsObject } from '../chat/tool-calls.ts';
import type { TurnMessage } from '../chat/turns.ts';
import { isReturnable } from './thinking.ts';

/** Writes messages as the blocks of Anthropic's messages. Pure. */

type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];
type TextPart = Extract<Part, { type: 'text' }>;
type AssistantMessage = Extract<TurnMessage, { role: 'assistant' }>;
type SentCall = NonNullable<AssistantMessage['tool_calls']>[number];
type ToolMessage = Extract<TurnMessage, { role: 'tool' }>;

/** The mark up to which the prompt may be cached, if there is one. */
export function cacheMark({ cache_control: mark }: { cache_control?: CacheControl | undefined }) {
  if (mark === undefined) return {};
  const { type, ttl } = mark;
  return { cache_control: { type, ...(ttl !== undefined && { ttl }) } };
}

/** Text blocks of white space alone are left out: the API refuses them. */
const isReadable = ({ text }: { text: string }): boolean => text.trim() !== '';

const textBlock = (part: TextPart): TextBlockParam => ({
  type: 'text',
  text: part.text,
  ...cacheMark(part),
});

export const textBlocks = (parts: readonly TextPart[]): TextBlockParam[] =>
  parts.filter(isReadable).map(textBlock);

function imageBlock(part: Extract<Part, { type: 'image' }>): ImageBlockParam {
  const { source } = part;
  return {
    type: 'image',
    source:
      source.kind === 'url'
        ? { type: 'url', url: source.url }
        : { type: 'base64', media_type: source.media_type, data: source.data },
    ...cacheMark(part),
  };
}

function documentBlock(part: DocumentPart): DocumentBlockParam {
  const { source, title, context } = part;
  return {
    type: 'document',
    source:
      source.kind === 'url'
        ? { type: 'url', url: source.url }
        : { type: 'base64', media_type: source.media_type, data: source.data },
    ...(title !== undefined && { title }),
    ...(context !== undefined && { context }),
    ...cacheMark(part),
  };
}

type PartBlock = TextBlockParam | ImageBlockParam | DocumentBlockParam;

function partBlocksOf(part: Part): PartBlock[] {
  switch (part.type) {
    case 'text':
      return textBlocks([part]);
    case 'image':
      return [imageBlock(part)];
    case 'document':
      return [documentBlock(part)];
    case 'audio':
      // The caller is refused audio before (limits.ts).
      return [];
  }
}

const partBlocks = (parts: readonly Part[]): PartBlock[] => parts.flatMap(partBlocksOf);

/** The id of a call in letters, digits, _ and -, which is all that Anthropic takes. Other providers' ids may hold more. */
const toolUseId = (id: string): string => id.replace(/[^\w-]/g, '_');

const thinkingBlock = ({ text, signature = '', encrypted }: ReasoningPart): ContentBlockParam =>
  encrypted === undefined
    ? { type: 'thinking', thinking: text, signature }
    : { type: 'redacted_thinking', data: encrypted };

const callBlock = ({ id, name, arguments: json, ...call }: SentCall): ContentBlockParam => ({
  type: 'tool_use',
  id: toolUseId(id),
  name,
  input: argumentsObject(json),
  ...cacheMark(call),
});

/** Reasoning, texts and calls in their order. What no provider signed is left out: Anthropic takes its own reasoning alone. */
function assistantBlocks({
  reasoning = [],
  content,
  tool_calls = [],
  order,
}: AssistantMessage): ContentBlockParam[] {
  const blocks = blocksInOrder({ reasoning, texts: content, calls: tool_calls.length, order });
  return blocks.flatMap((block): ContentBlockParam[] => {
    if (block.type === 'reasoning') return [block.reasoning].filter(isReturnable).map(thinkingBlock);
    if (block.type === 'text') return textBlocks([block.text]);
    return tool_calls.slice(block.call, block.call + 1).map(callBlock);
  });
}

/** The result of a tool as one text, or as blocks if it has images or documents. Its mark is that of its last marked part. */
function resultBlock({ tool_call_id, content, is_error }: ToolMessage): ToolResultBlockParam {
  const unmarked = content.map(({ cache_control: _mark, ...part }) => part);
  const text = textOf(content);
  const isText = unmarked.every(({ type }) => type === 'text');
  return {
    type: 'tool_result',
    tool_use_id: toolUseId(tool_call_id),
    ...(isText ? text.trim() !== '' && { content: text } : { content: partBlocks(unmarked) }),
    ...(is_error === true && { is_error }),
    ...cacheMark({ cache_control: content.findLast((part) => part.cache_control)?.cache_control }),
  };
}

/** The blocks of a message. */
export function blocksOf(message: TurnMessage): ContentBlockParam[] {
  switch (message.role) {
    case 'user':
      return partBlocks(message.content);
    case 'assistant':
      return assistantBlocks(message);
    case 'tool':
      return [resultBlock(message)];
  }
}
