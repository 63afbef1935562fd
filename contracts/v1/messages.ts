import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';

/**
 * POST /v1/messages as Anthropic's own SDKs send it (platform.claude.com/docs/en/api/messages). Hints that change neither the answer
 * nor its price, such as `cache_control`, are taken and not used. What would change them and is not offered is refused by name.
 */

const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() });

const imageBlock = z.looseObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.looseObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
      data: z.base64(),
    }),
    z.looseObject({ type: z.literal('url'), url: z.url({ protocol: /^https$/, error: 'An https URL' }) }),
  ]),
});

/** What a tool answered. Only text: no other kind of provider takes images there. */
const toolResultBlock = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().min(1).max(1_000),
  content: z.union([z.string(), z.array(textBlock)], 'Text, or blocks of text').nullish(),
  is_error: z.boolean().nullish(),
});

const toolUseBlock = z.looseObject({
  type: z.literal('tool_use'),
  id: z.string().min(1).max(1_000),
  name: z.string().min(1).max(128),
  input: z.record(z.string(), z.unknown()),
});

const thinkingBlock = z.looseObject({ type: z.literal('thinking'), thinking: z.string() });
const redactedThinkingBlock = z.looseObject({ type: z.literal('redacted_thinking'), data: z.string() });

/** Text, or blocks. Not a union, whose errors would not say which block is wrong. */
const blocks = <Block extends z.ZodType>(block: Block) =>
  z.preprocess(
    (content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content),
    z.array(block, 'Text, or a list of blocks'),
  );

const system = blocks(textBlock);

const messageParam = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('system'), content: system }),
  z.looseObject({
    role: z.literal('user'),
    content: blocks(z.discriminatedUnion('type', [textBlock, imageBlock, toolResultBlock])),
  }),
  z.looseObject({
    role: z.literal('assistant'),
    content: blocks(
      z.discriminatedUnion('type', [textBlock, toolUseBlock, thinkingBlock, redactedThinkingBlock]),
    ),
  }),
]);
export type MessageParam = z.infer<typeof messageParam>;

const tool = z.looseObject({
  /** Tools that Anthropic runs itself have types of their own: they are billed beside the tokens, so they are refused. */
  type: z.literal('custom', 'Only custom tools: those you run yourself').nullish(),
  name: z.string().regex(/^[\w-]{1,64}$/, 'letters, digits, _ and -, at most 64'),
  description: z.string().max(10_000).optional(),
  input_schema: z.record(z.string(), z.unknown()),
  strict: z.boolean().nullish(),
});

const oneAtATime = { disable_parallel_tool_use: z.boolean().nullish() };

const toolChoice = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('auto'), ...oneAtATime }),
  z.looseObject({ type: z.literal('any'), ...oneAtATime }),
  z.looseObject({ type: z.literal('tool'), name: z.string().min(1).max(64), ...oneAtATime }),
  z.looseObject({ type: z.literal('none') }),
]);

export const messagesRequest = z.strictObject({
  model: z.string().min(1).max(200),
  max_tokens: z.int().min(1).max(OUTPUT_TOKENS_MAX),
  messages: z.array(messageParam).min(1).max(1_000),
  system: system.optional(),
  stop_sequences: z.array(z.string().min(1).max(500)).max(4).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  tools: z.array(tool).max(128).optional(),
  tool_choice: toolChoice.optional(),
  /** JSON of a schema as the answer. */
  output_config: z
    .strictObject({
      format: z
        .looseObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) })
        .nullish(),
    })
    .optional(),
  thinking: z.looseObject({ type: z.literal('disabled', 'Thinking is not offered here') }).optional(),
  metadata: z.looseObject({}).optional(),
  cache_control: z.looseObject({}).nullish(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;

const count = z.int().min(0);

/** Usage as Anthropic counts it: the classes of the prompt are disjoint, thinking is part of the output. */
export const anthropicUsage = z.object({
  input_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  output_tokens: count,
  output_tokens_details: z.object({ thinking_tokens: count }),
});
export type AnthropicUsage = z.infer<typeof anthropicUsage>;

export const anthropicMessage = z.object({
  id: z.string(),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: z.string(),
  content: z.array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text'), text: z.string(), citations: z.null() }),
      z.object({
        type: z.literal('tool_use'),
        id: z.string(),
        name: z.string(),
        input: z.record(z.string(), z.unknown()),
      }),
    ]),
  ),
  stop_reason: z.enum(['end_turn', 'max_tokens', 'tool_use', 'refusal']).nullable(),
  /** Always null: which sequence ended the answer is not known of every provider. */
  stop_sequence: z.null(),
  usage: anthropicUsage,
});
export type AnthropicMessage = z.infer<typeof anthropicMessage>;

/** Every error of `/v1/messages`, in Anthropic's shape; `details.error_code` is one of our own (contracts/errors.ts). */
export const anthropicError = z.object({
  type: z.literal('error'),
  error: z.object({
    type: z.enum([
      'invalid_request_error',
      'authentication_error',
      'billing_error',
      'permission_error',
      'not_found_error',
      'request_too_large',
      'rate_limit_error',
      'overloaded_error',
      'api_error',
    ]),
    message: z.string(),
    details: z.looseObject({ error_code: z.string() }),
  }),
  request_id: z.string(),
});
export type AnthropicError = z.infer<typeof anthropicError>;
