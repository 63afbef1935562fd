import type { ChatMessage, ChatOptions, ImageSource } from '../../../contracts/chat.ts';
import type { MessageParam, MessagesRequest } from '../../../contracts/v1/messages-request.ts';

/** Converts Anthropic's requests to the neutral form. The contract has validated them, so nothing is refused here. Pure. */

type Translated = { model: string; max_output_tokens: number; chat: ChatOptions };
type UserMessage = Extract<MessageParam, { role: 'user' }>;
type AssistantMessage = Extract<MessageParam, { role: 'assistant' }>;
type UserBlock = Exclude<UserMessage['content'], string>[number];
type ToolResult = Extract<UserBlock, { type: 'tool_result' }>;
type UserPart = Extract<ChatMessage, { role: 'user' }>['content'][number];

const textPart = (text: string) => ({ type: 'text' as const, text });
const textParts = (content: string | { text: string }[]) =>
  typeof content === 'string' ? [textPart(content)] : content.map(({ text }) => textPart(text));

function sourceOf({ source }: Extract<UserBlock, { type: 'image' }>): ImageSource {
  return source.type === 'url'
    ? { kind: 'url', url: source.url }
    : { kind: 'base64', media_type: source.media_type, data: source.data };
}

function toolMessage({ tool_use_id, content, is_error }: ToolResult): ChatMessage {
  const parts = textParts(content ?? []);
  return {
    role: 'tool',
    tool_call_id: tool_use_id,
    content: parts.length === 0 ? [textPart('')] : parts,
    ...(is_error === true ? { is_error } : {}),
  };
}

/** Puts tool results first, because providers expect them right after the calls. The rest becomes a message of its own. */
function userMessages({ content }: UserMessage): ChatMessage[] {
  if (typeof content === 'string') return [{ role: 'user', content: [textPart(content)] }];
  const results = content.flatMap((block) => (block.type === 'tool_result' ? [toolMessage(block)] : []));
  const parts = content.flatMap((block): UserPart[] => {
    if (block.type === 'tool_result') return [];
    return block.type === 'text' ? [textPart(block.text)] : [{ type: 'image', source: sourceOf(block) }];
  });
  return parts.length === 0 && results.length > 0 ? results : [...results, { role: 'user', content: parts }];
}

/**
 * Drops reasoning, which only the provider that wrote it can read. A message with nothing else becomes no message.
 */
function assistantMessages({ content }: AssistantMessage): ChatMessage[] {
  if (typeof content === 'string') return [{ role: 'assistant', content: [textPart(content)] }];
  const said = textParts(content.flatMap((block) => (block.type === 'text' ? [block] : [])));
  const tool_calls = content.flatMap((block) =>
    block.type === 'tool_use'
      ? [{ id: block.id, name: block.name, arguments: JSON.stringify(block.input) }]
      : [],
  );
  if (said.length === 0 && tool_calls.length === 0) return [];
  return [{ role: 'assistant', content: said, ...(tool_calls.length > 0 && { tool_calls }) }];
}

/** Returns no message for empty instructions. */
function systemMessages(content: string | { text: string }[] | undefined): ChatMessage[] {
  const parts = textParts(content ?? []);
  return parts.length === 0 ? [] : [{ role: 'system', content: parts }];
}

function messagesOf(message: MessageParam): ChatMessage[] {
  switch (message.role) {
    case 'system':
      return systemMessages(message.content);
    case 'user':
      return userMessages(message);
    case 'assistant':
      return assistantMessages(message);
  }
}

function toolsOf({ tools, tool_choice }: MessagesRequest): Partial<ChatOptions> {
  const choices = { auto: 'auto', any: 'required', none: 'none' } as const;
  const isSerial =
    tool_choice !== undefined &&
    tool_choice.type !== 'none' &&
    tool_choice.disable_parallel_tool_use === true;
  return {
    ...(tools === undefined || tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, input_schema, strict }) => ({
            name,
            ...(description === undefined ? {} : { description }),
            parameters: input_schema,
            ...(strict == null ? {} : { strict }),
          })),
        }),
    ...(tool_choice === undefined
      ? {}
      : {
          tool_choice: tool_choice.type === 'tool' ? { name: tool_choice.name } : choices[tool_choice.type],
        }),
    ...(isSerial ? { parallel_tool_calls: false } : {}),
  };
}

/** Converts a validated request. */
export function translateMessages(request: MessagesRequest): Translated {
  const { model, max_tokens, messages, system, stop_sequences = [], temperature, top_p } = request;
  const format = request.output_config?.format;
  const user_id = request.metadata?.user_id;
  const chat: ChatOptions = {
    messages: [...systemMessages(system), ...messages.flatMap(messagesOf)],
    ...toolsOf(request),
    ...(format != null && {
      response_format: { type: 'json_schema', name: 'answer', schema: format.schema, strict: true },
    }),
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(stop_sequences.length > 0 && { stop: stop_sequences }),
    ...(user_id != null && { metadata: { user_id } }),
  };
  return { model, max_output_tokens: max_tokens, chat };
}
