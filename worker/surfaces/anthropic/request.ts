import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import type { CountTokensRequest, MessagesRequest } from '../../../contracts/v1/messages-request.ts';
import { cacheMark, markLast, messagesOf, systemMessages } from './messages.ts';

/** Converts Anthropic's requests to the neutral form. The contract has validated them, so nothing is refused here. Pure. */

type Translated = {
  model: string;
  fallback_models: string[] | undefined;
  max_output_tokens: number;
  chat: ChatOptions;
};

const choices = { auto: 'auto', any: 'required', none: 'none' } as const;

function toolsOf({ tools, tool_choice }: CountTokensRequest): Partial<ChatOptions> {
  const isSerial =
    tool_choice != null && tool_choice.type !== 'none' && tool_choice.disable_parallel_tool_use === true;
  return {
    ...(tools != null &&
      tools.length > 0 && {
        tools: tools.map(({ name, description, input_schema, strict, cache_control }) => ({
          name,
          ...(description != null && { description }),
          parameters: input_schema,
          ...(strict != null && { strict }),
          ...cacheMark(cache_control),
        })),
      }),
    ...(tool_choice != null && {
      tool_choice: tool_choice.type === 'tool' ? { name: tool_choice.name } : choices[tool_choice.type],
    }),
    ...(isSerial && { parallel_tool_calls: false }),
  };
}

/** The reasoning to ask for: the thinking and the effort, which have one place here. */
function reasoningOf({ thinking, output_config }: CountTokensRequest): Partial<ChatOptions> {
  const display = thinking != null && 'display' in thinking ? thinking.display : null;
  const reasoning: NonNullable<ChatOptions['reasoning']> = {
    ...(thinking != null && { mode: thinking.type === 'between_tools' ? 'disabled' : thinking.type }),
    ...(thinking?.type === 'enabled' && { budget_tokens: thinking.budget_tokens }),
    ...((display === 'summarized' || display === 'omitted') && { display }),
    ...(output_config?.effort != null && { effort: output_config.effort }),
  };
  return Object.keys(reasoning).length === 0 ? {} : { reasoning };
}

/** The names of previews that are read, and the longest of them. No known one is longer. */
const BETAS_MAX = 50;
const BETA_LENGTH_MAX = 100;

/** The names of previews in the header `anthropic-beta`, each once. */
function betasOf(header = ''): Partial<ChatOptions> {
  const names = header.split(',').map((name) => name.trim());
  const readable = new Set(names.filter(({ length }) => length > 0 && length <= BETA_LENGTH_MAX));
  return readable.size === 0 ? {} : { betas: [...readable].slice(0, BETAS_MAX) };
}

/** Converts everything of a validated request that is input. `beta_header`: the header `anthropic-beta`. */
export function translateInput(request: CountTokensRequest, beta_header?: string): ChatOptions {
  const format = request.output_config?.format ?? request.output_format;
  const context_edits = request.context_management?.edits ?? [];
  return {
    messages: markLast(
      [...systemMessages(request.system), ...request.messages.flatMap(messagesOf)],
      cacheMark(request.cache_control),
    ),
    ...toolsOf(request),
    ...reasoningOf(request),
    ...(format != null && {
      response_format: { type: 'json_schema', name: 'answer', schema: format.schema, strict: true },
    }),
    ...(context_edits.length > 0 && { context_edits }),
    ...betasOf(beta_header),
  };
}

/** Converts a validated request. `beta_header`: the header `anthropic-beta`. */
export function translateMessages(request: MessagesRequest, beta_header?: string): Translated {
  const { model, max_tokens, temperature, top_p, top_k } = request;
  const stop = request.stop_sequences ?? [];
  const user_id = request.metadata?.user_id;
  const chat: ChatOptions = {
    ...translateInput(request, beta_header),
    ...(temperature != null && { temperature }),
    ...(top_p != null && { top_p }),
    ...(top_k != null && { top_k }),
    ...(stop.length > 0 && { stop }),
    ...(user_id != null && { metadata: { user_id } }),
  };
  return { model, fallback_models: request.models ?? undefined, max_output_tokens: max_tokens, chat };
}
