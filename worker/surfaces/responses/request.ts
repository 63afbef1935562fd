import { type ChatMessage, type ChatOptions, TOOLS_MAX } from '../../../contracts/chat/chat.ts';
import type { ResponsesRequest } from '../../../contracts/v1/responses-request.ts';
import { messagesOf } from './input.ts';
import { chatToolsOf, forcedHostedTool, toolboxOf, withOwnTools } from './tools.ts';

/** Converts requests of OpenAI's Responses API to the neutral form. Pure. */

type Translated = {
  model: string;
  fallback_models: string[] | undefined;
  max_output_tokens: number | undefined;
  chat: ChatOptions;
};

type Format = NonNullable<NonNullable<ResponsesRequest['text']>['format']>;

function formatOf(format: Format): NonNullable<ChatOptions['response_format']> {
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, description, schema, strict } = format;
  return {
    type: 'json_schema',
    name,
    ...(description != null && { description }),
    schema,
    ...(strict != null && { strict }),
  };
}

/** The fields that are sent to OpenAI and compatible servers as they are, and to no other provider. */
function extraOf(request: ResponsesRequest): Record<string, unknown> {
  const { prompt_cache_key, prompt_cache_retention, safety_identifier, user, seed, text } = request;
  const fields = { prompt_cache_key, prompt_cache_retention, safety_identifier, user, seed };
  const all = { ...fields, verbosity: text?.verbosity };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value != null));
}

const instructed = ({ instructions }: ResponsesRequest): ChatMessage[] =>
  instructions ? [{ role: 'system', content: [{ type: 'text', text: instructions }] }] : [];

const isSaid = (input: ResponsesRequest['input']): boolean =>
  messagesOf(input).length > 0 ||
  (typeof input !== 'string' && input.some(({ type }) => type === 'item_reference'));

/** Returns the field of a valid request that says nothing, or that asks for what is not here; else null. */
export function refusedFieldOf(
  request: ResponsesRequest,
): { field: string; rule: string; message: string } | null {
  const forced = forcedHostedTool(request);
  if (forced !== null)
    return { field: 'tool_choice', rule: 'unsupported', message: `${forced} is not supported` };
  if (toolboxOf(withOwnTools(request)).size > TOOLS_MAX)
    return {
      field: 'tools',
      rule: 'too_big',
      message: `At most ${TOOLS_MAX} tools, those of namespaces included`,
    };
  if (isSaid(request.input)) return null;
  return { field: 'input', rule: 'required', message: 'At least one message, or one result of a tool' };
}

/** Converts a validated request. `earlier` is the conversation that it continues, without its instructions. */
export function translateResponses(request: ResponsesRequest, earlier: ChatMessage[] = []): Translated {
  const { temperature, top_p, parallel_tool_calls, text, reasoning } = request;
  const extra = extraOf(request);
  const format = text?.format;
  const chat: ChatOptions = {
    messages: [...instructed(request), ...earlier, ...messagesOf(request.input)],
    ...chatToolsOf(withOwnTools(request)),
    ...(parallel_tool_calls != null && { parallel_tool_calls }),
    ...(format != null && { response_format: formatOf(format) }),
    ...(temperature != null && { temperature }),
    ...(top_p != null && { top_p }),
    ...(reasoning?.effort != null && { reasoning: { effort: reasoning.effort } }),
    ...(request.metadata != null && { metadata: request.metadata }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
  return {
    model: request.model,
    fallback_models: request.models ?? undefined,
    max_output_tokens: request.max_output_tokens ?? undefined,
    chat,
  };
}
