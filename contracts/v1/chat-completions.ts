import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';

/**
 * POST /v1/chat/completions as OpenAI's own SDKs send it (platform.openai.com/docs/api-reference/chat). Loose where OpenAI adds
 * fields: what we do not know is passed on to providers that speak this API, or refused by name where it would change the cost.
 */

const textPart = z.looseObject({ type: z.literal('text'), text: z.string() });

const imagePart = z.looseObject({
  type: z.literal('image_url'),
  image_url: z.looseObject({
    /** An https URL, or a data URL with base64. */
    url: z.string().min(1),
    detail: z.enum(['auto', 'low', 'high']).optional(),
  }),
});

const text = z.union([z.string(), z.array(textPart).min(1)]);

const toolCall = z.looseObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
});

export const openAiMessage = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('system'), content: text }),
  z.looseObject({ role: z.literal('developer'), content: text }),
  z.looseObject({
    role: z.literal('user'),
    content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, imagePart])).min(1)]),
  }),
  z.looseObject({
    role: z.literal('assistant'),
    content: text.nullish(),
    tool_calls: z.array(toolCall).nullish(),
  }),
  z.looseObject({ role: z.literal('tool'), tool_call_id: z.string().min(1), content: text }),
]);
export type OpenAiMessage = z.infer<typeof openAiMessage>;

const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string().min(1),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: z.boolean().nullish(),
  }),
});

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string().min(1) }) }),
]);

const responseFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name: z.string().min(1),
      schema: z.record(z.string(), z.unknown()).optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const outputTokens = z.int().min(1).max(OUTPUT_TOKENS_MAX).nullish();

export const chatCompletionRequest = z.looseObject({
  model: z.string().min(1).max(200),
  messages: z.array(openAiMessage).min(1).max(1_000),
  max_completion_tokens: outputTokens,
  /** The older name of `max_completion_tokens`. */
  max_tokens: outputTokens,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
});
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>;

const count = z.int().min(0);

/** Usage as OpenAI counts it: what was read from a cache is part of the prompt, reasoning part of the completion. */
export const openAiUsage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count }),
  completion_tokens_details: z.object({ reasoning_tokens: count }),
});
export type OpenAiUsage = z.infer<typeof openAiUsage>;

export const chatCompletion = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: count,
  model: z.string(),
  choices: z.array(
    z.object({
      index: count,
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.null(),
        tool_calls: z.array(toolCall).optional(),
      }),
      logprobs: z.null(),
      finish_reason: z.enum(['stop', 'length', 'content_filter', 'tool_calls']),
    }),
  ),
  usage: openAiUsage.optional(),
});
export type ChatCompletion = z.infer<typeof chatCompletion>;

/** A model as `GET /v1/models` shows it. */
export const openAiModel = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: count,
  owned_by: z.string(),
});
export type OpenAiModel = z.infer<typeof openAiModel>;

/** Every error of `/v1`, in OpenAI's shape; `code` is one of our own (contracts/errors.ts). */
export const openAiError = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum([
      'invalid_request_error',
      'authentication_error',
      'permission_error',
      'insufficient_quota',
      'rate_limit_error',
      'server_error',
    ]),
    param: z.string().nullable(),
    code: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
    request_id: z.string(),
  }),
});
export type OpenAiError = z.infer<typeof openAiError>;
