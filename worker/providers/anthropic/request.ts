import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type {
  ContentBlockParam,
  MessageCreateParamsNonStreaming,
  Tool,
  ToolChoice,
} from '@anthropic-ai/sdk/resources/messages';
import type { ChatMessage, ChatOptions } from '../../../contracts/chat.ts';
import { alternateTurns, describedSchema, type TurnMessage, textOf } from '../chat/conversation.ts';
import { argumentsObject } from '../chat/tool-calls.ts';
import type { NeutralRequest } from '../provider.ts';
import { anthropicSampling } from './limits.ts';

/** Writes a request for Anthropic's messages. Pure. */

const textBlock = (text: string) => ({ type: 'text' as const, text });

/** Text blocks of white space alone are left out: the API refuses them. */
const isReadable = ({ text }: { text: string }): boolean => text.trim() !== '';

/** The id of a call in letters, digits, _ and -, which is all that Anthropic takes. Other providers' ids may hold more. */
const toolUseId = (id: string): string => id.replace(/[^\w-]/g, '_');

type Part = Extract<ChatMessage, { role: 'user' }>['content'][number];

function partBlock(part: Part): ContentBlockParam {
  if (part.type === 'text') return textBlock(part.text);
  const { source } = part;
  return {
    type: 'image',
    source:
      source.kind === 'url'
        ? { type: 'url', url: source.url }
        : { type: 'base64', media_type: source.media_type, data: source.data },
  };
}

function blocksOf(message: TurnMessage): ContentBlockParam[] {
  switch (message.role) {
    case 'user':
      return message.content.filter((part) => part.type === 'image' || isReadable(part)).map(partBlock);
    case 'assistant':
      return [
        ...message.content.filter(isReadable).map(({ text }) => textBlock(text)),
        ...(message.tool_calls ?? []).map(({ id, name, arguments: json }) => ({
          type: 'tool_use' as const,
          id: toolUseId(id),
          name,
          input: argumentsObject(json),
        })),
      ];
    case 'tool': {
      const { tool_call_id, content, is_error } = message;
      const text = textOf(content);
      return [
        {
          type: 'tool_result',
          tool_use_id: toolUseId(tool_call_id),
          ...(text.trim() !== '' && { content: text }),
          ...(is_error === true && { is_error }),
        },
      ];
    }
  }
}

const toolParam = ({
  name,
  description,
  parameters,
  strict,
}: NonNullable<ChatOptions['tools']>[number]): Tool => ({
  name,
  input_schema: { ...parameters, type: 'object' },
  ...(description !== undefined && { description }),
  ...(strict === true && { strict }),
});

function toolChoiceParam({ tool_choice, parallel_tool_calls }: ChatOptions): ToolChoice | null {
  const one = parallel_tool_calls === false ? { disable_parallel_tool_use: true } : {};
  if (tool_choice === 'none') return { type: 'none' };
  if (tool_choice === 'required') return { type: 'any', ...one };
  if (typeof tool_choice === 'object') return { type: 'tool', name: tool_choice.name, ...one };
  return tool_choice === 'auto' || parallel_tool_calls === false ? { type: 'auto', ...one } : null;
}

function toolParams(options: ChatOptions) {
  if (options.tools === undefined) return {};
  const tool_choice = toolChoiceParam(options);
  return { tools: options.tools.map(toolParam), ...(tool_choice !== null && { tool_choice }) };
}

/**
 * The schema in the subset that Anthropic takes: the SDK moves other constraints into descriptions. A schema that the SDK cannot
 * transform is sent unchanged, so that the provider reports the error.
 */
function answerSchema(schema: Record<string, unknown>): Record<string, unknown> {
  try {
    return { ...transformJSONSchema(schema) };
  } catch {
    return schema;
  }
}

/** The request in Anthropic's format: instructions in `system`, and alternating turns. */
export function messageParams(request: NeutralRequest): MessageCreateParamsNonStreaming {
  const { instructions, turns } = alternateTurns(request.messages);
  const system = instructions.filter((text) => text.trim() !== '').map(textBlock);
  const { response_format: format, stop, metadata } = request;
  return Object.assign(
    // The SDK's types lack these, since current models refuse them; older ones take them.
    anthropicSampling(request),
    {
      model: request.model,
      max_tokens: request.max_output_tokens,
      messages: turns
        .map(({ role, messages }) => ({ role, content: messages.flatMap(blocksOf) }))
        .filter(({ content }) => content.length > 0),
      ...(system.length > 0 && { system }),
      ...toolParams(request),
      ...(format?.type === 'json_schema' && {
        output_config: {
          format: { type: 'json_schema' as const, schema: answerSchema(describedSchema(format)) },
        },
      }),
      ...(stop !== undefined && { stop_sequences: stop }),
      ...(metadata?.user_id !== undefined && { metadata: { user_id: metadata.user_id } }),
    },
  );
}
