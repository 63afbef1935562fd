import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type {
  MessageCountTokensParams,
  MessageCreateParamsNonStreaming,
  MessageParam,
  OutputConfig,
  Tool,
  ToolChoice,
} from '@anthropic-ai/sdk/resources/messages';
import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import { describedSchema } from '../chat/conversation.ts';
import { alternateTurns, type Turn, tagged } from '../chat/turns.ts';
import type { NeutralRequest } from '../provider.ts';
import { betasOf } from './betas.ts';
import { blocksOf, cacheMark, textBlocks } from './blocks.ts';
import { anthropicSampling } from './limits.ts';
import { claudeVersion, thinkingParams } from './thinking.ts';

/** Writes a request for Anthropic's messages. Pure. */

type ContextEdits = NonNullable<ChatOptions['context_edits']>;

/** Fields of previews, which the SDK's types of the stable API lack. `betas` are sent as a header. */
type Previews = { context_management?: { edits: ContextEdits }; betas?: string[] };
type MessageParams = MessageCreateParamsNonStreaming & Previews;

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

/** The first version of Claude that edits its context (build-with-claude/context-editing, November 2026). */
const EDITS_CONTEXT = 400;

/** The edits to ask for. Those of thinking are refused in a request that does not think, and have to come first. */
function contextEdits({ model, context_edits = [] }: NeutralRequest, thinks: boolean): ContextEdits {
  if ((claudeVersion(model) ?? 0) < EDITS_CONTEXT) return [];
  const ofThinking = context_edits.filter(({ type }) => type === 'clear_thinking_20251015');
  const others = context_edits.filter(({ type }) => type !== 'clear_thinking_20251015');
  return thinks ? [...ofThinking, ...others] : others;
}

/** The context edits, and the previews to ask for, which the adapter sends as a header. */
function previewParams(request: NeutralRequest, thinks: boolean): Previews {
  const edits = contextEdits(request, thinks);
  const betas = betasOf(request, { edits_context: edits.length > 0 });
  return {
    ...(edits.length > 0 && { context_management: { edits } }),
    ...(betas.length > 0 && { betas }),
  };
}

/** The first version whose larger models take instructions between turns. Sonnet takes them and does not follow them. */
const TAKES_INSTRUCTIONS = 408;

/** True for a model that follows a message of the role `system` after a turn of the user (build-with-claude/mid-conversation-system-messages). */
const takesInstructions = (model: string): boolean =>
  /claude-(opus|fable|mythos)/.test(model) && (claudeVersion(model) ?? 0) >= TAKES_INSTRUCTIONS;

/** The messages of a turn: its blocks, and the instructions after it. A turn without blocks is left out; instructions after it never are. */
function messagesOf({ role, messages, instructions = [] }: Turn): MessageParam[] {
  const content = messages.flatMap(blocksOf);
  const system = textBlocks(instructions);
  if (system.length === 0) return content.length === 0 ? [] : [{ role, content }];
  return content.length === 0
    ? [{ role, content: tagged(system) }]
    : [
        { role, content },
        { role: 'system', content: system },
      ];
}

/**
 * The request in Anthropic's format: instructions in `system`, and alternating turns. Later instructions stay in their place, as a message
 * of their own where the model takes one, else as text of the user. Instructions alone become the user's turn, since the API takes no
 * conversation without one.
 */
export function messageParams(request: NeutralRequest): MessageParams {
  const { instructions, turns } = alternateTurns(request.messages, {
    follows: takesInstructions(request.model),
  });
  const system = textBlocks(instructions);
  const messages = turns.flatMap(messagesOf);
  const isSystemOnly = messages.length === 0 && system.length > 0;
  const { thinking, effort } = thinkingParams(request);
  return Object.assign(
    // The SDK's types lack these, since current models refuse them; older ones take them.
    anthropicSampling(request),
    previewParams(request, thinking?.type === 'enabled' || thinking?.type === 'adaptive'),
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
export function countParams(request: NeutralRequest): MessageCountTokensParams & Previews {
  const params = messageParams(request);
  const { model, messages, system, tools, tool_choice, thinking, output_config } = params;
  const { context_management, betas } = params;
  return Object.assign(
    { model, messages },
    context_management !== undefined && { context_management },
    betas !== undefined && { betas },
    system !== undefined && { system },
    tools !== undefined && { tools },
    tool_choice !== undefined && { tool_choice },
    thinking !== undefined && { thinking },
    output_config !== undefined && { output_config },
  );
}
