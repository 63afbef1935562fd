import type { ChatMessage, ChatOptions, ImageSource } from '../../../contracts/chat.ts';
import {
  type ChatCompletionRequest,
  chatCompletionRequest,
  type OpenAiMessage,
} from '../../../contracts/v1/chat-completions-request.ts';
import { imageSourceOf } from '../../../contracts/v1/image-url.ts';

/** Converts OpenAI's requests to the neutral form. The contract has validated them, so nothing is refused here. Pure. */

type Translated = { model: string; max_output_tokens: number | undefined; chat: ChatOptions };
type UserPart = Extract<ChatMessage, { role: 'user' }>['content'][number];
type OpenAiImage = { url: string; detail?: 'auto' | 'low' | 'high' | undefined };

const known = new Set(Object.keys(chatCompletionRequest.shape));

const textPart = (text: string) => ({ type: 'text' as const, text });
const textParts = (content: string | { text: string }[]) =>
  typeof content === 'string' ? [textPart(content)] : content.map(({ text }) => textPart(text));

/** Treats a refusal as text of the model. */
const saidPart = (part: { type: 'text'; text: string } | { type: 'refusal'; refusal: string }) =>
  textPart(part.type === 'text' ? part.text : part.refusal);

function sourceOf(url: string): ImageSource {
  const source = imageSourceOf(url);
  if (source === null) throw new Error('The contract lets no other image through');
  return source;
}

const imagePart = ({ url, detail }: OpenAiImage): UserPart => ({
  type: 'image',
  source: sourceOf(url),
  ...(detail !== undefined && { detail }),
});

const nameOf = ({ name }: { name?: string | null | undefined }) => (name == null ? {} : { name });

function assistantMessage(message: Extract<OpenAiMessage, { role: 'assistant' }>): ChatMessage {
  const { content, refusal, tool_calls } = message;
  const said = typeof content === 'string' ? textParts(content) : (content ?? []).map(saidPart);
  const refused = refusal == null ? [] : [textPart(refusal)];
  const calls = tool_calls?.map((call) => ({
    id: call.id,
    name: call.function.name,
    arguments: call.function.arguments,
  }));
  return {
    role: 'assistant',
    content: [...said, ...refused].filter(({ text }) => text !== ''),
    ...nameOf(message),
    ...(calls !== undefined && calls.length > 0 && { tool_calls: calls }),
  };
}

function messageOf(message: OpenAiMessage): ChatMessage {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: textParts(message.content), ...nameOf(message) };
    case 'user':
      return {
        role: 'user',
        content:
          typeof message.content === 'string'
            ? textParts(message.content)
            : message.content.map((part) =>
                part.type === 'text' ? textPart(part.text) : imagePart(part.image_url),
              ),
        ...nameOf(message),
      };
    case 'assistant':
      return assistantMessage(message);
    case 'tool':
      return { role: 'tool', tool_call_id: message.tool_call_id, content: textParts(message.content) };
  }
}

const toolsOf = (tools: NonNullable<ChatCompletionRequest['tools']>) =>
  tools.map(({ function: { name, description, parameters, strict } }) => ({
    name,
    ...(description !== undefined && { description }),
    parameters: parameters ?? { type: 'object', properties: {} },
    ...(strict != null && { strict }),
  }));

function formatOf(
  format: NonNullable<ChatCompletionRequest['response_format']>,
): NonNullable<ChatOptions['response_format']> {
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, description, schema, strict } = format.json_schema;
  return {
    type: 'json_schema',
    name,
    ...(description != null && { description }),
    schema: schema ?? {},
    ...(strict != null && { strict }),
  };
}

/** Returns the fields that OpenAI's API may know and we do not. */
const extraOf = (request: ChatCompletionRequest): Record<string, unknown> =>
  Object.fromEntries(Object.entries(request).filter(([name, value]) => !known.has(name) && value != null));

const choiceOf = (choice: NonNullable<ChatCompletionRequest['tool_choice']>) =>
  typeof choice === 'string' ? choice : { name: choice.function.name };

/** Converts a validated request. */
export function translateRequest(request: ChatCompletionRequest): Translated {
  const { temperature, top_p, stop, tools, tool_choice, parallel_tool_calls, response_format } = request;
  const extra = extraOf(request);
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  const chat: ChatOptions = {
    messages: request.messages.map(messageOf),
    ...(tools != null && tools.length > 0 && { tools: toolsOf(tools) }),
    ...(tool_choice != null && { tool_choice: choiceOf(tool_choice) }),
    ...(parallel_tool_calls != null && { parallel_tool_calls }),
    ...(response_format != null && { response_format: formatOf(response_format) }),
    ...(temperature != null && { temperature }),
    ...(top_p != null && { top_p }),
    ...(stops.length > 0 && { stop: stops }),
    ...(request.metadata != null && { metadata: request.metadata }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
  const max_output_tokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  return { model: request.model, max_output_tokens, chat };
}
