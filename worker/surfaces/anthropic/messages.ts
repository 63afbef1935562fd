import type { AnswerPlace, ChatMessage, ReasoningPart } from '../../../contracts/chat/chat.ts';
import type { CacheControl, DocumentSource, ImageSource } from '../../../contracts/chat/chat-parts.ts';
import type { MessageParam } from '../../../contracts/v1/messages-request.ts';
import { orderField } from '../../providers/chat/order.ts';

/** Converts the messages of Anthropic's requests to the neutral form. Pure. */

type UserMessage = Extract<MessageParam, { role: 'user' }>;
type AssistantMessage = Extract<MessageParam, { role: 'assistant' }>;
type UserBlock = Exclude<UserMessage['content'], string>[number];
type AssistantBlock = Exclude<AssistantMessage['content'], string>[number];
type ToolResult = Extract<UserBlock, { type: 'tool_result' }>;
type ContentBlock = Exclude<UserBlock, ToolResult>;
type DocumentBlock = Extract<ContentBlock, { type: 'document' }>;
type TextBlock = Extract<UserBlock, { type: 'text' }>;
type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];
type TextPart = Extract<Part, { type: 'text' }>;
type Mark = { type: 'ephemeral'; ttl?: '5m' | '1h' | null | undefined } | null | undefined;

/** The mark up to which the prompt may be cached, without fields that are not known. */
export const cacheMark = (mark: Mark): { cache_control?: CacheControl } =>
  mark == null ? {} : { cache_control: { type: mark.type, ...(mark.ttl != null && { ttl: mark.ttl }) } };

const textPart = (text: string, mark?: Mark): TextPart => ({ type: 'text', text, ...cacheMark(mark) });

const textParts = (content: string | readonly TextBlock[]): TextPart[] =>
  typeof content === 'string'
    ? [textPart(content)]
    : content.map(({ text, cache_control }) => textPart(text, cache_control));

type ImageBlock = Extract<ContentBlock, { type: 'image' }>;

/** Puts a mark on the last part. */
const marked = <Marked extends object>(parts: readonly Marked[], mark: { cache_control?: CacheControl }) =>
  parts.map((part, at) => (at === parts.length - 1 ? { ...part, ...mark } : part));

const notPutIn = () => new Error('Uploaded files are put in before the translation');

function sourceOf({ source }: ImageBlock): ImageSource {
  if (source.type === 'file') throw notPutIn();
  if (source.type === 'url') return { kind: 'url', url: source.url };
  const media_type = source.media_type === 'image/jpg' ? 'image/jpeg' : source.media_type;
  return { kind: 'base64', media_type, data: source.data };
}

const imagePart = (block: ImageBlock): Part => ({
  type: 'image',
  source: sourceOf(block),
  ...cacheMark(block.cache_control),
});

type DocumentBlocks = Extract<DocumentBlock['source'], { type: 'content' }>['content'];

const blockParts = (content: DocumentBlocks): Part[] =>
  typeof content === 'string'
    ? [textPart(content)]
    : content.map((block) =>
        block.type === 'image' ? imagePart(block) : textPart(block.text, block.cache_control),
      );

/** A document. Texts and images become such of the message, with the title and the context before them. */
function documentParts({ title, context, source, cache_control }: DocumentBlock): Part[] {
  const heading = [title, context].filter(Boolean);
  if (source.type === 'text') return [textPart([...heading, source.data].join('\n\n'), cache_control)];
  if (source.type === 'content') {
    const before = heading.length === 0 ? [] : [textPart(heading.join('\n\n'))];
    return marked([...before, ...blockParts(source.content)], cacheMark(cache_control));
  }
  if (source.type === 'file') throw notPutIn();
  const neutral: DocumentSource =
    source.type === 'url'
      ? { kind: 'url', url: source.url }
      : { kind: 'base64', media_type: source.media_type, data: source.data };
  return [
    {
      type: 'document',
      source: neutral,
      ...(title && { title }),
      ...(context && { context }),
      ...cacheMark(cache_control),
    },
  ];
}

function partsOfBlock(block: ContentBlock): Part[] {
  switch (block.type) {
    case 'text':
      return [textPart(block.text, block.cache_control)];
    case 'document':
      return documentParts(block);
    case 'image':
      return [imagePart(block)];
  }
}

const partsOf = (content: string | readonly ContentBlock[]): Part[] =>
  typeof content === 'string' ? [textPart(content)] : content.flatMap(partsOfBlock);

function toolMessage({ tool_use_id, content, is_error, cache_control }: ToolResult): ChatMessage {
  const parts = partsOf(content ?? []);
  return {
    role: 'tool',
    tool_call_id: tool_use_id,
    content: marked(parts.length === 0 ? [textPart('')] : parts, cacheMark(cache_control)),
    ...(is_error === true ? { is_error } : {}),
  };
}

/** Puts tool results first, because providers expect them right after the calls. The rest becomes a message of its own. */
function userMessages({ content }: UserMessage): ChatMessage[] {
  if (typeof content === 'string') return [{ role: 'user', content: [textPart(content)] }];
  const results = content.flatMap((block) => (block.type === 'tool_result' ? [toolMessage(block)] : []));
  const parts = content.flatMap((block) => (block.type === 'tool_result' ? [] : partsOfBlock(block)));
  return parts.length === 0 && results.length > 0 ? results : [...results, { role: 'user', content: parts }];
}

function reasoningParts(block: AssistantBlock): ReasoningPart[] {
  if (block.type === 'redacted_thinking') return [{ text: '', encrypted: block.data }];
  if (block.type !== 'thinking' || (block.thinking === '' && !block.signature)) return [];
  return [{ text: block.thinking, ...(block.signature && { signature: block.signature }) }];
}

/** Returns no message for a turn without content, which says nothing. */
function assistantMessages({ content }: AssistantMessage): ChatMessage[] {
  if (typeof content === 'string') return [{ role: 'assistant', content: [textPart(content)] }];
  const said = textParts(content.filter((block) => block.type === 'text'));
  const reasoning = content.flatMap(reasoningParts);
  const tool_calls = content.flatMap((block) =>
    block.type === 'tool_use'
      ? [
          {
            id: block.id,
            name: block.name,
            arguments: JSON.stringify(block.input),
            ...cacheMark(block.cache_control),
          },
        ]
      : [],
  );
  const order = content.flatMap((block): AnswerPlace[] => {
    if (block.type === 'text') return block.text === '' ? [] : [{ type: 'text', length: block.text.length }];
    if (block.type === 'tool_use') return [{ type: 'tool_call' }];
    return reasoningParts(block).map(() => ({ type: 'reasoning' }));
  });
  if (said.length === 0 && tool_calls.length === 0 && reasoning.length === 0) return [];
  return [
    {
      role: 'assistant',
      content: said,
      ...(reasoning.length > 0 && { reasoning }),
      ...(tool_calls.length > 0 && { tool_calls }),
      ...orderField(order),
    },
  ];
}

/** Returns no message for empty instructions. */
export function systemMessages(content: string | TextBlock[] | null | undefined): ChatMessage[] {
  const parts = textParts(content ?? []);
  return parts.length === 0 ? [] : [{ role: 'system', content: parts }];
}

/** Converts one message. A tool's results become messages of their own. */
export function messagesOf(message: MessageParam): ChatMessage[] {
  switch (message.role) {
    case 'system':
      return systemMessages(message.content);
    case 'user':
      return userMessages(message);
    case 'assistant':
      return assistantMessages(message);
  }
}

/** Marks the end of the conversation, which is what a mark on the whole request means. */
export function markLast(messages: ChatMessage[], mark: { cache_control?: CacheControl }): ChatMessage[] {
  const last = messages.at(-1);
  if (last === undefined || mark.cache_control === undefined) return messages;
  return [...messages.slice(0, -1), { ...last, content: marked<Part>(last.content, mark) } as ChatMessage];
}
