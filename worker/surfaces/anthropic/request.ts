import type { ChatOptions } from '../../../contracts/chat/chat.ts';
import type { MessagesRequest } from '../../../contracts/v1/messages-request.ts';
import { cacheMark, markLast, messagesOf, systemMessages } from './messages.ts';

/** Converts Anthropic's requests to the neutral form. The contract has validated them, so nothing is refused here. Pure. */

type Translated = { model: string; max_output_tokens: number; chat: ChatOptions };

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
          tools: tools.map(({ name, description, input_schema, strict, cache_control }) => ({
            name,
            ...(description === undefined ? {} : { description }),
            parameters: input_schema,
            ...(strict == null ? {} : { strict }),
            ...cacheMark(cache_control),
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

/** The reasoning to ask for: the thinking and the effort, which have one place here. */
function reasoningOf({ thinking, output_config }: MessagesRequest): Partial<ChatOptions> {
  const display = thinking == null || thinking.type === 'disabled' ? null : thinking.display;
  const reasoning: NonNullable<ChatOptions['reasoning']> = {
    ...(thinking != null && { mode: thinking.type }),
    ...(thinking?.type === 'enabled' && { budget_tokens: thinking.budget_tokens }),
    ...(display != null && { display }),
    ...(output_config?.effort != null && { effort: output_config.effort }),
  };
  return Object.keys(reasoning).length === 0 ? {} : { reasoning };
}

/** Converts a validated request. */
export function translateMessages(request: MessagesRequest): Translated {
  const { model, max_tokens, messages, system, stop_sequences = [], temperature, top_p, top_k } = request;
  const format = request.output_config?.format;
  const user_id = request.metadata?.user_id;
  const chat: ChatOptions = {
    messages: markLast(
      [...systemMessages(system), ...messages.flatMap(messagesOf)],
      cacheMark(request.cache_control),
    ),
    ...toolsOf(request),
    ...reasoningOf(request),
    ...(format != null && {
      response_format: { type: 'json_schema', name: 'answer', schema: format.schema, strict: true },
    }),
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(top_k !== undefined && { top_k }),
    ...(stop_sequences.length > 0 && { stop: stop_sequences }),
    ...(user_id != null && { metadata: { user_id } }),
  };
  return { model, max_output_tokens: max_tokens, chat };
}
