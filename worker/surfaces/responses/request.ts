import type { ChatMessage, ChatOptions } from '../../../contracts/chat/chat.ts';
import type { ResponsesRequest, ResponseTool } from '../../../contracts/v1/responses-request.ts';
import { customParameters } from './custom-tools.ts';
import { messagesOf } from './input.ts';

/** Converts requests of OpenAI's Responses API to the neutral form. Pure. */

type Translated = { model: string; max_output_tokens: number | undefined; chat: ChatOptions };

function descriptionOf(tool: ResponseTool): string | undefined {
  if (tool.type === 'function') return tool.description ?? undefined;
  const { description, format } = tool;
  const grammar = typeof format?.definition === 'string' ? format.definition : undefined;
  const parts = [description, grammar && `The text has to follow this grammar:\n${grammar}`];
  return parts.filter(Boolean).join('\n\n') || undefined;
}

function toolOf(tool: ResponseTool): NonNullable<ChatOptions['tools']>[number] {
  const description = descriptionOf(tool);
  const named = { name: tool.name, ...(description !== undefined && { description }) };
  if (tool.type === 'custom') return { ...named, parameters: customParameters };
  const { parameters, strict } = tool;
  return {
    ...named,
    parameters: parameters ?? { type: 'object', properties: {} },
    ...(strict != null && { strict }),
  };
}

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

const choiceOf = (choice: NonNullable<ResponsesRequest['tool_choice']>) =>
  typeof choice === 'string' ? choice : { name: choice.name };

const instructed = ({ instructions }: ResponsesRequest): ChatMessage[] =>
  instructions ? [{ role: 'system', content: [{ type: 'text', text: instructions }] }] : [];

/** Converts a validated request. `earlier` is the conversation that it continues, without its instructions. */
export function translateResponses(request: ResponsesRequest, earlier: ChatMessage[] = []): Translated {
  const { temperature, top_p, tools, tool_choice, parallel_tool_calls, text, reasoning } = request;
  const format = text?.format;
  const chat: ChatOptions = {
    messages: [...instructed(request), ...earlier, ...messagesOf(request.input)],
    ...(tools != null && tools.length > 0 && { tools: tools.map(toolOf) }),
    ...(tool_choice != null && { tool_choice: choiceOf(tool_choice) }),
    ...(parallel_tool_calls != null && { parallel_tool_calls }),
    ...(format != null && { response_format: formatOf(format) }),
    ...(temperature != null && { temperature }),
    ...(top_p != null && { top_p }),
    ...(reasoning?.effort != null && { reasoning: { effort: reasoning.effort } }),
    ...(request.metadata != null && { metadata: request.metadata }),
  };
  return { model: request.model, max_output_tokens: request.max_output_tokens ?? undefined, chat };
}
