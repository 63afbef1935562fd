import { z } from 'zod';
import { chatCompletionsApi, chatUsage, refuseChat } from './openai-api.ts';
import { readChatRequest } from './openai-body.ts';
import { describeIssues, type ParsedRequest } from './simulated-api.ts';

/**
 * DeepSeek's chat completions (https://api-docs.deepseek.com/api/create-chat-completion). Parameters of OpenAI's that DeepSeek
 * does not document are refused, so that tests notice them.
 */

const undocumented = z.undefined('is not a parameter of this API').optional();
const body = z.object({
  // Texts are strings: "invalid type: sequence, expected a string" is the answer to a list of parts.
  messages: z.array(z.object({ content: z.string().nullish() })),
  response_format: z.object({ type: z.enum(['text', 'json_object']) }).optional(),
  tools: z.array(z.object({ function: z.object({ strict: undocumented }) })).optional(),
  max_completion_tokens: undocumented,
  parallel_tool_calls: undocumented,
});

function readDeepSeekRequest(raw: unknown): ParsedRequest {
  const parsed = body.safeParse(raw);
  return parsed.success ? readChatRequest(raw) : { ok: false, message: describeIssues(parsed.error) };
}

/** The part of every prompt that is reported as read from the cache. */
const CACHED_TOKENS = 2;

/** DeepSeek's API, as far as adapters use it. */
export const deepSeekApi = chatCompletionsApi({
  provider: 'deepseek',
  base_path: '/deepseek/v1',
  read: readDeepSeekRequest,
  usageOf(answer, mode) {
    const { prompt_tokens, completion_tokens, total_tokens } = chatUsage(answer, mode);
    const prompt_cache_hit_tokens = CACHED_TOKENS;
    const prompt_cache_miss_tokens = answer.input_tokens - CACHED_TOKENS;
    return {
      prompt_tokens,
      completion_tokens,
      total_tokens,
      prompt_cache_hit_tokens,
      prompt_cache_miss_tokens,
    };
  },
  refuse(refusal) {
    if (refusal.why !== 'unknown_model') return refuseChat(refusal);
    const error = {
      message: 'Model Not Exist',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_request_error',
    };
    return { status: 400, body: { error } };
  },
});
