import type { z } from 'zod';
import { type ChatOptions, chatOptions } from '../../contracts/chat.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import {
  type ChatCompletionRequest,
  chatCompletionRequest,
  type OpenAiMessage,
} from '../../contracts/v1/chat-completions.ts';

/** OpenAI's request in the neutral form. Pure. */

type Translated = { model: string; max_output_tokens: number | undefined; chat: ChatOptions };

const known = new Set(Object.keys(chatCompletionRequest.shape));

const textParts = (content: string | { text: string }[]) =>
  typeof content === 'string'
    ? [{ type: 'text', text: content }]
    : content.map(({ text }) => ({ type: 'text', text }));

/** An image where OpenAI has its URL: bytes travel in it as well. What is neither is left for the neutral schema to refuse. */
function imagePart({ url, detail }: { url: string; detail?: string | undefined }) {
  const [, media_type, data] = /^data:([\w/+.-]+);base64,(.*)$/s.exec(url) ?? [];
  const source = data === undefined ? { kind: 'url', url } : { kind: 'base64', media_type, data };
  return { type: 'image', source, ...(detail === undefined ? {} : { detail }) };
}

function messageOf(message: OpenAiMessage) {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: textParts(message.content) };
    case 'user':
      return {
        role: 'user',
        content:
          typeof message.content === 'string'
            ? textParts(message.content)
            : message.content.map((part) =>
                part.type === 'text' ? { type: 'text', text: part.text } : imagePart(part.image_url),
              ),
      };
    case 'assistant': {
      const calls = message.tool_calls?.map((call) => ({
        id: call.id,
        name: call.function.name,
        arguments: call.function.arguments,
      }));
      return {
        role: 'assistant',
        content: message.content == null || message.content === '' ? [] : textParts(message.content),
        ...(calls === undefined || calls.length === 0 ? {} : { tool_calls: calls }),
      };
    }
    case 'tool':
      return { role: 'tool', tool_call_id: message.tool_call_id, content: textParts(message.content) };
  }
}

function toolsOf(tools: NonNullable<ChatCompletionRequest['tools']>) {
  return tools.map(({ function: { name, description, parameters, strict } }) => ({
    name,
    ...(description === undefined ? {} : { description }),
    parameters: parameters ?? { type: 'object', properties: {} },
    ...(strict == null ? {} : { strict }),
  }));
}

function formatOf(format: NonNullable<ChatCompletionRequest['response_format']>) {
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, schema, strict } = format.json_schema;
  return { type: 'json_schema', name, schema: schema ?? {}, ...(strict == null ? {} : { strict }) };
}

/** What OpenAI's API knows and we do not. */
const extraOf = (request: ChatCompletionRequest): Record<string, unknown> =>
  Object.fromEntries(Object.entries(request).filter(([name, value]) => !known.has(name) && value != null));

const choiceOf = (choice: NonNullable<ChatCompletionRequest['tool_choice']>) =>
  typeof choice === 'string' ? choice : { name: choice.function.name };

/** Translates, or tells which field the neutral form cannot take, and why. */
export function translateRequest(
  request: ChatCompletionRequest,
): Result<Translated, { code: 'invalid_request'; error: z.core.$ZodError }> {
  const { temperature, top_p, stop, tools, tool_choice, parallel_tool_calls, response_format } = request;
  const extra = extraOf(request);
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  const chat = chatOptions.safeParse({
    messages: request.messages.map(messageOf),
    ...(tools == null || tools.length === 0 ? {} : { tools: toolsOf(tools) }),
    ...(tool_choice == null ? {} : { tool_choice: choiceOf(tool_choice) }),
    ...(parallel_tool_calls == null ? {} : { parallel_tool_calls }),
    ...(response_format == null ? {} : { response_format: formatOf(response_format) }),
    ...(temperature == null ? {} : { temperature }),
    ...(top_p == null ? {} : { top_p }),
    ...(stops.length === 0 ? {} : { stop: stops }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  });
  if (!chat.success) return fail({ code: 'invalid_request', error: chat.error });
  const max_output_tokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  return ok({ model: request.model, max_output_tokens, chat: chat.data });
}
