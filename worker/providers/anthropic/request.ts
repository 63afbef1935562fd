import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type {
  MessageCountTokensParams,
  MessageCreateParamsNonStreaming,
  OutputConfig,
  Tool,
  ToolChoice,
} from '@anthropic-ai/sdk/resources/messages';
import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import { alternateTurns, describedSchema } from '../chat/conversation.ts';
import type { NeutralRequest } from '../provider.ts';
import { blocksOf, cacheMark, textBlocks } from './blocks.ts';
import { anthropicSampling } from './limits.ts';
import { thinkingParams } from './thinking.ts';

/** Writes a request for Anthropic's messages. Pure. */

const toolParam = ({
  name,
  description,
  parameters,
  strict,
  cache_control,
}: NonNullable<ChatOptions['tools']>[number]): Tool => ({
  name,
  input_schema: { ...parameters, type: 'object' },
  ...(description !== undefined && { description }),
  ...(strict === true && { strict }),
  ...cacheMark({ cache_control }),
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

/** The format and the effort of the answer, which have one place. */
function outputConfig(
  { response_format: format }: ChatOptions,
  effort: OutputConfig['effort'],
): { output_config?: OutputConfig } {
  const config: OutputConfig = {
    ...(format?.type === 'json_schema' && {
      format: { type: 'json_schema', schema: answerSchema(describedSchema(format)) },
    }),
    ...(effort != null && { effort }),
  };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

/**
 * The request in Anthropic's format: instructions in `system`, and alternating turns. Instructions alone become the user's turn, since
 * the API takes no conversation without one.
 */
export function messageParams(request: NeutralRequest): MessageCreateParamsNonStreaming {
  const { instructions, turns } = alternateTurns(request.messages);
  const system = textBlocks(instructions);
  const messages = turns
    .map(({ role, messages: said }) => ({ role, content: said.flatMap(blocksOf) }))
    .filter(({ content }) => content.length > 0);
  const isSystemOnly = messages.length === 0 && system.length > 0;
  const { thinking, effort } = thinkingParams(request);
  return Object.assign(
    // The SDK's types lack these, since current models refuse them; older ones take them.
    anthropicSampling(request),
    {
      model: request.model,
      max_tokens: request.max_output_tokens,
      messages: isSystemOnly ? [{ role: 'user' as const, content: system }] : messages,
      ...(system.length > 0 && !isSystemOnly && { system }),
      ...toolParams(request),
      ...(thinking !== undefined && { thinking }),
      ...outputConfig(request, effort),
      ...(request.stop !== undefined && { stop_sequences: request.stop }),
      ...(request.metadata?.user_id !== undefined && { metadata: { user_id: request.metadata.user_id } }),
    },
  );
}

/** The part of the request that the endpoint for counting takes: everything that becomes input. */
export function countParams(request: NeutralRequest): MessageCountTokensParams {
  const { model, messages, system, tools, tool_choice, thinking, output_config } = messageParams(request);
  return Object.assign(
    { model, messages },
    system !== undefined && { system },
    tools !== undefined && { tools },
    tool_choice !== undefined && { tool_choice },
    thinking !== undefined && { thinking },
    output_config !== undefined && { output_config },
  );
}
