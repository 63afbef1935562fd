import { textOf } from '../chat/conversation.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import { type ChatQuirks, readChatError, readOpenAiUsage } from '../openai/answer.ts';
import type { ChatDialect } from '../openai/dialect.ts';
import { chatParams } from '../openai/request.ts';
import type { NeutralRequest, ProviderFailure } from '../provider.ts';
import { configurationFault } from '../transport/failure.ts';

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

/**
 * The request in DeepSeek's format: the output limit is `max_tokens`. `parallel_tool_calls` does not exist, and `strict` needs
 * another base URL (guides/tool_calls), so both are left out.
 */
function deepSeekParams({ tools, parallel_tool_calls: _, ...request }: NeutralRequest) {
  return chatParams(
    {
      ...request,
      messages: request.messages.map(withOneText),
      ...(tools !== undefined && { tools: tools.map(({ strict: _, ...tool }) => tool) }),
    },
    'max_tokens',
  );
}

/**
 * Usage in disjoint classes. Tokens read from the cache are `prompt_cache_hit_tokens`; `prompt_tokens` is their sum with
 * `prompt_cache_miss_tokens` (guides/kv_cache). Writing to the cache is not charged.
 */
function readDeepSeekUsage(reported: unknown) {
  const usage = fieldsOf(reported);
  if (usage === null) return null;
  const details = fieldsOf(usage.prompt_tokens_details);
  const cached_tokens = usage.prompt_cache_hit_tokens ?? details?.cached_tokens;
  return readOpenAiUsage({ ...usage, prompt_tokens_details: { cached_tokens } });
}

/** A documented finish reason: the provider stopped the answer because it lacked resources. */
const outOfResources: ProviderFailure = {
  kind: 'overloaded',
  retryable: true,
  retry_after_ms: null,
  status: 200,
  message: 'The provider stopped the answer because its inference system lacked resources',
};

const quirks: ChatQuirks = {
  readUsage: readDeepSeekUsage,
  failureOfReason: (reason) => (reason === 'insufficient_system_resource' ? outOfResources : null),
};

/** Reads an error. An unknown model is 400 "Model Not Exist" with the code of any invalid request (langbot-app/LangBot#1643). */
function readDeepSeekError(error: unknown, now_ms: number): ProviderFailure {
  const failure = readChatError(error, now_ms);
  const { status, message, retry_after_ms } = failure;
  return status === 400 && /model not exist/i.test(message)
    ? configurationFault({ status, message, retry_after_ms })
    : failure;
}

/** DeepSeek's requests and answers. */
export const deepSeekDialect: ChatDialect = { params: deepSeekParams, readError: readDeepSeekError, quirks };
