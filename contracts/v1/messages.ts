import { z } from 'zod';
import { OUTPUT_TOKENS_MAX } from '../api/executions.ts';
import {
  calledToolName,
  jsonSchema,
  stopSequence,
  TEXT_MAX,
  TOOLS_MAX,
  toolCallId,
  toolName,
} from '../chat.ts';

/**
 * POST /v1/messages as Anthropic's SDKs send it (platform.claude.com/docs/en/api/messages). Hints that change neither the answer nor
 * its price, such as `cache_control`, are accepted and ignored. Unsupported fields that would change them are refused by name.
 */

const textBlock = z
  .looseObject({
    type: z.literal('text').describe('A text.'),
    text: z.string().max(TEXT_MAX).describe('The text.'),
  })
  .meta({ id: 'MessageTextBlock' });

const imageBlock = z
  .looseObject({
    type: z.literal('image').describe('An image.'),
    source: z
      .discriminatedUnion('type', [
        z.looseObject({
          type: z.literal('base64').describe('The image as base64.'),
          media_type: z
            .enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])
            .describe('The type of the image.'),
          data: z.base64().describe('The bytes, in base64.'),
        }),
        z.looseObject({
          type: z.literal('url').describe('An address from which the provider fetches the image.'),
          url: z
            .url({ protocol: /^https$/, error: 'An https URL' })
            .describe('An https URL the provider can fetch.'),
        }),
      ])
      .describe('The image: its bytes, or its URL.'),
  })
  .meta({ id: 'MessageImageBlock' });

/** A tool's result. Only text: other kinds of providers accept no images here. */
const toolResultBlock = z
  .looseObject({
    type: z.literal('tool_result').describe('The result of a tool call.'),
    tool_use_id: toolCallId,
    content: z
      .union([z.string().max(TEXT_MAX), z.array(textBlock)])
      .nullish()
      .describe('The result: text, or blocks of text.'),
    is_error: z.boolean().nullish().describe('True if the tool failed. The content explains the failure.'),
  })
  .meta({ id: 'MessageToolResultBlock' });

const toolUseBlock = z
  .looseObject({
    type: z.literal('tool_use').describe('A tool call.'),
    id: toolCallId,
    name: calledToolName,
    input: z
      .record(z.string(), z.unknown())
      .refine((input) => JSON.stringify(input).length <= TEXT_MAX, 'Too long')
      .describe('The arguments.'),
  })
  .meta({ id: 'MessageToolUseBlock' });

const thinkingBlock = z
  .looseObject({
    type: z.literal('thinking').describe("The model's reasoning."),
    thinking: z.string().describe('The reasoning.'),
  })
  .describe('Accepted and ignored, because only the provider that wrote it can read it.')
  .meta({ id: 'MessageThinkingBlock' });
const redactedThinkingBlock = z
  .looseObject({
    type: z.literal('redacted_thinking').describe("The model's reasoning, encrypted."),
    data: z.string().describe('The reasoning.'),
  })
  .describe('Accepted and ignored, because only the provider that wrote it can read it.')
  .meta({ id: 'MessageRedactedThinkingBlock' });

const systemText = z.union([z.string().max(TEXT_MAX), z.array(textBlock)]).meta({ id: 'MessageSystemText' });

const messageParam = z
  .discriminatedUnion('role', [
    z.looseObject({
      role: z
        .literal('system')
        .describe('A message with instructions. It takes precedence over user messages.'),
      content: systemText.describe('The instructions.'),
    }),
    z.looseObject({
      role: z.literal('user').describe('A message from the user.'),
      content: z
        .union([
          z.string().max(TEXT_MAX),
          z.array(z.discriminatedUnion('type', [textBlock, imageBlock, toolResultBlock])).min(1),
        ])
        .describe('The message: text, or blocks of text, images and tool results.'),
    }),
    z.looseObject({
      role: z.literal('assistant').describe('A message from the model.'),
      content: z
        .union([
          z.string().max(TEXT_MAX),
          z.array(
            z.discriminatedUnion('type', [textBlock, toolUseBlock, thinkingBlock, redactedThinkingBlock]),
          ),
        ])
        .describe('The message: text, or blocks of text and tool calls.'),
    }),
  ])
  .meta({ id: 'MessageParam' });
export type MessageParam = z.infer<typeof messageParam>;

const tool = z
  .looseObject({
    type: z
      .literal('custom', 'Only custom tools: those you run yourself')
      .nullish()
      .describe(
        'Only custom tools are supported. Tools that Anthropic runs itself are billed separately, so they are refused.',
      ),
    name: toolName,
    description: z.string().max(TEXT_MAX).optional().describe('A description of the tool, for the model.'),
    input_schema: jsonSchema.describe('The parameters, as a JSON Schema of an object.'),
    strict: z
      .boolean()
      .nullish()
      .describe('If true, arguments must match the schema, where the provider supports it.'),
  })
  .meta({ id: 'MessageTool' });

const oneAtATime = {
  disable_parallel_tool_use: z
    .boolean()
    .nullish()
    .describe('If true, the model calls at most one tool at a time.'),
};

const toolChoice = z
  .discriminatedUnion('type', [
    z.looseObject({ type: z.literal('auto').describe('The model decides.'), ...oneAtATime }),
    z.looseObject({
      type: z.literal('any').describe('The model must call at least one tool.'),
      ...oneAtATime,
    }),
    z.looseObject({
      type: z.literal('tool').describe('The model must call the named tool.'),
      name: toolName,
      ...oneAtATime,
    }),
    z.looseObject({ type: z.literal('none').describe('The model must not call a tool.') }),
  ])
  .meta({ id: 'MessageToolChoice' });

/** A request. Unknown fields are refused by name. */
export const messagesRequest = z
  .strictObject({
    model: z.string().min(1).max(200).describe('The name of a model from `GET /v1/models`.'),
    max_tokens: z
      .int()
      .min(1)
      .max(OUTPUT_TOKENS_MAX)
      .describe('The largest answer, in tokens. This much is reserved.'),
    messages: z.array(messageParam).min(1).describe('The conversation, oldest message first.'),
    system: systemText.optional().describe('The instructions.'),
    stop_sequences: z
      .array(stopSequence)
      .max(4)
      .optional()
      .describe('Up to 4 sequences that end the answer.'),
    stream: z.boolean().optional().describe('If true, the answer is streamed as server-sent events.'),
    temperature: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('The sampling temperature, 0 to 1. The newest models accept none.'),
    top_p: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Nucleus sampling: only the most likely tokens with this total probability are considered.'),
    tools: z.array(tool).max(TOOLS_MAX).optional().describe('The tools the model may call.'),
    tool_choice: toolChoice
      .optional()
      .describe(
        'Controls tool calls. `auto` (default) lets the model decide, `none` forbids calls, `any` forces at least one, and `tool` forces the named tool.',
      ),
    output_config: z
      .strictObject({
        format: z
          .looseObject({
            type: z.literal('json_schema').describe('JSON that matches a schema.'),
            schema: jsonSchema.describe('The JSON Schema of the answer.'),
          })
          .nullish()
          .describe('Forces JSON that matches a schema.'),
      })
      .optional()
      .describe('The format of the answer.'),
    thinking: z
      .looseObject({
        type: z
          .literal('disabled', 'Thinking is not offered here')
          .describe('The model answers without extended thinking.'),
      })
      .optional()
      .describe('Extended thinking is not supported: only `disabled` is accepted.'),
    metadata: z
      .looseObject({
        user_id: z.string().max(512).nullish().describe('Your id of the person behind the request.'),
      })
      .optional()
      .describe('Anthropic receives `user_id`. Other fields are accepted and ignored.'),
    cache_control: z.looseObject({}).nullish().describe('Accepted and ignored.'),
    service_tier: z.enum(['auto', 'standard_only']).optional().describe('Accepted and ignored.'),
  })
  .meta({ id: 'CreateMessageRequest' });
export type MessagesRequest = z.infer<typeof messagesRequest>;

const count = z.int().min(0);

/** Usage as Anthropic counts it: the classes of the prompt are disjoint, thinking is part of the output. */
export const anthropicUsage = z
  .object({
    input_tokens: count.describe('Prompt tokens that no cache holds.'),
    cache_creation_input_tokens: count.describe('Prompt tokens written to a cache.'),
    cache_read_input_tokens: count.describe('Prompt tokens read from a cache.'),
    output_tokens: count.describe('Tokens of the answer, reasoning included.'),
    output_tokens_details: z
      .object({ thinking_tokens: count.describe('Reasoning tokens, which are part of the answer.') })
      .describe('Details of the output tokens.'),
  })
  .meta({ id: 'MessageUsage' });
export type AnthropicUsage = z.infer<typeof anthropicUsage>;

/** A complete answer. */
export const anthropicMessage = z
  .object({
    id: z
      .string()
      .describe('`msg_` and the id of the execution. Its receipt is at `/api/ai/executions/{id}`.'),
    type: z.literal('message').describe('The type of the object.'),
    role: z.literal('assistant').describe('A message from the model.'),
    model: z.string().describe('The model you asked for.'),
    content: z
      .array(
        z.discriminatedUnion('type', [
          z.object({
            type: z.literal('text').describe('A text.'),
            text: z.string().describe('The text of the answer.'),
            citations: z.null().describe('Always null.'),
          }),
          z.object({
            type: z.literal('tool_use').describe('A tool call.'),
            id: z.string().describe("The id of the call. Send it with the tool's result."),
            name: z.string().describe('The name of the tool.'),
            input: z.record(z.string(), z.unknown()).describe('The arguments.'),
          }),
        ]),
      )
      .describe('The blocks of the answer: text and tool calls.'),
    stop_reason: z
      .enum(['end_turn', 'max_tokens', 'tool_use', 'refusal'])
      .nullable()
      .describe(
        'The reason the answer ended: `end_turn`: it is complete; `max_tokens`: it reached the output limit; `tool_use`: it asks for tool calls; `refusal`: a filter stopped it.',
      ),
    stop_sequence: z.null().describe('Always null: not every provider reports the sequence.'),
    usage: anthropicUsage.describe('Provider tokens used.'),
  })
  .meta({ id: 'AnthropicMessage' });
export type AnthropicMessage = z.infer<typeof anthropicMessage>;

/** The error response of `/v1/messages`, in Anthropic's format. */
export const anthropicError = z
  .object({
    type: z.literal('error').describe('The type of the object.'),
    error: z
      .object({
        type: z
          .enum([
            'invalid_request_error',
            'authentication_error',
            'billing_error',
            'permission_error',
            'not_found_error',
            'request_too_large',
            'rate_limit_error',
            'overloaded_error',
            'api_error',
          ])
          .describe('The type of error, by HTTP status.'),
        message: z.string().describe('A sentence for people: the problem and how to fix it.'),
        details: z
          .looseObject({ error_code: z.string().describe('The error code.') })
          .describe('The fields and their rules, or the limit with its scope and the time it resets.'),
      })
      .describe('The error.'),
    request_id: z.string().describe('The id of the request. Quote it when you ask for help.'),
  })
  .meta({ id: 'AnthropicError' });
export type AnthropicError = z.infer<typeof anthropicError>;

const blockIndex = count.describe("The position of the block in the message's content, from 0.");

/** One event of a streamed answer, the data of a server-sent event whose name is the event's `type`. */
export const messageStreamEvent = z
  .discriminatedUnion('type', [
    z
      .object({
        type: z.literal('message_start').describe('The first event.'),
        message: anthropicMessage.describe('The message without content. Its usage is zero until the end.'),
      })
      .meta({ id: 'MessageStartEvent' }),
    z
      .object({ type: z.literal('ping').describe('An event without meaning.') })
      .meta({ id: 'MessagePingEvent' }),
    z
      .object({
        type: z.literal('content_block_start').describe('The start of a block.'),
        index: blockIndex,
        content_block: z
          .discriminatedUnion('type', [
            z
              .object({
                type: z.literal('text').describe('A text.'),
                text: z.string().describe('Always empty: the text follows in deltas.'),
              })
              .meta({ id: 'MessageTextBlockStart' }),
            z
              .object({
                type: z.literal('tool_use').describe('A tool call.'),
                id: z.string().describe('The id of the call.'),
                name: z.string().describe('The name of the tool.'),
                input: z
                  .record(z.string(), z.unknown())
                  .describe('Always empty: the arguments follow in deltas.'),
              })
              .meta({ id: 'MessageToolUseBlockStart' }),
          ])
          .meta({ id: 'MessageBlockStart', description: 'The block without its content.' }),
      })
      .meta({ id: 'MessageContentBlockStartEvent' }),
    z
      .object({
        type: z.literal('content_block_delta').describe('A piece of a block.'),
        index: blockIndex,
        delta: z
          .discriminatedUnion('type', [
            z
              .object({
                type: z.literal('text_delta').describe('A piece of text.'),
                text: z.string().describe('The piece.'),
              })
              .meta({ id: 'MessageTextDelta' }),
            z
              .object({
                type: z.literal('input_json_delta').describe("A piece of a tool call's arguments."),
                partial_json: z.string().describe('The piece. All pieces of a block together are JSON.'),
              })
              .meta({ id: 'MessageInputJsonDelta' }),
          ])
          .meta({ id: 'MessageBlockDelta', description: 'The piece.' }),
      })
      .meta({ id: 'MessageContentBlockDeltaEvent' }),
    z
      .object({
        type: z.literal('content_block_stop').describe('The end of a block.'),
        index: blockIndex,
      })
      .meta({ id: 'MessageContentBlockStopEvent' }),
    z
      .object({
        type: z.literal('message_delta').describe('The event before the last.'),
        delta: anthropicMessage
          .pick({ stop_reason: true, stop_sequence: true })
          .meta({ id: 'MessageDelta', description: 'The reason the answer ended.' }),
        usage: anthropicUsage.describe("The usage, in the provider's tokens."),
      })
      .meta({ id: 'MessageDeltaEvent' }),
    z
      .object({ type: z.literal('message_stop').describe('The last event of a whole answer.') })
      .meta({ id: 'MessageStopEvent' }),
    anthropicError,
  ])
  .meta({ id: 'MessageStreamEvent' });
export type MessageStreamEvent = z.infer<typeof messageStreamEvent>;
