import { defaultSettings, type ProviderSettings } from '../../../contracts/catalog/provider-settings.ts';
import { textOf } from '../chat/conversation.ts';
import type { ChatDialect } from '../openai/dialect.ts';
import { readChatError } from '../openai/errors.ts';
import { chatParams } from '../openai/request.ts';
import type { NeutralRequest } from '../provider.ts';

/**
 * DeepSeek's variant of OpenAI's chat completions (https://api-docs.deepseek.com/api/create-chat-completion). Pure.
 */

type Message = NeutralRequest['messages'][number];

/**
 * The message with its text as one string. DeepSeek refuses lists of parts outside the user's messages: "invalid type: sequence,
 * expected a string" (BerriAI/litellm#6642).
 */
function withOneText(message: Message): Message {
  const texts = message.content.flatMap((part) => (part.type === 'text' ? [part] : []));
  return texts.length < 2 ? message : { ...message, content: [{ type: 'text', text: textOf(texts) }] };
}

/** The most sequences that end an answer. */
export const DEEPSEEK_STOPS_MAX = 16;

/** DeepSeek expects the reasoning of a turn with tool calls back, ignores that of others (guides/thinking_mode), and caches by itself. */
const deepSeek = {
  output_limit_name: 'max_tokens',
  carried: { reasoning: true, cache_marks: false },
  stops_max: DEEPSEEK_STOPS_MAX,
} as const;

/**
 * The request in DeepSeek's format: the output limit is `max_tokens`. `parallel_tool_calls` does not exist, and `strict` needs
 * another base URL (guides/tool_calls), so both are left out.
 */
function deepSeekParams(
  { tools, parallel_tool_calls: _, ...request }: NeutralRequest,
  _base_url: string,
  { allow_parameters }: ProviderSettings = defaultSettings,
) {
  return chatParams(
    {
      ...request,
      messages: request.messages.map(withOneText),
      ...(tools !== undefined && { tools: tools.map(({ strict: _, ...tool }) => tool) }),
    },
    { ...deepSeek, allowed: allow_parameters },
  );
}

/** DeepSeek's requests and answers. */
export const deepSeekDialect: ChatDialect = { params: deepSeekParams, readError: readChatError };
