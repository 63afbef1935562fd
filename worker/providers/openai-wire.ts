import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import { z } from 'zod';
import type { Usage } from '../../contracts/usage.ts';
import {
  configurationFault,
  credentialFault,
  failureOfStatus,
  failureWithoutStatus,
  filtered,
  invalidResponse,
} from './failure.ts';
import type { Completion, NeutralRequest, ProviderFailure, ProviderResult } from './provider.ts';
import { fieldsOf, optionalCount, requiredCount, usageOf } from './reported-usage.ts';
import { waitFromHeaders } from './retry-after.ts';

/** OpenAI's chat completions, between its wire format and ours. Pure. */

const openAiHosts = /(^|\.)(openai\.com|openai\.azure\.com|services\.ai\.azure\.com)$/;

/**
 * The name of the output limit. OpenAI's current models refuse `max_tokens`, and all it serves take
 * `max_completion_tokens`. Of the compatible servers Mistral refuses and Ollama ignores the new name, while all of them
 * take the old one; sending both is refused by OpenAI. So the host decides.
 */
export function outputLimitName(base_url: string | null): 'max_completion_tokens' | 'max_tokens' {
  if (base_url === null) return 'max_completion_tokens';
  const { hostname } = new URL(base_url);
  return openAiHosts.test(hostname) ? 'max_completion_tokens' : 'max_tokens';
}

/** The request in OpenAI's shape. */
export function chatCompletionParams(
  request: NeutralRequest,
  base_url: string | null,
): ChatCompletionCreateParamsNonStreaming {
  return {
    model: request.model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    [outputLimitName(base_url)]: request.max_output_tokens,
  };
}

/** What must be there for the answer to be one. Servers differ in everything else. */
const chatCompletion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.unknown().optional(),
});

const finishReasons = new Map<string, Completion['finish_reason']>([
  ['length', 'length'],
  ['content_filter', 'content_filter'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
]);

/**
 * Usage in disjoint classes. `prompt_tokens` includes what was read from and written to the cache, `completion_tokens`
 * includes reasoning; a few compatible servers leave reasoning out of it, which their total gives away.
 */
function readUsage(reported: unknown): Usage | null {
  const usage = fieldsOf(reported);
  if (usage === null) return null;
  const prompt = requiredCount(usage.prompt_tokens);
  const completion = requiredCount(usage.completion_tokens);
  const promptDetails = fieldsOf(usage.prompt_tokens_details);
  const cache_read_tokens = optionalCount(promptDetails?.cached_tokens);
  const cache_write_tokens = optionalCount(promptDetails?.cache_write_tokens);
  const reasoning_tokens = optionalCount(fieldsOf(usage.completion_tokens_details)?.reasoning_tokens);
  if (prompt === null || completion === null) return null;
  if (cache_read_tokens === null || cache_write_tokens === null || reasoning_tokens === null) return null;
  const reasoningIsApart = usage.total_tokens === prompt + completion + reasoning_tokens;
  return usageOf({
    input_tokens: prompt - cache_read_tokens - cache_write_tokens,
    cache_read_tokens,
    cache_write_tokens,
    output_tokens: reasoningIsApart ? completion + reasoning_tokens : completion,
    reasoning_tokens,
  });
}

/** Reads the body of a successful call. */
export function readChatCompletion(body: unknown): ProviderResult {
  const parsed = chatCompletion.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (choice === undefined)
    return { ok: false, failure: invalidResponse('The body is not a chat completion') };
  const { content, refusal } = choice.message;
  const refused = typeof refusal === 'string' && refusal !== '';
  return {
    ok: true,
    completion: {
      text: content || (refused ? refusal : ''),
      finish_reason: refused
        ? 'content_filter'
        : (finishReasons.get(choice.finish_reason ?? 'stop') ?? 'stop'),
      usage: readUsage(parsed.data?.usage),
    },
  };
}

/** The parts of the SDK's APIError that matter. */
const apiError = z.object({
  status: z.int(),
  headers: z.instanceof(Headers),
  message: z.string(),
  code: z.string().nullish(),
});

/** Reads what the SDK threw. */
export function readChatError(error: unknown, now_ms: number): ProviderFailure {
  const parsed = apiError.safeParse(error);
  if (!parsed.success) return failureWithoutStatus(error);
  const { status, headers, message, code } = parsed.data;
  const http = { status, message, retry_after_ms: waitFromHeaders(headers, now_ms) };
  switch (code) {
    case 'invalid_api_key':
    case 'insufficient_quota':
    case 'billing_hard_limit_reached':
      return credentialFault(http);
    case 'model_not_found':
      return configurationFault(http);
    case 'content_filter':
    case 'content_policy_violation':
      return filtered(http);
    default:
      return failureOfStatus(http);
  }
}
