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
